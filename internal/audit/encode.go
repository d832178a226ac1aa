package audit

import (
	"math"
	"strconv"
	"unicode/utf8"
)

// timeLayout is RFC 3339 in UTC, to the microsecond: lines sort as text.
const timeLayout = "2006-01-02T15:04:05.000000Z"

// appendLine appends e as one line. It is written by hand: a line is written for
// every request, and what it costs each of them pays.
func (e *Entry) appendLine(b []byte) []byte {
	b = append(b, `{"time":"`...)
	b = e.Time.UTC().AppendFormat(b, timeLayout)
	b = append(b, `","request_id":`...)
	b = appendText(b, e.RequestID)
	b = appendMember(b, "client", e.Client)
	b = append(b, `,"decision":`...)
	b = appendText(b, e.Decision)
	b = appendMember(b, "reason", e.Reason)
	b = appendMember(b, "rule", e.Rule)
	b = appendMember(b, "issuer", e.Issuer)
	b = appendMember(b, "subject", e.Subject)
	b = appendMember(b, "client_id", e.ClientID)
	b = appendMember(b, "era", e.Era)
	b = appendMember(b, "method", e.Method)
	b = appendMember(b, "tool", e.Tool)
	b = appendMember(b, "prompt", e.Prompt)
	b = appendMember(b, "resource", e.Resource)
	b = appendList(b, "scopes_needed", e.Needs)
	b = appendList(b, "scopes_any_of", e.AnyOf)
	if e.Held != nil {
		b = appendTexts(appendName(b, "scopes_held"), e.Held)
	}
	b = append(b, `,"generation":`...)
	b = strconv.AppendUint(b, e.Generation, 10)
	b = append(b, `,"duration_ms":`...)
	b = appendMilliseconds(b, e.Milliseconds)
	b = append(b, `,"result":`...)
	b = appendText(b, e.Result)
	return append(b, "}\n"...)
}

// appendMilliseconds appends a number as JSON has it, which knows no infinity.
func appendMilliseconds(b []byte, ms float64) []byte {
	if math.IsNaN(ms) || math.IsInf(ms, 0) || ms < 0 {
		return append(b, '0')
	}
	return strconv.AppendFloat(b, ms, 'f', -1, 64)
}

// appendMember appends a member of an object, unless it is empty. name is a constant
// that needs no escape.
func appendMember(b []byte, name, value string) []byte {
	if value == "" {
		return b
	}
	return appendText(appendName(b, name), value)
}

func appendList(b []byte, name string, values []string) []byte {
	if len(values) == 0 {
		return b
	}
	return appendTexts(appendName(b, name), values)
}

func appendTexts(b []byte, values []string) []byte {
	b = append(b, '[')
	for i, v := range values {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendText(b, v)
	}
	return append(b, ']')
}

func appendName(b []byte, name string) []byte {
	b = append(b, `,"`...)
	b = append(b, name...)
	return append(b, `":`...)
}

const hexDigits = "0123456789abcdef"

// appendText appends s as a JSON string. Some of it is foreign: whatever is not to be
// seen is escaped, so that nothing ends the line for any reader (U+0085, U+2028), and
// nothing commands the terminal that shows it (U+001B, U+009B) or turns its direction
// (U+202E). What is no UTF-8 becomes U+FFFD.
func appendText(b []byte, s string) []byte {
	b = append(b, '"')
	plain := 0 // s[plain:i] is copied as it stands
	for i := 0; i < len(s); {
		if c := s[i]; ' ' <= c && c < 0x7f && c != '"' && c != '\\' {
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r >= utf8.RuneSelf && strconv.IsPrint(r) && (r != utf8.RuneError || size > 1) {
			i += size
			continue
		}
		b = append(b, s[plain:i]...)
		b = appendEscaped(b, r)
		i += size
		plain = i
	}
	return append(append(b, s[plain:]...), '"')
}

func appendEscaped(b []byte, r rune) []byte {
	switch {
	case r == '"' || r == '\\':
		return append(b, '\\', byte(r))
	case r > 0xffff:
		r -= 0x10000 // RFC 8259 §7: two surrogates
		return appendUnit(appendUnit(b, 0xd800|r>>10), 0xdc00|r&0x3ff)
	default:
		return appendUnit(b, r)
	}
}

func appendUnit(b []byte, u rune) []byte {
	return append(b, '\\', 'u', hexDigits[u>>12&0xf], hexDigits[u>>8&0xf], hexDigits[u>>4&0xf], hexDigits[u&0xf])
}
