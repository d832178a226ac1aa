package main

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"

	"mcp-resource-server/auth"
)

const (
	// explainColumns is the width that the text keeps to where its values allow.
	explainColumns = 100
	// markWidth and nameWidth are the columns before the text of a check.
	markWidth = 6
	nameWidth = 19
)

// text writes the report for a reader; of the checks, those that failed alone where
// failedOnly says so.
func (r explainReport) text(w io.Writer, failedOnly bool) error {
	var b strings.Builder
	var unreached []string
	for _, c := range r.Checks {
		switch {
		case c.State == string(auth.CheckNotReached):
			unreached = append(unreached, c.Name)
		case !failedOnly || c.State == string(auth.CheckFailed):
			c.text(&b)
		}
	}
	if len(unreached) > 0 && !failedOnly {
		wrap(&b, fmt.Sprintf("%-*s%-*s", markWidth, "-", nameWidth, "not reached"), strings.Join(unreached, ", "))
	}
	if b.Len() > 0 {
		b.WriteByte('\n')
	}
	if r.Keys != nil {
		paragraph(&b, "keys", r.Keys.words())
	}
	for _, h := range r.Hints {
		paragraph(&b, "hint", h)
	}
	if r.Tool != nil {
		paragraph(&b, "tool", r.Tool.words())
	}
	paragraph(&b, "answer", r.answerWords())
	if r.Principal != nil {
		r.Principal.text(&b)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (c explainCheck) text(b *strings.Builder) {
	lead := func(mark string) string { return fmt.Sprintf("%-*s%-*s", markWidth, mark, nameWidth, c.Name) }
	if c.State == string(auth.CheckPassed) {
		line := c.Got
		if c.Expected != c.Got {
			line += " (expected: " + c.Expected + ")"
		}
		wrap(b, lead("ok"), line)
		return
	}
	wrap(b, lead("FAIL"), "reason    "+c.Reason)
	for _, l := range []struct{ name, text string }{{"expected", c.Expected}, {"got", c.Got}, {"fix", c.Fix}} {
		wrap(b, fmt.Sprintf("%*s%-10s", markWidth+nameWidth, "", l.name), l.text)
	}
}

// paragraph writes what is said of the whole, under a name.
func paragraph(b *strings.Builder, name, text string) {
	wrap(b, fmt.Sprintf("%-8s", name), text)
}

// wrap writes text behind lead, in lines of explainColumns at most, which hang under
// its beginning. A word that is longer than a line stays whole.
func wrap(b *strings.Builder, lead, text string) {
	column := len(lead)
	b.WriteString(lead)
	for i, word := range strings.Split(text, " ") {
		switch {
		case i == 0:
		case column+1+len(word) > explainColumns:
			b.WriteString("\n" + strings.Repeat(" ", len(lead)))
			column = len(lead)
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += len(word)
	}
	b.WriteByte('\n')
}

// words tells where the keys came from.
func (k *explainKeys) words() string {
	from := "those of the configuration"
	switch auth.KeyOrigin(k.Origin) {
	case auth.KeysFetched:
		from = "fetched from " + k.Address
		if k.Address == "" {
			from = "to be found through the issuer's metadata"
		}
	case auth.KeysFromFile:
		from = "those of the file given"
	}
	if k.Error != "" {
		return from + ": none (" + k.Error + ")"
	}
	text := from + ": " + strings.Join(k.IDs, ", ")
	if len(k.Ambiguous) > 0 {
		text += "; not usable, because different keys have one id: " + strings.Join(k.Ambiguous, ", ")
	}
	if k.Ignored > 0 {
		text += fmt.Sprintf("; and %d of no use here", k.Ignored)
	}
	return text
}

func (t *explainTool) words() string {
	text := t.Name + ": "
	switch t.Verdict {
	case verdictAllowed:
		return text + "allowed by " + t.Rule + " (" + t.needsWords() + ")"
	case verdictDenied:
		return text + "denied by " + t.Rule + ", for it lacks " + strings.Join(t.Missing, " ") + " (" + t.needsWords() + "); " + t.Fix
	case verdictConcealed:
		return text + "concealed by " + t.Rule + ": " + t.told + "; it lacks " + strings.Join(t.Missing, " ") + " (" + t.needsWords() + "); " + t.Fix
	case verdictUnknown:
		return text + "unknown; " + t.Fix
	default:
		return text + "not judged; " + t.Fix + " (" + t.needsWords() + ")"
	}
}

// needsWords tells what a call needs, and what of it is held without being named.
func (t *explainTool) needsWords() string {
	text := "needs: " + orNone(t.Needs)
	switch {
	case len(t.AnyOf) > 0 && len(t.Needs) > 0:
		text += ", and one of " + strings.Join(t.AnyOf, " ")
	case len(t.AnyOf) > 0:
		text = "needs: one of " + strings.Join(t.AnyOf, " ")
	}
	for _, s := range slices.Sorted(maps.Keys(t.Through)) {
		text += "; " + s + " is held through " + t.Through[s]
	}
	return text
}

func orNone(scopes []string) string {
	if len(scopes) == 0 {
		return "no scope"
	}
	return strings.Join(scopes, " ")
}

func (r explainReport) answerWords() string {
	words := r.Answer.words()
	if r.Alone != nil {
		words += ", to what was given; to the token alone: " + r.Alone.words()
	}
	if r.Answer.Status == http.StatusServiceUnavailable {
		words += "; the client is told to come back with the same token"
	}
	return words
}

func (p *explainPrincipal) text(b *strings.Builder) {
	client := p.ClientID
	if client == "" {
		client = "none"
	}
	expires := fmt.Sprintf("in %d s (%s)", p.ExpiresIn, p.ExpiresAt)
	if p.ExpiresIn < 0 {
		expires = fmt.Sprintf("%d s ago (%s)", -p.ExpiresIn, p.ExpiresAt)
	}
	head := "caller"
	for _, l := range []struct{ name, text string }{
		{"issuer", p.Issuer}, {"subject", p.Subject}, {"client id", client}, {"scopes", orNone(p.Scopes)}, {"expires", expires},
	} {
		wrap(b, fmt.Sprintf("%-8s%-11s", head, l.name), l.text)
		head = ""
	}
}
