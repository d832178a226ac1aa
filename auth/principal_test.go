package auth

import (
	"reflect"
	"testing"

	sdkauth "github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

func TestPrincipalClaim(t *testing.T) {
	v, _ := testVerifier(testNow, nil)
	d := goodDraft()
	d.claims = goodClaims().with("text", `"\u0061b"`).with("number", `1.5`).with("yes", `true`).with("nothing", `null`).
		with("list", `["a",1]`).with("map", `{"inner":{"a":["b"]}}`).with("huge", `1e400`).String()
	p, err := v.Verify(t.Context(), d.token())
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]any{
		"text": "ab", "number": 1.5, "yes": true, "nothing": nil,
		"list": []any{"a", 1.0}, "map": map[string]any{"inner": map[string]any{"a": []any{"b"}}},
		"sub": "subject-of-the-token",
	} {
		got, ok := p.Claim(name)
		if !ok || !reflect.DeepEqual(got, want) {
			t.Errorf("claim %s = %#v, %v, want %#v", name, got, ok, want)
		}
	}
	for _, name := range []string{"", "Sub", "none", "huge"} {
		if got, ok := p.Claim(name); ok || got != nil {
			t.Errorf("claim %q = %#v, want none", name, got)
		}
	}
}

// Whoever changes what Claim gave changes nothing for the next reader.
func TestPrincipalClaimIsACopy(t *testing.T) {
	v, _ := testVerifier(testNow, nil)
	d := goodDraft()
	claim("map", `{"inner":["a","b"]}`)(&d)
	p, err := v.Verify(t.Context(), d.token())
	if err != nil {
		t.Fatal(err)
	}
	first, _ := p.Claim("map")
	m, ok := first.(map[string]any)
	if !ok {
		t.Fatalf("claim %#v", first)
	}
	m["inner"].([]any)[0] = "changed"
	m["more"] = true
	again, _ := p.Claim("map")
	if want := (map[string]any{"inner": []any{"a", "b"}}); !reflect.DeepEqual(again, want) {
		t.Errorf("claim %#v, want %#v", again, want)
	}
}

// Nobody may be able to choose names that make two callers one.
func TestPrincipalIdentity(t *testing.T) {
	seen := map[string]Principal{}
	for _, p := range []Principal{
		{},
		{Issuer: "a"},
		{Subject: "a"},
		{ClientID: "a"},
		{Issuer: "a", Subject: "bc"},
		{Issuer: "ab", Subject: "c"},
		{Issuer: "abc"},
		{Issuer: "a", Subject: "b", ClientID: "c"},
		{Issuer: "a", Subject: "bc1:"},
		{Issuer: "a", Subject: "b1:c"},
		{Issuer: "a", Subject: "2:bc", ClientID: ""},
		{Issuer: "a2:bc"},
		{Issuer: "1:a", Subject: "bc"},
		{Subject: "a|b"},
		{Subject: "a", ClientID: "b"},
		{Subject: "a\x00b"},
	} {
		id := p.Identity()
		if other, twice := seen[id]; twice {
			t.Errorf("%+v and %+v are one", other, p)
		}
		seen[id] = p
		if len(id) != 64 {
			t.Errorf("identity %q", id)
		}
	}
	a := Principal{Issuer: "a", Subject: "b", ClientID: "c"}
	b := a
	b.Scopes, b.ExpiresAt = []string{"more"}, testNow
	if a.Identity() != b.Identity() {
		t.Error("a new token of the same caller is another caller")
	}
}

func TestPrincipalFrom(t *testing.T) {
	want := Principal{Issuer: testIssuer, Subject: "s"}
	extra := map[string]any{}
	PutPrincipal(extra, want)
	for name, tt := range map[string]struct {
		extra *mcp.RequestExtra
		ok    bool
	}{
		"stored":              {&mcp.RequestExtra{TokenInfo: &sdkauth.TokenInfo{Extra: extra}}, true},
		"no extra":            {nil, false},
		"no token":            {&mcp.RequestExtra{}, false},
		"no values":           {&mcp.RequestExtra{TokenInfo: &sdkauth.TokenInfo{}}, false},
		"something else":      {&mcp.RequestExtra{TokenInfo: &sdkauth.TokenInfo{Extra: map[string]any{principalKey: "me"}}}, false},
		"a pointer is no one": {&mcp.RequestExtra{TokenInfo: &sdkauth.TokenInfo{Extra: map[string]any{principalKey: &want}}}, false},
	} {
		got, ok := PrincipalFrom(&mcp.CallToolRequest{Extra: tt.extra})
		if ok != tt.ok || (ok && got.Subject != want.Subject) || (!ok && got.Subject != "") {
			t.Errorf("%s: %+v, %v", name, got, ok)
		}
	}
}

// The zero value is nobody.
func TestPrincipalZero(t *testing.T) {
	var p Principal
	if _, ok := p.Claim("sub"); ok || p.HasScope("") || p.HasScope("a") {
		t.Error("nobody holds something")
	}
}
