package fakemodel

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestScript(t *testing.T) {
	script := Script(
		Answer{Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"3"}}, Body: `{"error":{}}`},
		Answer{Header: http.Header{"Content-Type": {"text/html"}}, Body: "<html>"},
	)
	want := []struct {
		status            int
		contentType, body string
	}{
		{http.StatusTooManyRequests, "application/json", `{"error":{}}`},
		{http.StatusOK, "text/html", "<html>"},
		{http.StatusGone, "application/json", `{"error":{"message":"the script has no answer left","type":"script","param":null,"code":null}}`},
	}
	for i, w := range want {
		rec := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodPost, "/v1/chat/completions", strings.NewReader(strings.Repeat("x", i)))
		r.Header.Set("Authorization", "Bearer k")
		script.ServeHTTP(rec, r)
		body, _ := io.ReadAll(rec.Result().Body)
		if rec.Code != w.status || rec.Header().Get("Content-Type") != w.contentType || string(body) != w.body {
			t.Errorf("answer %d = %d %s %q, want %d %s %q", i, rec.Code, rec.Header().Get("Content-Type"), body, w.status, w.contentType, w.body)
		}
		if retry := rec.Header().Get("Retry-After"); (retry == "3") != (i == 0) {
			t.Errorf("answer %d has Retry-After %q", i, retry)
		}
	}
	requests := script.Requests()
	if len(requests) != len(want) {
		t.Fatalf("%d requests recorded, want %d", len(requests), len(want))
	}
	for i, r := range requests {
		if r.Method != http.MethodPost || r.Path != "/v1/chat/completions" || r.Header.Get("Authorization") != "Bearer k" || len(r.Body) != i {
			t.Errorf("request %d = %+v", i, r)
		}
	}
}

func TestScriptRefusesHugeRequests(t *testing.T) {
	script := Script(Answer{Body: `{}`})
	rec := httptest.NewRecorder()
	script.ServeHTTP(rec, httptest.NewRequest(http.MethodPost, "/", strings.NewReader(strings.Repeat("x", maxRequest+1))))
	if rec.Code != http.StatusRequestEntityTooLarge || len(script.Requests()) != 0 {
		t.Errorf("status %d, %d requests recorded", rec.Code, len(script.Requests()))
	}
	// The twin: one byte less takes the answer.
	rec = httptest.NewRecorder()
	script.ServeHTTP(rec, httptest.NewRequest(http.MethodPost, "/", strings.NewReader(strings.Repeat("x", maxRequest))))
	if rec.Code != http.StatusOK || len(script.Requests()) != 1 {
		t.Errorf("status %d, %d requests recorded", rec.Code, len(script.Requests()))
	}
}
