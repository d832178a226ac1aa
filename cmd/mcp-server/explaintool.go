package main

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"mcp-resource-server/auth"
	"mcp-resource-server/internal/editdistance"
)

// explainTool is the access decision on one tool.
type explainTool struct {
	Name    string `json:"name"`
	Verdict string `json:"verdict"`
	// Needs are all scopes that a call needs, Missing those that the token lacks.
	Needs   []string `json:"needs"`
	Missing []string `json:"missing"`
	Fix     string   `json:"fix,omitempty"`
}

// The verdicts.
const (
	verdictAllowed   = "allowed"
	verdictDenied    = "denied"
	verdictUnknown   = "unknown_tool"
	verdictNotJudged = "not_judged"
)

// methodCallTool is the operation that is asked about.
const methodCallTool = "tools/call"

// judgeAccess adds what the policy says of the caller, and changes the answers where
// the policy does: a 401 wins over a 403.
func (e *explainer) judgeAccess(r *explainReport, explained auth.Explanation) {
	known := explained.Bare == nil
	if known {
		r.Principal = reportPrincipal(explained.Principal, explained.At)
		r.Hints = append(r.Hints, e.accessHints(explained.Principal)...)
	}
	var answer *explainAnswer
	switch {
	case e.tool != "":
		answer = e.judgeTool(r, explained, known)
	case known && e.anyRequest(explained.Principal).Verdict == auth.Denied:
		answer = deniedAnswer()
	}
	switch {
	case answer == nil || !known:
	case explained.Refusal == nil:
		r.Answer = *answer
	default:
		r.Alone = answer
	}
}

// deniedAnswer is the answer where scopes are missing.
func deniedAnswer() *explainAnswer {
	answer := answerTo(&auth.Refusal{Reason: auth.ReasonScope})
	return &answer
}

// judgeTool adds whether the caller may call the tool, and returns the answer to a call,
// or nil where the policy leaves it as it is.
func (e *explainer) judgeTool(r *explainReport, explained auth.Explanation, known bool) *explainAnswer {
	op := auth.Operation{Method: methodCallTool, Tool: e.tool, Modern: true}
	decision := e.generation.Policy.Check(op, explained.Principal)
	_, exists := e.generation.Tools.Get(e.tool)
	r.Tool = &explainTool{Name: auth.Printable(e.tool), Verdict: verdictNotJudged, Needs: printables(decision.Scopes), Missing: []string{}}
	switch {
	case !exists:
		// Whoever the caller is, there is nothing to call.
		r.Tool.Verdict, r.Tool.Fix, r.Tool.Needs = verdictUnknown, e.unknownTool(), []string{}
		if decision.Verdict == auth.Denied {
			return deniedAnswer()
		}
		return &explainAnswer{Status: http.StatusBadRequest, Error: "JSON-RPC error -32602", Reason: verdictUnknown}
	case !known:
		r.Tool.Fix = "the token is refused before the tool is looked at"
	case decision.Verdict == auth.Allowed:
		r.Tool.Verdict = verdictAllowed
	default:
		lacking := missing(decision.Scopes, explained.Principal)
		r.Tool.Verdict, r.Tool.Missing, r.Tool.Fix = verdictDenied, printables(lacking), explained.FixScopes(lacking)
		return deniedAnswer()
	}
	return nil
}

// anyRequest is the decision on what every caller may do that may do anything.
func (e *explainer) anyRequest(p auth.Principal) auth.Decision {
	return e.generation.Policy.Check(auth.Operation{Method: "tools/list", Modern: true}, p)
}

func missing(needs []string, p auth.Principal) []string {
	return slices.DeleteFunc(slices.Clone(needs), p.HasScope)
}

// accessHints tell of a caller that can do nothing, which is the commonest mistake of
// a first day.
func (e *explainer) accessHints(p auth.Principal) []string {
	if d := e.anyRequest(p); d.Verdict == auth.Denied {
		return []string{"the token lacks " + strings.Join(missing(d.Scopes, p), " ") + ", which every request needs (auth.required_scopes): each is answered with 403"}
	}
	if lacking, none := e.generation.Policy.UnlocksNoTool(p); none {
		return []string{"the token is good for no tool at all: each needs a scope that it lacks (" + strings.Join(lacking, " ") + ")"}
	}
	return nil
}

// unknownTool says which tools there are that may be meant.
func (e *explainer) unknownTool() string {
	for _, t := range e.all {
		if t.Name() == e.tool {
			return "the tool is there, and switched off: add it to tools.enabled"
		}
	}
	type candidate struct {
		name     string
		distance int
	}
	var near []candidate
	for _, t := range e.generation.Tools.Sorted() {
		d := editdistance.Of(strings.ToLower(e.tool), strings.ToLower(t.Name()))
		if d <= max(2, len(t.Name())/3) || strings.Contains(t.Name(), strings.ToLower(e.tool)) {
			near = append(near, candidate{t.Name(), d})
		}
	}
	if len(near) == 0 {
		return "no tool has a name like that: tools/list (or mcpctl list) shows those that there are"
	}
	slices.SortStableFunc(near, func(a, b candidate) int { return cmp.Compare(a.distance, b.distance) })
	names := make([]string, 0, len(near))
	for _, c := range near[:min(len(near), 3)] {
		names = append(names, c.name)
	}
	return "no tool has that name; near it: " + strings.Join(names, ", ")
}
