package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
)

// asMain makes the test's own binary the program: some of it is there for processes alone.
const asMain = "MCPCTL_TEST_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(asMain) != "" {
		main()
	}
	os.Exit(m.Run())
}

// process runs the program as one, and returns its status and stderr.
func process(t *testing.T, out io.Writer, args ...string) (code int, text string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	var stderr bytes.Buffer
	cmd.Env, cmd.Stdout, cmd.Stderr = append(os.Environ(), asMain+"=1", "MCP_TOKEN="+echoedToken), out, &stderr
	err := cmd.Run()
	if _, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), stderr.String()
}

// A reader that has enough is no news: "mcpctl list | head -1".
func TestBrokenPipe(t *testing.T) {
	for _, closed := range []bool{true, false} {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		want := exitOK
		if closed {
			r.Close()
			want = exitOther
		}
		if code, text := process(t, w, "version"); code != want || text != "" {
			t.Errorf("closed %v: status %d, stderr %q", closed, code, text)
		}
		r.Close()
		w.Close()
	}
}

// net/http logs what comes in unasked, in the server's words.
func TestNothingIsLogged(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		var m message
		_ = json.UnmarshalRead(r.Body, &m)
		conn, _, err := http.NewResponseController(rw).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		result := `{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{}}}`
		if m.Method == "tools/list" {
			result = `{"tools":[]}`
		}
		body := `{"jsonrpc":"2.0","id":` + string(m.ID) + `,"result":` + result + `}`
		_, _ = fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s%s", len(body), body, r.Header.Get("Authorization"))
	}))
	defer server.Close()
	var out bytes.Buffer
	code, text := process(t, &out, "list", "--url", server.URL)
	if strings.Contains(text, "Unsolicited") || strings.Contains(text, echoedToken) {
		t.Errorf("status %d, stderr %q", code, text)
	}
}
