package devauth_test

import (
	"fmt"
	"strings"
	"time"

	"mcp-resource-server/auth/devauth"
)

// A token that is faulty in one way only: everything else is as the token endpoint would issue it.
func ExampleServer_Mint() {
	ln, err := devauth.Listen("127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	defer func() { _ = ln.Close() }()
	issuer, err := devauth.New(ln, devauth.Config{
		Audiences: []string{"http://127.0.0.1:8080/mcp"},
		Clients:   []devauth.Client{{ID: "agent", Secret: "only-for-development", Scopes: []string{"tool:whoami"}}},
	})
	if err != nil {
		panic(err)
	}

	claims := issuer.Claims("agent", nil, []string{"tool:whoami"})
	claims["aud"] = "https://somebody-else.example"
	token, err := issuer.Mint(devauth.MintSpec{Claims: claims})
	if err != nil {
		panic(err)
	}
	fmt.Println(strings.Count(token, ".")+1, "parts,", claims["sub"], "for", claims["aud"])
	// Output: 3 parts, agent@clients for https://somebody-else.example
}

// An issuer whose clock runs ahead: a verifier has to allow for the difference, or for none.
func ExampleServer_SetSkew() {
	ln, err := devauth.Listen("127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	defer func() { _ = ln.Close() }()
	noon := time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC)
	issuer, err := devauth.New(ln, devauth.Config{
		Audiences: []string{"http://127.0.0.1:8080/mcp"},
		Clients:   []devauth.Client{{ID: "agent", Secret: "only-for-development"}},
		Now:       func() time.Time { return noon },
	})
	if err != nil {
		panic(err)
	}
	if err := issuer.SetSkew(2 * time.Minute); err != nil {
		panic(err)
	}
	iat, _ := issuer.Claims("agent", nil, nil)["iat"].(int64)
	fmt.Println(time.Unix(iat, 0).UTC().Format(time.TimeOnly))
	// Output: 12:02:00
}
