package server

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/tools"
)

const (
	// maxAnswerTime bounds how long a call waits for its client to answer.
	maxAnswerTime = 10 * time.Minute
	// goneInterval is how often it looks whether its session is there still.
	goneInterval = time.Second
)

// clientError is what goes wrong at a client that is asked, in words for the caller. What
// the client said of it is the client's own business.
type clientError struct{ error }

func newClientError(text string) error { return clientError{tools.Errorf("%s", text)} }

func (e clientError) Unwrap() error { return e.error }

var (
	errNoAnswer = newClientError("the client gave no answer that could be used")
	errLate     = newClientError("the client did not answer in time")
	errGone     = newClientError("the session has ended before the client answered")
	errStopping = newClientError("the server is stopping: ask again in a moment")
)

// inquiry asks the client of a session (MCP 2025-11-25 and older), by requests of the
// server on the stream of the call.
type inquiry struct {
	session  *mcp.ServerSession
	stopping context.Context
	ended    func() bool // the session has ended
}

func (s *Server) inquiry(c call, session *mcp.ServerSession) *inquiry {
	return &inquiry{session: session, stopping: s.draining, ended: func() bool {
		// A session of the older transport has no id here: its calls end with its stream.
		id := session.ID()
		return id != "" && !s.sessions.has(id, c.principal.Identity(), true)
	}}
}

// leadsBack reports whether a request of MCP 2025-11-25 or older came in a session. The
// SDK asks no client that has proposed a later version, not even where it has agreed
// to an older one.
func (s *Server) leadsBack(req mcp.Request, session *mcp.ServerSession) bool {
	opened := session.InitializeParams()
	inSession := s.opts.MCP.LegacySessions || carries(req, postedKey)
	return inSession && opened != nil && opened.ProtocolVersion < modernVersion
}

// ask asks all questions at once, and returns when all are answered or one will not be.
func (q *inquiry) ask(ctx context.Context, questions mcp.InputRequestMap) (mcp.InputResponseMap, error) {
	handler := ctx
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	ctx, cancel := context.WithTimeoutCause(ctx, maxAnswerTime, errLate)
	defer cancel()
	// A server that stops takes no new requests, and no answer comes without one.
	defer context.AfterFunc(q.stopping, func() { end(errStopping) })()
	var mu sync.Mutex
	answers := mcp.InputResponseMap{}
	var asking sync.WaitGroup
	for name, question := range questions {
		asking.Go(func() {
			defer func() {
				if v := recover(); v != nil { // or the process would end with it
					end(fmt.Errorf("asking %q: panic: value of type %T\n%s", name, v, debug.Stack()))
				}
			}()
			response, err := q.put(ctx, question)
			answer, ok := fitting(question, response)
			switch {
			case errors.Is(err, mcp.ErrConnectionClosed):
				end(errGone)
				return
			case err != nil || !ok:
				end(errNoAnswer)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			answers[name] = answer
		})
	}
	q.await(&asking, end)
	switch {
	case len(answers) == len(questions):
		return answers, nil
	case handler.Err() != nil: // its cause is for the log, where it is no failure
		return nil, handler.Err()
	default:
		return nil, context.Cause(ctx)
	}
}

// await waits for the answers, and gives up those to a session that was ended.
func (q *inquiry) await(asking *sync.WaitGroup, end context.CancelCauseFunc) {
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		asking.Wait()
	}()
	look := time.NewTicker(goneInterval)
	defer look.Stop()
	for {
		select {
		case <-answered:
			return
		case <-look.C:
			if q.ended() {
				end(errGone)
			}
		}
	}
}

// put sends one question.
func (q *inquiry) put(ctx context.Context, question mcp.InputRequest) (mcp.InputResponse, error) {
	switch p := question.(type) {
	case *mcp.ElicitParams:
		return q.session.Elicit(ctx, p)
	case *mcp.CreateMessageParams:
		return q.session.CreateMessage(ctx, p)
	case *mcp.CreateMessageWithToolsParams:
		return q.session.CreateMessageWithTools(ctx, p)
	case *mcp.ListRootsParams:
		return q.session.ListRoots(ctx, p)
	default:
		return nil, errNoAnswer
	}
}
