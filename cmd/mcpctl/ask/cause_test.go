package ask

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// echo is a server that reads one request and answers with a text, as it is, in
// which KEY stands for the key that it was given.
func echo(t *testing.T, text string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			if r, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
				_, _ = io.Copy(io.Discard, r.Body)
				key := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
				_, _ = io.WriteString(conn, strings.ReplaceAll(text, "KEY", key))
			}
			conn.Close()
		}
	}()
	return "http://" + listener.Addr().String() + "/v1"
}

// net/http quotes what it cannot read, and it was the key. The twin is the same
// server when it answers with HTTP.
func TestKeyEchoedInWhatIsNotHTTP(t *testing.T) {
	const good = `{"choices":[{"message":{"role":"assistant","content":"Done."}}]}`
	tests := []struct{ name, answer, want string }{
		{"a status line", "KEY\r\n\r\n", "the answer is not HTTP"},
		{"a status", "HTTP/1.1 KEY OK\r\n\r\n", "the answer is not HTTP"},
		{"a version", "HTTP/KEY 200 OK\r\n\r\n", "the answer is not HTTP"},
		{"a header without a colon", "HTTP/1.1 200 OK\r\nKEY\r\n\r\n", "the answer is not HTTP"},
		{"a length", "HTTP/1.1 200 OK\r\nContent-Length: KEY\r\n\r\n", "the connection failed"},
		{"an encoding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: KEY\r\n\r\n", "the connection failed"},
		{"a redirect to no URL", "HTTP/1.1 302 Found\r\nLocation: http://[KEY\r\nContent-Length: 0\r\n\r\n", "the connection failed"},
		{"a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nKEY\r\n", "the connection failed"},
		{"half a body", "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nKEY", "the connection was closed in the middle of the answer"},
		{"nothing", "", "the connection was closed without an answer"},
		{"an answer", "HTTP/1.1 200 OK\r\nX-Key: KEY\r\nContent-Length: " + fmt.Sprint(len(good)) + "\r\n\r\n" + good, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			base := echo(t, tt.answer)
			answer, err := askServer(t, base, nil)
			if tt.want == "" {
				if err != nil || answer != "Done." {
					t.Errorf("the twin: %q, %v", answer, err)
				}
				return
			}
			if !errors.Is(err, ErrModel) || !strings.HasSuffix(err.Error(), ": "+tt.want) || !strings.Contains(err.Error(), base) {
				t.Errorf("%v, want an ErrModel with %q", err, tt.want)
			}
			for ; err != nil; err = firstCause(err) {
				if strings.Contains(fmt.Sprintf("%v %+v", err, err), testKey) {
					t.Errorf("the key is in %#v", err)
				}
			}
		})
	}
}

// firstCause is what a ModelError has below ErrModel, and what that wraps.
func firstCause(err error) error {
	if e, ok := errors.AsType[*ModelError](err); ok {
		return e.cause
	}
	return errors.Unwrap(err)
}

func TestSlowModel(t *testing.T) {
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // or the server does not notice that the client has gone
		<-r.Context().Done()
	}))
	t.Cleanup(slow.Close)
	_, err := askServer(t, slow.URL, &http.Client{Timeout: 50 * time.Millisecond})
	if want := "asking the model: no answer from " + slow.URL + ": no answer in time"; err == nil || err.Error() != want {
		t.Errorf("%v, want %q", err, want)
	}
}
