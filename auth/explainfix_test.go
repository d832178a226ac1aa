package auth

import (
	"strconv"
	"strings"
	"testing"
	"time"
)

// fixRow is a mistake as operators make them, and what explain says of it. Its twin
// is the same token, under the same settings, without the mistake.
type fixRow struct {
	name string
	// conf changes the settings of the token's issuer.
	conf func(*IssuerConfig)
	// good changes the draft of both, edit and spoil make the mistake.
	good  func(*draft)
	edit  func(*draft)
	spoil func(string) string
	// check is the first that fails, got and fix are parts of what it says.
	check    checkName
	got, fix string
}

// conf makes a function of a change.
func confIssuer(issuer, audience string) func(*IssuerConfig) {
	return func(c *IssuerConfig) { c.Issuer, c.Audiences = issuer, []string{audience} }
}

// claimsWith sets several claims of the draft as it is: name, value, name, value ….
func claimsWith(pairs ...string) func(*draft) {
	return func(d *draft) {
		o := goodClaims()
		for i := 0; i < len(pairs); i += 2 {
			o = o.with(pairs[i], pairs[i+1])
		}
		d.claims = o.String()
	}
}

const (
	auth0Issuer    = "https://tenant.eu.auth0.com/"
	entraIssuer    = "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0"
	oktaIssuer     = "https://example.okta.com/oauth2/default"
	keycloakIssuer = "https://sso.example.com/realms/main"
	cognitoIssuer  = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Example"
)

// issuerIs is the claim iss, and more beside it.
func issuerIs(issuer string, pairs ...string) func(*draft) {
	return claimsWith(append([]string{"iss", strconv.Quote(issuer)}, pairs...)...)
}

func fixRows() map[string][]fixRow {
	return map[string][]fixRow{
		"form": formFixes(), "header": headerFixes(), "claims": claimsFixes(), "issuer": issuerFixes(), "audience": audienceFixes(),
		"time": timeFixes(), "party": partyFixes(), "grants": grantFixes(), "key": keyFixes(),
	}
}

func TestExplainFixes(t *testing.T) {
	covered := map[checkName]bool{}
	for group, rows := range fixRows() {
		for _, r := range rows {
			covered[r.check] = true
			t.Run(group+"/"+r.name, func(t *testing.T) { r.run(t) })
		}
	}
	for name := range descriptions {
		if !covered[name] && name != checkRevocation { // a file: TestExplainDenylist
			t.Errorf("no row is about the check %q", name)
		}
	}
}

func (r fixRow) run(t *testing.T) {
	t.Helper()
	d := goodDraft()
	if r.good != nil {
		r.good(&d)
	}
	v := r.verifier(d.now)
	if e := v.Explain(t.Context(), d.token()); e.Refusal != nil {
		t.Fatalf("the twin is refused: %+v", e.firstFailure())
	}
	if r.edit != nil {
		r.edit(&d)
	}
	raw := d.token()
	if r.spoil != nil {
		raw = r.spoil(raw)
	}
	v.now = func() time.Time { return d.now }
	e := v.Explain(t.Context(), raw)
	agrees(t, e, verdict(t, v, raw))
	sound(t, e, raw)
	c := e.firstFailure()
	if c.Name != string(r.check) || !strings.Contains(c.Got, r.got) || !strings.Contains(c.Fix, r.fix) {
		t.Errorf("check %q\ngot  %s\nfix  %s\nwant check %q\ngot  %s\nfix  %s", c.Name, c.Got, c.Fix, r.check, r.got, r.fix)
	}
}

// verifier has the row's issuer in the place of testIssuer, whatever its name is.
func (r fixRow) verifier(now time.Time) *Verifier {
	v, keys := testVerifier(now, nil)
	ic := testConfig().Issuers[0]
	if r.conf != nil {
		r.conf(&ic)
	}
	if err := ic.validate().Err(); err != nil {
		panic(err)
	}
	delete(v.issuers, testIssuer)
	v.issuers[ic.Issuer] = &issuer{IssuerConfig: ic.withDefaults(), keys: keys}
	return v
}
