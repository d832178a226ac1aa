//go:build interop && linux

package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// foreignPlan is what internal/interop/oidc/issuer.mjs is told to be.
type foreignPlan struct {
	Port      int                       `json:"port,omitempty"`
	Resources []string                  `json:"resources"`
	Scopes    []string                  `json:"scopes"`
	KeyID     string                    `json:"kid"`
	TTL       int                       `json:"ttl"` // of access tokens, in seconds
	Clients   []map[string]any          `json:"clients"`
	Documents map[string]map[string]any `json:"documents,omitempty"` // client ID metadata documents, by URL
}

// foreignIssuer is an authorization server that nobody here wrote, as a process.
type foreignIssuer struct {
	t    *testing.T
	url  string
	plan foreignPlan
	stop func()
	mu   sync.Mutex
	did  []foreignDeed
}

// foreignDeed is one thing that it did, such as grant a token.
type foreignDeed struct {
	Issuer, Did, Client, Scope, Resource, Granted, PKCE, Method, Path, To, Error, Message string
}

func (d foreignDeed) scopes() []string { return slices.Sorted(slices.Values(strings.Fields(d.Scope))) }

// The client of client credentials, in the two ways to authenticate.
const clientOfForms = "agent-of-forms"

func foreignClients() []map[string]any {
	credentials := func(id, method string) map[string]any {
		return map[string]any{
			"client_id": id, "client_secret": clientSecret, "token_endpoint_auth_method": method,
			"grant_types": []string{"client_credentials"}, "response_types": []string{}, "redirect_uris": []string{},
		}
	}
	return []map[string]any{credentials(clientID, "client_secret_basic"), credentials(clientOfForms, "client_secret_post")}
}

// startForeignIssuer starts it and waits until it listens.
func startForeignIssuer(t *testing.T, plan foreignPlan) *foreignIssuer {
	t.Helper()
	argument, err := json.Marshal(plan)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("node", "issuer.mjs", string(argument))
	cmd.Dir, cmd.Env = filepath.Join(interopDir(t), "oidc"), []string{"PATH=" + os.Getenv("PATH")}
	cmd.WaitDelay = 5 * time.Second
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	i := &foreignIssuer{t: t, plan: plan}
	up, read := make(chan string, 1), make(chan struct{})
	go i.listen(stdout, up, read)
	i.stop = sync.OnceFunc(func() {
		stdin.Close() // with which it ends
		kill := time.AfterFunc(10*time.Second, func() { _ = cmd.Process.Kill() })
		defer kill.Stop()
		<-read
		if err := cmd.Wait(); err != nil {
			t.Errorf("the issuer: %v\n%s", err, stderr.String())
		}
	})
	t.Cleanup(i.stop)
	i.url = within(t, "the issuer listens", up)
	if i.url == "" {
		i.stop()
		t.Fatalf("the issuer did not start:\n%s", stderr.String())
	}
	return i
}

// listen reads what it tells, to the end.
func (i *foreignIssuer) listen(stdout io.Reader, up chan<- string, read chan<- struct{}) {
	defer close(read)
	defer close(up)
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		var d foreignDeed
		if !strings.HasPrefix(lines.Text(), "{") {
			continue // advice of the library, for who would serve people with it
		}
		if err := json.Unmarshal(lines.Bytes(), &d); err != nil {
			i.t.Errorf("the issuer: %v in %q", err, lines.Text())
			continue
		}
		if d.Issuer != "" {
			up <- d.Issuer
			continue
		}
		i.mu.Lock()
		i.did = append(i.did, d)
		i.mu.Unlock()
	}
}

// deeds are those of some kinds, or all, in order.
func (i *foreignIssuer) deeds(kinds ...string) []foreignDeed {
	i.mu.Lock()
	defer i.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(i.did), func(d foreignDeed) bool {
		return len(kinds) > 0 && !slices.Contains(kinds, d.Did)
	})
}

// grant gets a token over HTTP, with client credentials.
func (i *foreignIssuer) grant(scope, resource string) string {
	i.t.Helper()
	form := url.Values{
		"grant_type": {"client_credentials"}, "client_id": {clientOfForms}, "client_secret": {clientSecret}, "scope": {scope},
	}
	if resource != "" {
		form.Set("resource", resource)
	}
	resp, err := http.PostForm(i.url+"/token", form)
	if err != nil {
		i.t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer struct {
		AccessToken string `json:"access_token"`
		Error       string
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || answer.AccessToken == "" {
		i.t.Fatalf("no token: %d %v %s", resp.StatusCode, err, answer.Error)
	}
	return answer.AccessToken
}
