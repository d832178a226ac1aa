package auth

import "slices"

// deniedBy names the lists of the denylist that something of a token is on.
func deniedBy(d *denylist, b bearing) []string {
	var lists []string
	for _, l := range []struct {
		name string
		of   bearing
	}{
		{"issuers", bearing{issuer: b.issuer}},
		{"kids", bearing{kid: b.kid}},
		{"client_ids", bearing{clientID: b.clientID}},
		{"subjects", bearing{subject: b.subject}},
		{"jti", bearing{jti: b.jti}},
	} {
		if d.denies(l.of) {
			lists = append(lists, l.name)
		}
	}
	return lists
}

// deniedBy names the lists that the token is on.
func (x *explaining) deniedBy() []string {
	return deniedBy(x.v.trust.denylist, x.bearing())
}

// expected is what the check wants; where there is no denylist, it wants nothing.
func (d *denylist) expected() string {
	if d == nil {
		return d.verdict()
	}
	return "not denied"
}

// verdict says what became of a token that is on none of the lists.
func (d *denylist) verdict() string {
	switch {
	case d == nil:
		return "no denylist"
	case d.unread():
		return "not judged: auth.denylist_file cannot be used"
	default:
		return "not denied"
	}
}

func fixRevoked(lists []string) string {
	if len(lists) == 1 && lists[0] == "jti" {
		return "this one token was revoked: get a new one"
	}
	return "somebody revoked it: look at " + phrases(lists) + " in auth.denylist_file, and at why"
}

func (x *explaining) expectedRevocation() string { return x.v.trust.denylist.expected() }

func (x *explaining) gotRevocation() string {
	lists := x.deniedBy()
	switch kid := x.keyID(); {
	case len(lists) == 0:
		return x.v.trust.denylist.verdict()
	case x.token.header.kid == "" && slices.Contains(lists, "kids"):
		return "denied by " + phrases(lists) + ", by the issuer's one key " + show(kid)
	default:
		return "denied by " + phrases(lists)
	}
}

func (x *explaining) fixRevocation(Reason) string { return fixRevoked(x.deniedBy()) }
