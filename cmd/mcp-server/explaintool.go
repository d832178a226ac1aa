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
	// Rule is what decides: access.rules[2] or access.default.
	Rule string `json:"rule,omitempty"`
	// Needs are all scopes that a call needs, beside one of AnyOf where there are any.
	// Missing are those that the token lacks, and of AnyOf, if it has none, the first.
	Needs   []string `json:"needs"`
	AnyOf   []string `json:"any_of,omitempty"`
	Missing []string `json:"missing"`
	// Through has the scopes that the token does not name and that count as held, each
	// with the one that includes it.
	Through map[string]string `json:"through,omitempty"`
	Fix     string            `json:"fix,omitempty"`

	told string // of a concealed tool: what the caller is told of it
}

// The verdicts. Two of them are reasons of the server's log, too.
const (
	verdictAllowed   = "allowed"
	verdictDenied    = "denied"
	verdictConcealed = "concealed"
	verdictUnknown   = "unknown_tool"
	verdictNotJudged = "not_judged"
)

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
	case known:
		// Nothing is named yet: what remains is what every request needs.
		if d := e.anyRequest(explained.Principal); d.Verdict == auth.Denied {
			answer = decisionAnswer(d)
		}
	}
	switch {
	case answer == nil || !known:
	case explained.Refusal == nil:
		r.Answer = *answer
	default:
		r.Alone = answer
	}
}

// judgeTool adds whether the caller may call the tool, and returns the answer to a call,
// or nil where the policy leaves it as it is.
func (e *explainer) judgeTool(r *explainReport, explained auth.Explanation, known bool) *explainAnswer {
	x := e.generation.Policy.Explain(auth.Tool(e.tool).Use(true), explained.Principal)
	r.Tool = &explainTool{Name: auth.Printable(e.tool), Verdict: verdictNotJudged, Needs: []string{}, Missing: []string{}}
	if _, exists := e.generation.Tools.Get(e.tool); !exists {
		// Whoever the caller is, there is nothing to call.
		r.Tool.Verdict, r.Tool.Fix = verdictUnknown, e.unknownTool()
		return decisionAnswer(x.Decision)
	}
	r.Tool.Rule, r.Tool.Needs = x.Rule, printables(x.Needs.AllOf)
	if len(x.Needs.AnyOf) > 0 {
		r.Tool.AnyOf = printables(x.Needs.AnyOf)
	}
	switch {
	case !known:
		r.Tool.Fix = "the token is refused before the tool is looked at"
		return nil
	case x.Verdict == auth.Allowed:
		r.Tool.Verdict, r.Tool.Through = verdictAllowed, x.Through
		return nil
	case x.Concealed:
		r.Tool.Verdict, r.Tool.told = verdictConcealed, toldOfConcealed(x.Decision)
	default:
		r.Tool.Verdict = verdictDenied
	}
	r.Tool.Missing, r.Tool.Through, r.Tool.Fix = printables(x.Lacks), x.Through, explained.FixScopes(x.Lacks)
	return decisionAnswer(x.Decision)
}

// toldOfConcealed is what a caller learns of a tool that is concealed from it.
func toldOfConcealed(d auth.Decision) string {
	if d.Verdict == auth.Denied { // of what every request needs
		return "the caller is told that it lacks " + strings.Join(d.Missing, " ") + ", and no more"
	}
	return "the caller is told that there is no such tool"
}

// decisionAnswer is what the server answers to a call, by MCP 2026-07-28, that the
// policy refuses so.
func decisionAnswer(d auth.Decision) *explainAnswer {
	var answer explainAnswer
	switch {
	case d.Verdict != auth.Denied:
		answer = explainAnswer{Status: http.StatusBadRequest, Error: "JSON-RPC error -32602", Reason: verdictUnknown}
	case d.Final:
		answer = answerTo(&auth.Refusal{Reason: auth.ReasonPermission})
		answer.Error, answer.Final = "JSON-RPC error -32003", true
	default:
		answer = answerTo(&auth.Refusal{Reason: auth.ReasonScope})
		answer.Scope = strings.Join(d.Scopes, " ")
	}
	if d.Concealed {
		answer.Reason = verdictConcealed
	}
	return &answer
}

// unknownTool says which tools there are that may be meant.
func (e *explainer) unknownTool() string {
	for _, t := range e.inventory.Tools {
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
