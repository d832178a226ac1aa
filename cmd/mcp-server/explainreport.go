package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"mcp-resource-server/auth"
)

// explainReport is what explain prints, as text or as JSON; docs/troubleshooting.md
// has the fields. All that comes from the token is printable ASCII.
type explainReport struct {
	At        string            `json:"at"`
	Accepted  bool              `json:"accepted"`
	Answer    explainAnswer     `json:"answer"`
	Around    []string          `json:"around,omitempty"`
	Alone     *explainAnswer    `json:"alone,omitempty"`
	Checks    []explainCheck    `json:"checks"`
	Keys      *explainKeys      `json:"keys,omitempty"`
	Principal *explainPrincipal `json:"principal,omitempty"`
	Tool      *explainTool      `json:"tool,omitempty"`
	Hints     []string          `json:"hints,omitempty"`
}

// explainAnswer is what the server would answer. Reason is what its log would say.
type explainAnswer struct {
	Status int    `json:"status"`
	Error  string `json:"error,omitempty"`
	Reason string `json:"reason,omitempty"`
	// Scope is what the challenge of insufficient_scope asks for.
	Scope string `json:"scope,omitempty"`
	// Final says that there is no challenge, as no token that the client can ask for
	// would do.
	Final bool `json:"final,omitempty"`
}

type explainCheck struct {
	Name     string `json:"name"`
	State    string `json:"state"`
	Expected string `json:"expected,omitempty"`
	Got      string `json:"got,omitempty"`
	Fix      string `json:"fix,omitempty"`
	Reason   string `json:"reason,omitempty"`
}

type explainKeys struct {
	Origin    string   `json:"origin"`
	Address   string   `json:"address,omitempty"`
	IDs       []string `json:"ids"`
	Ambiguous []string `json:"ambiguous,omitempty"`
	Ignored   int      `json:"ignored,omitempty"`
	Error     string   `json:"error,omitempty"`
	Detail    string   `json:"detail,omitempty"`
}

type explainPrincipal struct {
	Issuer    string   `json:"issuer"`
	Subject   string   `json:"subject"`
	ClientID  string   `json:"client_id,omitempty"`
	Scopes    []string `json:"scopes"`
	ExpiresAt string   `json:"expires_at"`
	// ExpiresIn is in seconds; negative where the clock skew alone accepts it.
	ExpiresIn int64 `json:"expires_in"`
}

// report judges the token.
func (e *explainer) report(ctx context.Context, token string) explainReport {
	explained := e.generation.Verifier.Explain(ctx, token)
	r := explainReport{
		At:     explained.At.UTC().Format(time.RFC3339),
		Answer: answerTo(explained.Refusal),
		Around: explained.Around,
		Keys:   reportKeys(explained.Keys),
		Hints:  explained.Hints,
	}
	for _, c := range explained.Checks {
		r.Checks = append(r.Checks, explainCheck{
			Name: c.Name, State: string(c.State), Expected: c.Expected, Got: c.Got, Fix: c.Fix, Reason: string(c.Reason),
		})
	}
	if len(explained.Around) > 0 {
		alone := answerTo(explained.Bare)
		r.Alone = &alone
	}
	if e.fromFile && explained.Keys.Origin == auth.KeysConfigured {
		r.Hints = append(r.Hints, "the issuer's keys stand in the configuration: --jwks was not used")
	}
	r.Hints = append(r.Hints, e.runningHints(explained)...)
	e.judgeAccess(&r, explained)
	r.Accepted = r.Answer.Status == http.StatusOK
	return r
}

// answerTo is what a token alone is answered with; nil is none refused.
func answerTo(refusal *auth.Refusal) explainAnswer {
	if refusal == nil {
		return explainAnswer{Status: http.StatusOK}
	}
	status, code := auth.AnswerTo(refusal.Reason)
	return explainAnswer{Status: status, Error: code, Reason: string(refusal.Reason)}
}

func reportKeys(k auth.KeyReport) *explainKeys {
	if k.Origin == "" {
		return nil
	}
	return &explainKeys{
		Origin: string(k.Origin), Address: auth.Printable(k.Address), IDs: printables(k.IDs), Ambiguous: printables(k.Ambiguous),
		Ignored: k.Ignored, Error: k.Error, Detail: k.Detail,
	}
}

func reportPrincipal(p auth.Principal, now time.Time) *explainPrincipal {
	return &explainPrincipal{
		Issuer: auth.Printable(p.Issuer), Subject: auth.Printable(p.Subject), ClientID: auth.Printable(p.ClientID),
		Scopes: printables(p.Scopes), ExpiresAt: p.ExpiresAt.UTC().Format(time.RFC3339),
		ExpiresIn: int64(p.ExpiresAt.Sub(now).Seconds()),
	}
}

// printables is never nil: a list in JSON is a list.
func printables(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = auth.Printable(s)
	}
	return out
}

func (r explainReport) json(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(r); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}

// err makes the exit status.
func (r explainReport) err() error {
	switch {
	case r.Accepted:
		return nil
	case r.Answer.Status == http.StatusServiceUnavailable:
		return errors.New("the token cannot be judged now (" + r.Answer.Reason + ")")
	case !r.Answer.byPolicy():
		return errors.New("the token is refused (" + r.Answer.Reason + ")")
	case r.Tool == nil:
		return errors.New("every request with this token is refused (" + r.Answer.Reason + ")")
	default:
		return errors.New("the tool cannot be called with this token (" + r.Answer.Reason + ")")
	}
}

// byPolicy reports an answer to a token that is good.
func (a explainAnswer) byPolicy() bool {
	switch a.Reason {
	case string(auth.ReasonScope), string(auth.ReasonPermission), verdictConcealed, verdictUnknown:
		return true
	default:
		return false
	}
}

// words is the answer in one line.
func (a explainAnswer) words() string {
	if a.Status == http.StatusOK {
		return "accepted"
	}
	final := ""
	if a.Final {
		final = ", final: there is no challenge"
	}
	return strings.Join(strings.Fields(fmt.Sprintf("%d %s%s (reason %s)", a.Status, a.Error, final, a.Reason)), " ")
}
