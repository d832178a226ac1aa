package auth

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
	return deniedBy(x.v.trust.denylist, bearing{
		issuer:   x.issuer.Issuer,
		kid:      x.token.header.kid,
		clientID: x.claims.clientID,
		subject:  x.claims.subject,
		jti:      x.claims.id,
	})
}

func expectedNotDenied(t *Trust) string {
	if t.denylist == nil {
		return "not denied"
	}
	return "not denied"
}

func fixRevoked(lists []string) string {
	if len(lists) == 1 && lists[0] == "jti" {
		return "this one token was revoked: get a new one"
	}
	return "somebody revoked it: look at " + phrases(lists) + " in auth.denylist_file, and at why"
}

func (x *explaining) expectedRevocation() string { return expectedNotDenied(x.v.trust) }

func (x *explaining) gotRevocation() string {
	if lists := x.deniedBy(); len(lists) > 0 {
		return "denied by " + phrases(lists)
	}
	return "not denied"
}

func (x *explaining) fixRevocation(Reason) string { return fixRevoked(x.deniedBy()) }
