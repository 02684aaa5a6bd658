package schema

import (
	"math"
	"math/big"
	"math/bits"
	"strconv"
	"strings"
)

// Numbers are compared as the decimals they are written as, so that no digit of a large one is lost.

// A decimal is the value ±0.digits × 10^exponent, without leading or trailing zeros in digits; zero has no digits.
type decimal struct {
	negative bool
	digits   string
	exponent int
}

// maxExponent bounds the exponents that are told apart, so that computing with them cannot overflow.
const maxExponent = math.MaxInt / 4

// parseDecimal takes a JSON number literal.
func parseDecimal(literal string) decimal {
	var d decimal
	mantissa, exponent := literal, ""
	if i := strings.IndexAny(literal, "eE"); i >= 0 {
		mantissa, exponent = literal[:i], literal[i+1:]
	}
	mantissa, d.negative = strings.CutPrefix(mantissa, "-")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := whole + fraction
	trimmed := strings.TrimLeft(digits, "0")
	d.exponent = len(whole) - (len(digits) - len(trimmed))
	d.digits = strings.TrimRight(trimmed, "0")
	if d.digits == "" {
		return decimal{}
	}
	if exponent != "" {
		e, _ := strconv.Atoi(exponent) // which is the nearest integer if there are too many digits
		d.exponent = max(-maxExponent, min(maxExponent, d.exponent+max(-maxExponent, min(maxExponent, e))))
	}
	return d
}

func (d decimal) isInteger() bool { return len(d.digits) <= d.exponent || d.digits == "" }

// integer gives the plain spelling of an integer of at most 20 digits.
func (d decimal) integer() (string, bool) {
	switch {
	case d.digits == "":
		return "0", true
	case !d.isInteger() || d.exponent > 20:
		return "", false
	}
	text := d.digits + strings.Repeat("0", d.exponent-len(d.digits))
	if d.negative {
		text = "-" + text
	}
	return text, true
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
	return strings.Compare(d.digits, e.digits) * sign(!d.negative, 1)
}

func sign(positive bool, value int) int {
	if positive {
		return value
	}
	return -value
}

// multipleOf reports whether d is an integral multiple of e, exactly.
func (d decimal) multipleOf(e decimal) bool {
	if d.digits == "" {
		return true
	}
	// d/e = (d.digits / e.digits) × 10^shift, both digits taken as integers.
	shift := (d.exponent - len(d.digits)) - (e.exponent - len(e.digits))
	// An integral multiple of e has no digits below the last one of e, so that there is nothing to divide.
	if shift < 0 {
		return false
	}
	if len(e.digits) <= chunk {
		y, _ := strconv.ParseUint(e.digits, 10, 64)
		return remainder(d.digits, shift, y) == 0
	}
	y, _ := new(big.Int).SetString(e.digits, 10)
	x, power := new(big.Int), big.NewInt(1e18)
	for digits := d.digits; digits != ""; { // step by step, as to parse all digits takes time with the square of their number
		n := min(len(digits), chunk)
		part, _ := strconv.ParseInt(digits[:n], 10, 64)
		if digits = digits[n:]; n < chunk {
			power.Exp(big.NewInt(10), big.NewInt(int64(n)), nil)
		}
		x.Mod(x.Add(x.Mul(x, power), big.NewInt(part)), y)
	}
	x.Mul(x, power.Exp(big.NewInt(10), big.NewInt(int64(shift)), y))
	return x.Mod(x, y).Sign() == 0
}

// chunk is how many decimal digits fit 64 bits with room to spare.
const chunk = 18

// remainder is that of digits × 10^shift divided by y, which has at most chunk digits and is not 0.
func remainder(digits string, shift int, y uint64) uint64 {
	multiply := func(a, b uint64) uint64 {
		high, low := bits.Mul64(a, b)
		return bits.Rem64(high, low, y)
	}
	r := uint64(0)
	for i := range len(digits) {
		r = (r*10 + uint64(digits[i]-'0')) % y // r has at most chunk digits, so that this fits
	}
	for power := uint64(10); shift > 0; shift >>= 1 {
		if shift&1 != 0 {
			r = multiply(r, power%y)
		}
		power = multiply(power, power)
	}
	return r
}

// isDouble reports whether a JSON number literal lies within the range of a float64: it does not overflow, and does not turn
// into zero unless it is zero.
func isDouble(literal string) bool {
	if isShort(literal) {
		return true
	}
	f, err := strconv.ParseFloat(literal, 64)
	return err == nil && (f != 0 || parseDecimal(literal).digits == "")
}

// isFloat reports whether a number is within the range of a float32.
func isFloat(literal string) bool {
	f, err := strconv.ParseFloat(literal, 32)
	return err == nil && (f != 0 || parseDecimal(literal).digits == "")
}

// isShort reports whether a literal is too short to be out of range, as nearly all are.
func isShort(literal string) bool { return len(literal) < 300 && !strings.ContainsAny(literal, "eE") }

// IsZero reports whether a JSON number is zero, however it is spelled.
func IsZero(literal string) bool { return parseDecimal(literal).digits == "" }

// CompareNumbers compares two JSON numbers exactly: it is negative if x is less than y, and positive if it is more.
func CompareNumbers(x, y string) int { return parseDecimal(x).compare(parseDecimal(y)) }
