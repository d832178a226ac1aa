package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"time"
)

// server is where the calls go.
type server struct {
	mcpURL string
	client *http.Client
}

const (
	// callTimeout is when a valid call counts as refused.
	callTimeout = 10 * time.Second
	// maxAnswer is far more than a good answer is long.
	maxAnswer = 64 << 10

	heightM = 1.75
)

// weightKg gives different calls different results, so that one call's answer does
// not pass for another's. All of them are a normal weight.
func weightKg(n int) int { return 57 + n%19 }

// request is the tools/call number n of MCP 2026-07-28, as curl would send it.
func (s *server) request(ctx context.Context, n int, token string) (*http.Request, error) {
	body := fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{`+
		`"name":"calculate_bmi","arguments":{"weight_kg":%d,"height_m":%v},`+
		`"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",`+
		`"io.modelcontextprotocol/clientCapabilities":{}}}}`, n, weightKg(n), heightM)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.mcpURL, strings.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("making a call: %w", err)
	}
	for name, value := range map[string]string{
		"Authorization":        "Bearer " + token,
		"Content-Type":         "application/json",
		"Accept":               "application/json, text/event-stream",
		"MCP-Protocol-Version": "2026-07-28",
		"Mcp-Method":           "tools/call",
		"Mcp-Name":             "calculate_bmi",
	} {
		req.Header.Set(name, value)
	}
	return req, nil
}

// The answers to a valid call, beside those that are told by their status.
const (
	good        = ""
	wrongResult = "200 with a wrong result"
	cutShort    = "200 cut short"
)

// call makes the valid call number n, and says what was wrong with its answer.
func (s *server) call(ctx context.Context, n int, token string) (fault string) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	req, err := s.request(ctx, n, token)
	if err != nil {
		return transportFault(err)
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return transportFault(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	switch {
	case resp.StatusCode != http.StatusOK:
		return fmt.Sprint(resp.StatusCode)
	case errors.Is(err, context.DeadlineExceeded):
		return transportFault(err)
	case err != nil:
		return cutShort
	case !rightResult(body, resp.Header.Get("Content-Type"), n):
		return wrongResult
	default:
		return good
	}
}

// transportFault puts an exchange without an answer into one of a few classes.
func transportFault(err error) string {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return "no answer in time"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "connection closed"
	default:
		return "connection failed"
	}
}
