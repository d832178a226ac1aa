package devauth_test

import (
	"net/http"
	"reflect"
	"strings"
	"testing"

	"mcp-resource-server/auth/devauth"
)

const jsonBody = `{"grant_type":"client_credentials","client_id":"agent","client_secret":"agent-secret"`

func TestTokenProfiles(t *testing.T) {
	seconds := float64(fixedNow.Unix())
	common := func(s *devauth.Server, more map[string]any) map[string]any {
		claims := map[string]any{
			"iss": s.Issuer(), "sub": "agent@clients", "aud": apiOne, "iat": seconds, "exp": seconds + 3600,
			"scope": "tool:b tool:a",
		}
		for name, value := range more {
			claims[name] = value
		}
		return claims
	}
	auth0 := map[string]any{"azp": "agent", "gty": "client-credentials"}
	rfc9068 := map[string]any{"client_id": "agent"}
	tests := []struct {
		name       string
		configured devauth.Profile
		requested  string
		typ        string
		claims     map[string]any
	}{
		{"default", "", "", "JWT", auth0},
		{"configured", devauth.ProfileRFC9068, "", "at+jwt", rfc9068},
		{"requested RFC 9068", "", "&profile=rfc9068", "at+jwt", rfc9068},
		{"requested Auth0", devauth.ProfileRFC9068, "&profile=auth0", "JWT", auth0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cfg := testConfig()
			cfg.Profile = tt.configured
			s := start(t, cfg)
			header, claims := issued(t, s, form(tt.requested))
			wantHeader := map[string]any{"alg": "RS256", "typ": tt.typ, "kid": s.KeyID()}
			if !reflect.DeepEqual(header, wantHeader) {
				t.Errorf("header = %v, want %v", header, wantHeader)
			}
			if jti, _ := claims["jti"].(string); (jti != "") != (tt.typ == "at+jwt") {
				t.Errorf("jti = %q", jti)
			}
			delete(claims, "jti")
			if want := common(s, tt.claims); !reflect.DeepEqual(claims, want) {
				t.Errorf("claims = %v\nwant %v", claims, want)
			}
		})
	}
}

func TestTokenIDsDiffer(t *testing.T) {
	s := start(t, testConfig())
	_, one := issued(t, s, form("&profile=rfc9068"))
	_, two := issued(t, s, form("&profile=rfc9068"))
	if one["jti"] == two["jti"] {
		t.Errorf("two tokens have the jti %v", one["jti"])
	}
}

func TestTokenAnswer(t *testing.T) {
	s := start(t, testConfig())
	a := post(t, s, form(""))
	members := a.json(t)
	if members["token_type"] != "Bearer" || members["expires_in"] != 3600.0 || members["scope"] != "tool:b tool:a" {
		t.Errorf("answer = %v", members)
	}
	for name, want := range map[string]string{
		"Cache-Control": "no-store", "Pragma": "no-cache", "Content-Type": "application/json",
	} {
		if got := a.header.Get(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
}

func TestTokenRequestForms(t *testing.T) {
	s := start(t, testConfig())
	grant := "grant_type=client_credentials"
	tests := []struct {
		name, body string
		edits      []func(*http.Request)
		subject    string
	}{
		{"form, post", form(""), nil, "agent@clients"},
		{"form, basic", grant, []func(*http.Request){basic("agent", "agent-secret")}, "agent@clients"},
		{"form, basic and the same client_id", grant + "&client_id=agent", []func(*http.Request){basic("agent", "agent-secret")}, "agent@clients"},
		{"form, basic, odd characters", grant, []func(*http.Request){basic("odd:id %+", "s:e c+r%t")}, "odd:id %+@clients"},
		{"form, post, odd characters", grant + "&client_id=odd:id+%25%2B&client_secret=s:e+c%2Br%25t", nil, "odd:id %+@clients"},
		{"JSON, post", jsonBody + `}`, nil, "agent@clients"},
		{"JSON, basic", `{"grant_type":"client_credentials"}`, []func(*http.Request){basic("agent", "agent-secret")}, "agent@clients"},
		{"charset", form(""), []func(*http.Request){func(r *http.Request) {
			r.Header.Set("Content-Type", "Application/X-WWW-Form-Urlencoded; charset=UTF-8")
		}}, "agent@clients"},
		{"scheme in lower case", grant, []func(*http.Request){with("Authorization", "basic YWdlbnQ6YWdlbnQtc2VjcmV0")}, "agent@clients"},
		{"empty secret beside basic", grant + "&client_secret=", []func(*http.Request){basic("agent", "agent-secret")}, "agent@clients"},
		{"unknown parameter", form("&organization=x"), nil, "agent@clients"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, claims := issued(t, s, tt.body, tt.edits...)
			if claims["sub"] != tt.subject {
				t.Errorf("sub = %v, want %q", claims["sub"], tt.subject)
			}
		})
	}
}

func TestTokenAudience(t *testing.T) {
	s := start(t, testConfig())
	limited := "grant_type=client_credentials&client_id=limited&client_secret=limited-secret"
	tests := []struct {
		name, body string
		want       any
	}{
		{"none", form(""), apiOne},
		{"none, client may not have the first", limited, apiTwo},
		{"audience", form("&audience=" + apiTwo), apiTwo},
		{"audience as JSON", jsonBody + `,"audience":"` + apiTwo + `"}`, apiTwo},
		{"resource", form("&resource=" + apiTwo), apiTwo},
		{"resource as JSON", jsonBody + `,"resource":"` + apiTwo + `"}`, apiTwo},
		{"several resources", form("&resource=" + apiThree + "&resource=" + apiOne), []any{apiThree, apiOne}},
		{"one resource twice", form("&resource=" + apiTwo + "&resource=" + apiTwo), apiTwo},
		{"audience wins", form("&resource=" + apiOne + "&audience=" + apiTwo), apiTwo},
		{"audience wins over an unknown resource", form("&resource=https://x.example&audience=" + apiTwo), apiTwo},
		{"empty values", form("&resource=&audience="), apiOne},
		{"one of the client's own", limited + "&resource=" + apiThree, apiThree},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, claims := issued(t, s, tt.body)
			if !reflect.DeepEqual(claims["aud"], tt.want) {
				t.Errorf("aud = %v, want %v", claims["aud"], tt.want)
			}
		})
	}
}

func TestTokenScope(t *testing.T) {
	s := start(t, testConfig())
	tests := []struct{ name, body, want string }{
		{"none requested", form(""), "tool:b tool:a"},
		{"empty", form("&scope="), "tool:b tool:a"},
		{"one", form("&scope=tool:a"), "tool:a"},
		{"the client's order", form("&scope=tool:a+tool:b"), "tool:b tool:a"},
		{"twice", form("&scope=tool:a+tool:a"), "tool:a"},
		{"more than the client may have", form("&scope=tool:a+admin"), "tool:a"},
		{"nothing that the client may have", form("&scope=admin"), ""},
		{"client without scopes", "grant_type=client_credentials&client_id=limited&client_secret=limited-secret&scope=tool:a", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, claims := issued(t, s, tt.body)
			got, present := claims["scope"]
			if present != (tt.want != "") || present && got != tt.want {
				t.Errorf("scope claim = %v (%v), want %q", got, present, tt.want)
			}
			if got := post(t, s, tt.body).json(t)["scope"]; got != tt.want {
				t.Errorf("scope of the answer = %v, want %q", got, tt.want)
			}
		})
	}
}

func TestNothingOfARequestIsEchoed(t *testing.T) {
	s := start(t, testConfig())
	for _, body := range []string{
		"grant_type=canary&client_id=agent&client_secret=agent-secret", form("&scope=canary%22"), form("&audience=canary"),
		form("&profile=canary"), "client_id=canary&client_secret=canary", form("&canary=1&canary=2"),
	} {
		a := post(t, s, body)
		if a.status == http.StatusOK || strings.Contains(a.body, "canary") {
			t.Errorf("%s: status = %d, body %s", body, a.status, a.body)
		}
	}
}
