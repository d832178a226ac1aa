package oauthclient

import "strings"

// authChallenge is one challenge of a WWW-Authenticate line, whatever its scheme.
type authChallenge struct {
	scheme  string
	token68 bool              // it has one bare value instead of parameters
	params  map[string]string // by name in lower case
}

// parseChallenges reads one line (RFC 9110 §11.3, §11.6.1):
//
//	line       = #challenge
//	challenge  = auth-scheme [ 1*SP ( token68 / #auth-param ) ]
//	auth-param = token BWS "=" BWS ( token / quoted-string )
//
// A comma stands between challenges and between the parameters of one alike. What
// begins with a name and "=" is a parameter, what begins with a name alone is the
// next challenge.
func parseChallenges(line string) ([]authChallenge, bool) {
	var found []authChallenge
	p := &authParser{rest: line}
	for p.skipSeparators(); p.rest != ""; p.skipSeparators() {
		if name, value, ok := p.param(); ok {
			if len(found) == 0 || !found[len(found)-1].add(name, value) {
				return nil, false
			}
		} else {
			c, ok := p.challenge()
			if !ok {
				return nil, false
			}
			found = append(found, c)
		}
		if !p.atEnd() {
			return nil, false
		}
	}
	return found, true
}

// add refuses what has no single meaning: the second value of a name, and a
// parameter of a challenge that has a token68.
func (c *authChallenge) add(name, value string) bool {
	name = strings.ToLower(name)
	if _, twice := c.params[name]; twice || c.token68 {
		return false
	}
	c.params[name] = value
	return true
}

// authParser takes pieces from the front of rest.
type authParser struct{ rest string }

// skipSeparators skips the commas and white space between list elements. Empty
// elements are allowed (RFC 9110 §5.6.1.2).
func (p *authParser) skipSeparators() { p.rest = strings.TrimLeft(p.rest, ", \t") }

// atEnd tells whether a list element ends here.
func (p *authParser) atEnd() bool {
	rest := strings.TrimLeft(p.rest, " \t")
	return rest == "" || rest[0] == ','
}

// challenge reads a scheme and, if one follows, its token68 or first parameter.
func (p *authParser) challenge() (authChallenge, bool) {
	c := authChallenge{params: map[string]string{}}
	c.scheme = p.token()
	if c.scheme == "" {
		return authChallenge{}, false
	}
	if p.atEnd() {
		return c, true
	}
	rest := strings.TrimLeft(p.rest, " ")
	if len(rest) == len(p.rest) {
		return authChallenge{}, false // no space after the scheme
	}
	p.rest = rest
	if p.value68() {
		c.token68 = true
		return c, true
	}
	name, value, ok := p.param()
	return c, ok && c.add(name, value)
}

// value68 reads a token68 that fills the element: "YWJj==" is one, the beginning of
// "a=b" is not.
func (p *authParser) value68() bool {
	ahead := authParser{rest: strings.TrimLeft(p.rest, alphanumerics+"-._~+/")}
	if len(ahead.rest) == len(p.rest) {
		return false
	}
	ahead.rest = strings.TrimLeft(ahead.rest, "=")
	if !ahead.atEnd() {
		return false
	}
	*p = ahead
	return true
}

// param reads an auth-param; where there is none it takes nothing.
func (p *authParser) param() (name, value string, ok bool) {
	ahead := *p
	name = ahead.token()
	rest, found := strings.CutPrefix(strings.TrimLeft(ahead.rest, " \t"), "=")
	if name == "" || !found {
		return "", "", false
	}
	ahead.rest = strings.TrimLeft(rest, " \t")
	if strings.HasPrefix(ahead.rest, `"`) {
		value, ok = ahead.quotedString()
	} else {
		value = ahead.token()
		ok = value != ""
	}
	if ok {
		*p = ahead
	}
	return name, value, ok
}

const alphanumerics = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// token reads a token of RFC 9110 §5.6.2, and "" if there is none.
func (p *authParser) token() string {
	rest := strings.TrimLeft(p.rest, alphanumerics+"!#$%&'*+-.^_`|~")
	token := p.rest[:len(p.rest)-len(rest)]
	p.rest = rest
	return token
}

// quotedString reads a quoted-string of RFC 9110 §5.6.4: control characters other
// than the tab are refused, and a backslash stands for the character after it.
func (p *authParser) quotedString() (string, bool) {
	var value strings.Builder
	for i := 1; i < len(p.rest); i++ {
		c := p.rest[i]
		switch {
		case c == '"':
			p.rest = p.rest[i+1:]
			return value.String(), true
		case c == '\\' && i+1 < len(p.rest):
			i++
			c = p.rest[i]
		}
		if c < ' ' && c != '\t' || c == 0x7f {
			return "", false
		}
		value.WriteByte(c)
	}
	return "", false
}
