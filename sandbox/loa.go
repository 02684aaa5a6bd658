package sandbox

import (
	"bytes"
	"strings"
	"time"
	"unicode"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"

	"github.com/interconnect-go/interconnect/generated/interconnect"
)

// letter returns a Letter of Authorization. It has the same bytes for the same arguments, and its text is not compressed.
func letter(customer string, ic interconnect.PhysicalInterconnect, now time.Time) ([]byte, error) {
	now = now.UTC().Truncate(time.Second)
	pdf := fpdf.New("P", "mm", "A4", "")
	pdf.SetCompression(false)
	pdf.SetCatalogSort(true)
	pdf.SetCreationDate(now)
	pdf.SetModificationDate(now)
	pdf.SetTitle("Letter of Authorization "+ic.Name, true)
	pdf.SetProducer("interconnect sandbox", true)
	pdf.AddUTF8FontFromBytes("Go", "", goregular.TTF)
	pdf.AddUTF8FontFromBytes("Go", "B", gobold.TTF)
	pdf.SetMargins(25, 25, 25)
	pdf.AddPage()

	pdf.SetFont("Go", "B", 18)
	pdf.MultiCell(0, 9, "Letter of Authorization", "", "L", false)
	pdf.SetFont("Go", "", 10)
	pdf.MultiCell(0, 6, "A specimen made by a sandbox. It authorizes nothing.", "", "L", false)
	pdf.Ln(6)

	device := "not stated"
	if ic.CCRDeviceName != nil {
		device = *ic.CCRDeviceName
	}
	for _, row := range [][2]string{
		{"Date", now.Format("2 January 2006")},
		{"Customer", customer},
		{"Account", ic.Account},
		{"Interconnect", ic.Name},
		{"Facility", ic.Facility.Name},
		{"Address", strings.Join(ic.Facility.Address, "\n")},
		{"Site", ic.Site},
		{"Device", device},
		{"Port (slot)", ic.SlotID.String()},
		{"Speed", ic.Speed},
	} {
		pdf.SetFont("Go", "B", 11)
		pdf.CellFormat(35, 7, row[0], "", 0, "L", false, 0, "")
		pdf.SetFont("Go", "", 11)
		pdf.SetLeftMargin(60) // so that all lines of the value begin there
		pdf.MultiCell(0, 7, printable(row[1]), "", "L", false)
		pdf.SetLeftMargin(25)
		pdf.SetX(25)
	}

	pdf.Ln(6)
	pdf.MultiCell(0, 6, "The customer named above may have one cross-connect laid to the port named above. The demarcation is "+
		"that port.", "", "L", false)

	var document bytes.Buffer
	err := pdf.Output(&document)
	return document.Bytes(), err
}

// printable replaces what the PDF library does not take: control characters and those beyond U+FFFF.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r > 0xFFFF || unicode.IsControl(r) && r != '\n' {
			return unicode.ReplacementChar
		}
		return r
	}, strings.ToValidUTF8(text, string(unicode.ReplacementChar)))
}
