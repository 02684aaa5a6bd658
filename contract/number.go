package contract

import (
	"cmp"
	"math/big"
	"strconv"
	"strings"
)

// Numbers are compared as the decimals they are written as, so that no digit of a large one is lost.

// A decimal is the value ±0.digits × 10^exponent, without leading or trailing zeros in digits; zero has no digits.
type decimal struct {
	negative bool
	digits   string // a part of the literal, perhaps with its decimal point, which does not count
	count    int    // of the digits
	exponent int
}

// maxExponent bounds the exponents that are told apart. What lies beyond is not a double and is refused anyway.
const maxExponent = 1 << 20

// parseDecimal takes a JSON number literal.
func parseDecimal(literal string) decimal {
	var d decimal
	mantissa, exponent := literal, ""
	if i := strings.IndexAny(literal, "eE"); i >= 0 {
		mantissa, exponent = literal[:i], literal[i+1:]
	}
	mantissa, d.negative = strings.CutPrefix(mantissa, "-")
	d.digits = strings.TrimRight(strings.TrimLeft(mantissa, "0."), "0.")
	if d.digits == "" {
		return decimal{}
	}
	d.count = len(d.digits)
	if strings.IndexByte(d.digits, '.') >= 0 {
		d.count--
	}
	point := strings.IndexByte(mantissa, '.')
	if point < 0 {
		point = len(mantissa)
	}
	d.exponent = point - (len(mantissa) - len(strings.TrimLeft(mantissa, "0.")))
	if d.exponent < 0 {
		d.exponent++ // the point was among what was trimmed
	}
	if exponent != "" {
		e, err := strconv.Atoi(exponent)
		if err != nil || e > maxExponent || e < -maxExponent {
			e = maxExponent
			if strings.HasPrefix(exponent, "-") {
				e = -maxExponent
			}
		}
		d.exponent += e
	}
	return d
}

// appendDigits appends the digits without the point.
func (d decimal) appendDigits(b []byte) []byte {
	whole, fraction, _ := strings.Cut(d.digits, ".")
	return append(append(b, whole...), fraction...)
}

// small returns at most 18 digits as an integer.
func (d decimal) small() (n uint64) {
	for i := range len(d.digits) {
		if d.digits[i] != '.' {
			n = 10*n + uint64(d.digits[i]-'0')
		}
	}
	return n
}

func (d decimal) isInteger() bool { return d.count <= d.exponent || d.digits == "" }

// integer returns the plain spelling of an integer of at most 20 digits.
func (d decimal) integer() (string, bool) {
	switch {
	case d.digits == "":
		return "0", true
	case !d.isInteger() || d.exponent > 20:
		return "", false
	}
	var room [21]byte
	text := room[:0]
	if d.negative {
		text = append(text, '-')
	}
	text = d.appendDigits(text)
	for range d.exponent - d.count {
		text = append(text, '0')
	}
	return string(text), true
}

// isPlainInteger reports whether a number is an integer of at most 18 digits that is spelled without fraction and
// exponent.
func isPlainInteger(literal string) bool {
	digits := strings.TrimPrefix(literal, "-")
	if len(digits) > 18 || literal == "-0" {
		return false
	}
	for i := range len(digits) {
		if digits[i] < '0' || digits[i] > '9' {
			return false
		}
	}
	return true
}

func (d decimal) compare(e decimal) int {
	switch {
	case d.digits == "" && e.digits == "":
		return 0
	case d.digits == "":
		return sign(!e.negative, -1)
	case e.digits == "":
		return sign(!d.negative, 1)
	case d.negative != e.negative:
		return sign(!d.negative, 1)
	case d.exponent != e.exponent:
		return sign((d.exponent > e.exponent) != d.negative, 1)
	}
	return compareDigits(d.digits, e.digits) * sign(!d.negative, 1)
}

func compareDigits(a, b string) int {
	for {
		a, b = strings.TrimPrefix(a, "."), strings.TrimPrefix(b, ".")
		switch {
		case a == "" || b == "":
			return cmp.Compare(len(a), len(b))
		case a[0] != b[0]:
			return cmp.Compare(a[0], b[0])
		}
		a, b = a[1:], b[1:]
	}
}

func sign(positive bool, value int) int {
	if positive {
		return value
	}
	return -value
}

// multipleOf tells whether d is an integral multiple of e, exactly.
func (d decimal) multipleOf(e decimal) bool {
	if d.digits == "" {
		return true
	}
	// d/e = (d.digits / e.digits) × 10^shift, both digits taken as integers.
	shift := (d.exponent - d.count) - (e.exponent - e.count)
	// An integral multiple of e has no digits below the last one of e, so that there is nothing to divide.
	if shift < 0 {
		return false
	}
	if d.count <= 18 && e.count <= 18 && shift <= 1000 {
		x, y := d.small(), e.small()
		for x %= y; x != 0 && shift > 0; shift-- {
			x = x * 10 % y
		}
		return x == 0
	}
	x, _ := new(big.Int).SetString(string(d.appendDigits(nil)), 10)
	y, _ := new(big.Int).SetString(string(e.appendDigits(nil)), 10)
	x.Mul(x, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(shift)), y))
	return x.Mod(x, y).Sign() == 0
}

// overflows tells whether a JSON number literal is too large for a float64.
func overflows(literal string) bool {
	if isShort(literal) {
		return false
	}
	_, err := strconv.ParseFloat(literal, 64)
	return err != nil
}

// isDouble tells whether a JSON number literal lies within the range of a float64: it does not overflow, and does not
// turn into zero unless it is zero.
func isDouble(literal string) bool {
	if isShort(literal) {
		return true
	}
	f, err := strconv.ParseFloat(literal, 64)
	return err == nil && (f != 0 || parseDecimal(literal).digits == "")
}

// isFloat tells whether a number is within the range of a float32.
func isFloat(literal string) bool {
	f, err := strconv.ParseFloat(literal, 32)
	return err == nil && (f != 0 || parseDecimal(literal).digits == "")
}

// isShort tells whether a literal is too short to be out of range, as nearly all are.
func isShort(literal string) bool { return len(literal) < 300 && !strings.ContainsAny(literal, "eE") }

// fitsInteger tells whether the plain spelling of an integer fits the Go type that the format stands for.
func fitsInteger(text, format string) bool {
	var err error
	switch format {
	case "int8":
		_, err = strconv.ParseInt(text, 10, 8)
	case "int16":
		_, err = strconv.ParseInt(text, 10, 16)
	case "int32":
		_, err = strconv.ParseInt(text, 10, 32)
	case "uint8":
		_, err = strconv.ParseUint(text, 10, 8)
	case "uint16":
		_, err = strconv.ParseUint(text, 10, 16)
	case "uint32":
		_, err = strconv.ParseUint(text, 10, 32)
	case "uint64", "uint":
		_, err = strconv.ParseUint(text, 10, 64)
	default:
		_, err = strconv.ParseInt(text, 10, 64)
	}
	return err == nil
}
