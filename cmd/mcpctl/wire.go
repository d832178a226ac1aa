package main

import (
	"crypto/tls"
	"net"
	"net/http"
	"time"
)

// dialTimeout bounds what comes before a request is sent.
const dialTimeout = 10 * time.Second

// newTransport has no bound for a whole exchange: a tool may take its time, and a
// stream stays open. --timeout bounds what a person waits for.
func newTransport() *http.Transport {
	dialer := &net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            dialer.DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    dialTimeout,
		MaxResponseHeaderBytes: 64 << 10,
		IdleConnTimeout:        30 * time.Second,
		ForceAttemptHTTP2:      true, // a TLSClientConfig of our own would switch it off
	}
}

// wire is what the authorizer sends requests to the server through. It notes which
// of them failed, and when one is on its way: any other error of the authorizer, and any
// other wait, is about authorization.
type wire struct{ next http.RoundTripper }

func (w wire) RoundTrip(req *http.Request) (*http.Response, error) {
	o := observationOf(req.Context())
	if o == nil {
		return w.next.RoundTrip(req)
	}
	o.waits(false)
	resp, err := w.next.RoundTrip(req)
	if err != nil {
		o.failed(err)
	} else {
		o.waits(true)
	}
	return resp, err
}
