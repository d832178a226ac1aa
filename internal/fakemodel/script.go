package fakemodel

import (
	"io"
	"net/http"
	"slices"
	"sync"
)

// Answer is one scripted HTTP answer, sent as it stands.
type Answer struct {
	Status int         // zero: 200
	Header http.Header // beside a Content-Type of application/json
	Body   string
}

// Request is one request that was recorded.
type Request struct {
	Method, Path string
	Header       http.Header
	Body         []byte
}

// Scripted is an API that replays its script, whatever it is asked.
type Scripted struct {
	mu       sync.Mutex
	answers  []Answer
	requests []Request
}

// Script makes an API that gives the answers in order, one to each request. A
// request beyond the last is answered with 410, which no client tries again.
func Script(answers ...Answer) *Scripted { return &Scripted{answers: slices.Clone(answers)} }

// ServeHTTP records the request and gives the next answer.
func (s *Scripted) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err != nil {
		writeError(w, http.StatusRequestEntityTooLarge, "the request is too large, or ended early")
		return
	}
	answer := s.next(Request{Method: r.Method, Path: r.URL.Path, Header: r.Header.Clone(), Body: body})
	w.Header().Set("Content-Type", "application/json")
	for name, values := range answer.Header {
		w.Header()[name] = values
	}
	if answer.Status == 0 {
		answer.Status = http.StatusOK
	}
	w.WriteHeader(answer.Status)
	_, _ = io.WriteString(w, answer.Body) // nobody is left to tell
}

func (s *Scripted) next(r Request) Answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, r)
	if len(s.answers) == 0 {
		return Answer{Status: http.StatusGone, Body: `{"error":{"message":"the script has no answer left","type":"script","param":null,"code":null}}`}
	}
	answer := s.answers[0]
	s.answers = s.answers[1:]
	return answer
}

// Requests gives what was asked so far.
func (s *Scripted) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}
