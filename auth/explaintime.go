package auth

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"mcp-resource-server/internal/strictjson"
)

// showDate shows a NumericDate as a time, and as it stands in the token where it is
// none.
func (x *explaining) showDate(name string) string {
	raw := x.claims.set.raw(name)
	if raw == nil {
		return "no " + name
	}
	t, ok := numericDate(raw)
	if !ok {
		return name + " " + showRaw(raw)
	}
	return fmt.Sprintf("%s %s (%s)", name, showTime(t), fromNow(t, x.now))
}

// fixDate is for a date that is none: text, milliseconds, nonsense.
func (x *explaining) fixDate(name string) string {
	raw := x.claims.set.raw(name)
	switch {
	case raw == nil:
		return "a token without " + name + " is never accepted: have the issuer set one"
	case isMilliseconds(raw):
		return name + " is in milliseconds: the issuer must write seconds (RFC 7519 2)"
	case raw.Kind() == '"':
		return name + " is text: the issuer must write a number of seconds, without quotes"
	case raw.Kind() != '0':
		return name + " is " + kindOf(raw) + ": the issuer must write a number of seconds"
	default:
		return name + " is no time between 1970 and 9999: the issuer makes wrong tokens"
	}
}

// isMilliseconds reports a number that is a time of our days in milliseconds, also
// where it stands within quotes.
func isMilliseconds(raw strictjson.Raw) bool {
	text := string(raw)
	if s, ok := strictjson.String(raw); ok {
		text = s
	}
	f, err := strconv.ParseFloat(text, 64)
	const year2001, year2286 = 1e12, 1e13
	return err == nil && f >= year2001 && f < year2286
}

func (x *explaining) expectedExpiry() string {
	return "a time after " + showTime(x.now.Add(-x.v.skew)) + ", with clock_skew " + x.v.skew.String()
}

func (x *explaining) gotExpiry() string { return x.showDate("exp") }

func (x *explaining) fixExpiry(reason Reason) string {
	if reason != ReasonExpired {
		return x.fixDate("exp")
	}
	expires, _ := numericDate(x.claims.set.raw("exp"))
	fix := "the token expired " + span(x.now.Sub(expires)) + " ago: the client must get a new one"
	issued, ok := numericDate(x.claims.set.raw("iat"))
	switch {
	case ok && !issued.Before(expires):
		return fix + "; exp is not after iat: the issuer gives tokens no life at all"
	case ok && issued.Add(2*x.v.skew).After(x.now):
		return fix + "; it was issued a moment ago: look at its lifetime at the issuer, and at the clocks (NTP)"
	default:
		return fix + ", and not keep one past its expires_in"
	}
}

func (x *explaining) expectedNotBefore() string {
	return "no time after " + showTime(x.now.Add(x.v.skew)) + ", with clock_skew " + x.v.skew.String()
}

func (x *explaining) gotNotBefore() string {
	return x.showDate("nbf") + "; " + x.showDate("iat")
}

func (x *explaining) fixNotBefore(reason Reason) string {
	for _, name := range []string{"nbf", "iat"} {
		raw := x.claims.set.raw(name)
		from, ok := numericDate(raw)
		switch {
		case raw == nil:
		case !ok:
			return x.fixDate(name)
		case reason == ReasonNotYetValid && x.now.Add(x.v.skew).Before(from):
			return fmt.Sprintf("%s lies %s ahead: look at the clocks of the issuer and of this machine (NTP); if they are right, wait",
				name, span(from.Sub(x.now)))
		}
	}
	return "look at nbf and iat"
}

func (x *explaining) expectedAge() string {
	if x.issuer.MaxTokenAge == 0 {
		return "any age"
	}
	return "less than max_token_age, " + span(x.issuer.MaxTokenAge)
}

func (x *explaining) gotAge() string {
	if issued, ok := numericDate(x.claims.set.raw("iat")); ok && issued.Before(x.now) {
		return "issued " + span(x.now.Sub(issued)) + " ago"
	}
	return x.showDate("iat")
}

func (x *explaining) fixAge(Reason) string {
	issued, ok := numericDate(x.claims.set.raw("iat"))
	if !ok {
		return "max_token_age is set, and needs iat: " + x.fixDate("iat")
	}
	fix := "the client must get a new token"
	if expires, ok := numericDate(x.claims.set.raw("exp")); ok && expires.Sub(issued) > x.issuer.MaxTokenAge {
		fix += fmt.Sprintf("; the issuer gives tokens for %s: shorten that to max_token_age, so that clients know when to ask again",
			span(expires.Sub(issued).Truncate(time.Second)))
	}
	return fix
}

func showTime(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// span writes how long something lasts, as exactly as somebody reads it.
func span(d time.Duration) string {
	d = d.Abs()
	switch {
	case d < time.Second:
		return "less than a second"
	case d < 2*time.Minute:
		return fmt.Sprintf("%d s", int(math.Round(d.Seconds())))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
	default:
		return fmt.Sprintf("%d days", int(d.Hours()/24))
	}
}

// fromNow says when t is, seen from now.
func fromNow(t, now time.Time) string {
	switch d := t.Sub(now); {
	case d > 0:
		return "in " + span(d)
	case d < 0:
		return span(d) + " ago"
	default:
		return "now"
	}
}
