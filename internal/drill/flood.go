package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"sync"
	"time"
)

const (
	// junkConnections is how many connections the junk comes from.
	junkConnections = 64
	// junkPatience is when the sender of junk hangs up. An attacker does not wait: a
	// server that lets an unknown key id wait for its issuer would otherwise hold
	// back the very flood that it has to stand.
	junkPatience = 100 * time.Millisecond
)

// flood sends junk tokens.
type flood struct {
	to    *server
	rate  int
	slots chan struct{}

	mu    sync.Mutex
	count junkReport
}

// junkReport is what became of the junk.
type junkReport struct {
	Sent int `json:"sent"`
	// Answers is by status, or by how the exchange failed.
	Answers map[string]int `json:"answers"`
	// HungUp had no answer within junkPatience.
	HungUp int `json:"hung_up"`
	// HeldBack was not sent, because every connection was taken.
	HeldBack int `json:"held_back"`
}

func newFlood(to *server, rate int) *flood {
	return &flood{
		to: to, rate: rate,
		slots: make(chan struct{}, junkConnections),
		count: junkReport{Answers: map[string]int{}},
	}
}

// run floods the server until ctx is done, and waits for what is in flight.
func (f *flood) run(ctx context.Context, forged *forger) {
	var inFlight sync.WaitGroup
	pace(ctx, f.rate, func(n int, _ time.Time) {
		select {
		case f.slots <- struct{}{}:
		default:
			f.add(func(r *junkReport) { r.HeldBack++ })
			return
		}
		inFlight.Go(func() {
			defer func() { <-f.slots }()
			// What is in flight when the flood ends is still answered.
			f.send(context.WithoutCancel(ctx), n, forged.forge(n))
		})
	})
	inFlight.Wait()
	f.to.client.CloseIdleConnections()
}

// send asks for a tool as a valid call does, but for the token.
func (f *flood) send(ctx context.Context, n int, junk string) {
	ctx, cancel := context.WithTimeout(ctx, junkPatience)
	defer cancel()
	answer := "not sent"
	req, err := f.to.request(ctx, n, junk)
	if err == nil {
		answer, err = f.exchange(req)
	}
	f.add(func(r *junkReport) {
		r.Sent++
		switch {
		case errors.Is(err, context.DeadlineExceeded):
			r.HungUp++
		case err != nil:
			r.Answers[transportFault(err)]++
		default:
			r.Answers[answer]++
		}
	})
}

func (f *flood) exchange(req *http.Request) (status string, err error) {
	resp, err := f.to.client.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	// A status is an answer, whatever becomes of the body; a body that was read lets
	// the connection be used again.
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, maxAnswer))
	return fmt.Sprint(resp.StatusCode), nil
}

func (f *flood) add(change func(*junkReport)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(&f.count)
}

func (f *flood) report() junkReport {
	f.mu.Lock()
	defer f.mu.Unlock()
	r := f.count
	r.Answers = maps.Clone(r.Answers)
	return r
}

// junkTransport closes connections by reset: each that the sender hangs up on
// would otherwise keep its port for a minute, and the ports would run out.
func junkTransport() *http.Transport {
	var dialer net.Dialer
	t := callTransport()
	t.MaxConnsPerHost, t.MaxIdleConnsPerHost = junkConnections, junkConnections
	t.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := dialer.DialContext(ctx, network, addr)
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // the worst that comes of it is a port less
		}
		return conn, err
	}
	return t
}

// callTransport is for valid calls: as many connections as they need.
func callTransport() *http.Transport {
	return &http.Transport{
		MaxIdleConnsPerHost: 256,
		// Shorter than the server's own, so that no call meets a connection that the
		// server is just closing: that would be the drill's fault.
		IdleConnTimeout:    5 * time.Second,
		DisableCompression: true,
	}
}

func newServer(mcpURL string, transport http.RoundTripper) *server {
	return &server{mcpURL: mcpURL, client: &http.Client{
		Transport: transport,
		// A redirect would be an answer of its own, and a wrong one.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}
