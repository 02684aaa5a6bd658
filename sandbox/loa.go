package sandbox

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"

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
	rows := [][2]string{
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
	}
	for _, row := range rows {
		pdf.SetFont("Go", "B", 11)
		pdf.CellFormat(35, 7, row[0], "", 0, "L", false, 0, "")
		pdf.SetFont("Go", "", 11)
		pdf.SetLeftMargin(60) // so that all lines of the value begin there
		pdf.MultiCell(0, 7, printable(row[1]), "", "L", false)
		pdf.SetLeftMargin(25)
		pdf.SetX(25)
	}

	if note := missingNote(rows); note != "" {
		pdf.SetFont("Go", "", 9)
		pdf.Ln(3)
		pdf.MultiCell(0, 5, note, "", "L", false)
		pdf.SetFont("Go", "", 11)
	}
	pdf.Ln(6)
	pdf.MultiCell(0, 6, "The customer named above may have one cross-connect laid to the port named above. The demarcation is "+
		"that port.", "", "L", false)

	var document bytes.Buffer
	err := pdf.Output(&document)
	return document.Bytes(), err
}

// font knows which characters the letter can show. All its weights have the same.
var font = sync.OnceValue(func() *sfnt.Font {
	f, err := sfnt.Parse(goregular.TTF)
	if err != nil {
		panic(err) // it is part of the program
	}
	return f
})

// missingNote says which characters of a letter a reader cannot see; "" if they all can be seen. The letter of the service may show them.
func missingNote(rows [][2]string) string {
	var boxes, replaced []string
	var buffer sfnt.Buffer
	for _, row := range rows {
		for _, r := range row[1] {
			glyph, err := font().GlyphIndex(&buffer, r)
			list := &boxes
			switch {
			case printable(string(r)) != string(r):
				list = &replaced
			case r == '\n' || err == nil && glyph != 0:
				continue
			}
			if name := fmt.Sprintf("%U", r); !slices.Contains(*list, name) {
				*list = append(*list, name)
			}
		}
	}
	var notes []string
	if len(boxes) > 0 {
		notes = append(notes, "The font of this sandbox lacks some characters, and shows a box for each: "+some(boxes)+
			". To copy the text from this document gives the right ones.")
	}
	if len(replaced) > 0 {
		notes = append(notes, "Some characters are replaced, as this sandbox cannot write them: "+some(replaced)+".")
	}
	return strings.Join(notes, " ")
}

// some lists the first of some names, and says how many there are in all.
func some(names []string) string {
	const most = 8
	text := strings.Join(names[:min(len(names), most)], " ")
	if len(names) > most {
		text += fmt.Sprintf(" and %d more", len(names)-most)
	}
	return text
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
