package server

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// TestIdleStreamsLive: a stream on which nothing is written for longer than the
// write timeout goes on, over HTTP/1 and over HTTP/2 (where a deadline that
// passes would reset it).
func TestIdleStreamsLive(t *testing.T) {
	t.Parallel()
	handler := deadlines(time.Second, 100*time.Millisecond)(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		arrived(w)
		for range 3 {
			_, _ = io.WriteString(w, "data\n")
			_ = http.NewResponseController(w).Flush()
			time.Sleep(250 * time.Millisecond)
		}
	}))
	for _, http2 := range []bool{false, true} {
		s := httptest.NewUnstartedServer(handler)
		s.EnableHTTP2 = http2
		s.StartTLS()
		s.Client().Timeout = 30 * time.Second
		resp, err := s.Client().Get(s.URL)
		if err != nil {
			t.Fatal(err)
		}
		if (resp.ProtoMajor == 2) != http2 {
			t.Fatalf("spoke %s", resp.Proto)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || string(body) != "data\ndata\ndata\n" {
			t.Errorf("HTTP/2 %v: %q, %v", http2, body, err)
		}
		s.Close()
	}
}

// TestSlowClientsAreCutOff: a body that does not arrive, and an answer that is not
// read, end.
func TestSlowClientsAreCutOff(t *testing.T) {
	ended := make(chan error, 1)
	handler := deadlines(100*time.Millisecond, 100*time.Millisecond)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			_, err := io.ReadAll(r.Body)
			ended <- err
			return
		}
		for {
			if _, err := w.Write(make([]byte, 1<<16)); err != nil {
				ended <- err
				return
			}
		}
	}))
	s := httptest.NewServer(handler)
	defer s.Close()
	for name, request := range map[string]string{
		"a body that does not arrive":  "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab",
		"an answer that nobody reads":  "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
		"a body, one byte at a time 🐌": "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			conn, err := net.Dial("tcp", s.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			_, _ = io.WriteString(conn, request)
			go func() { // keeps the body coming, too slowly to end
				for strings.Contains(request, "chunked") {
					time.Sleep(20 * time.Millisecond)
					if _, err := io.WriteString(conn, "1\r\na\r\n"); err != nil {
						return
					}
				}
			}()
			select {
			case err := <-ended:
				if err == nil {
					t.Error("it ended without an error")
				}
			case <-time.After(10 * time.Second):
				t.Error("still going after 10 s")
			}
		})
	}
}

// stallingListener gives connections of which one write stalls when it is told to:
// as it does in a process that is starved, or before a client that reads slowly.
type stallingListener struct {
	net.Listener
	stall atomic.Bool
}

type stallingConn struct {
	net.Conn
	of *stallingListener
}

func (l *stallingListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	return stallingConn{conn, l}, err
}

func (c stallingConn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	if c.of.stall.CompareAndSwap(true, false) {
		time.Sleep(300 * time.Millisecond)
	}
	return n, err
}

// TestStalledAnswerSpoilsNoConnection: an answer whose end takes longer than the
// deadline for an unread body once left a connection on which every later request
// came with a context that was cancelled, and got an empty 200.
func TestStalledAnswerSpoilsNoConnection(t *testing.T) {
	t.Parallel()
	handler := deadlines(100*time.Millisecond, 10*time.Second)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		if r.Body != http.NoBody {
			arrived(w)
		}
		time.Sleep(150 * time.Millisecond) // longer than a body may take, which this no longer is
		fmt.Fprintf(w, "%s %v", r.RemoteAddr, r.Context().Err())
	}))
	for _, method := range []string{http.MethodPost, http.MethodGet} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			s := httptest.NewUnstartedServer(handler)
			listener := &stallingListener{Listener: s.Listener}
			s.Listener = listener
			s.Start()
			defer s.Close()
			s.Client().Timeout = 30 * time.Second
			conns := map[string]bool{}
			for i := range 3 {
				listener.stall.Store(i == 0)
				var body io.Reader
				if method == http.MethodPost {
					body = strings.NewReader("hello")
				}
				req, err := http.NewRequestWithContext(t.Context(), method, s.URL, body)
				if err != nil {
					t.Fatal(err)
				}
				resp, err := s.Client().Do(req)
				if err != nil {
					t.Fatal(err)
				}
				got, err := io.ReadAll(resp.Body)
				resp.Body.Close()
				if err != nil {
					t.Fatal(err)
				}
				addr, ctx, _ := strings.Cut(string(got), " ")
				conns[addr] = true
				if ctx != "<nil>" {
					t.Errorf("request %d: the context is %q", i+1, ctx)
				}
				if i == 0 {
					time.Sleep(400 * time.Millisecond) // the stalled end comes to its end
				}
			}
			if len(conns) != 1 {
				t.Errorf("%d connections were used: the test proves nothing", len(conns))
			}
		})
	}
}

// TestHurry: when a stream is to end, no write has longer than that, not one that begins
// then either; an answer that ended before is left alone, and so is the next on its
// connection.
func TestHurry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		under := &deadlineNoter{ResponseWriter: httptest.NewRecorder()}
		w := &deadlineWriter{ResponseWriter: under, control: http.NewResponseController(under), timeout: time.Minute}
		calm := hurry(ctx, w)
		_, _ = io.WriteString(w, "data")
		if want := []time.Duration{time.Minute, 0}; !slices.Equal(under.noted, want) {
			t.Errorf("before: %v, want %v", under.noted, want)
		}
		under.noted = nil
		cancel()
		synctest.Wait()
		_, _ = io.WriteString(w, "data")
		_ = w.FlushError()
		calm()
		if want := []time.Duration{unreadTimeout}; !slices.Equal(under.noted, want) {
			t.Errorf("then: %v, want %v", under.noted, want)
		}
		ctx, cancel = context.WithCancel(t.Context())
		under.noted = nil
		hurry(ctx, &deadlineWriter{control: http.NewResponseController(under)})()
		cancel()
		synctest.Wait()
		if len(under.noted) > 0 {
			t.Errorf("afterwards: %v", under.noted)
		}
	})
}

// deadlineNoter notes how long each deadline is, 0 where there is none.
type deadlineNoter struct {
	http.ResponseWriter
	noted []time.Duration
}

func (w *deadlineNoter) FlushError() error { return nil }

func (w *deadlineNoter) SetWriteDeadline(at time.Time) error {
	length := time.Duration(0)
	if !at.IsZero() {
		length = time.Until(at)
	}
	w.noted = append(w.noted, length)
	return nil
}
