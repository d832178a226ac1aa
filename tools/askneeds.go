package tools

import (
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// lacks says what keeps the questions from being asked, or returns nil.
func (c Caller) lacks(questions mcp.InputRequestMap) *CapabilityNeeded {
	switch {
	case len(questions) == 0:
		return nil
	case c.Client == nil:
		return newCapabilityNeeded(requiredBy(questions), "there is no client that could be asked")
	case !c.Client.Reachable():
		return newCapabilityNeeded(requiredBy(questions), "the client cannot be asked: its request leads back to it in a session alone")
	default:
		return lacking(c.Client.Capabilities(), questions)
	}
}

// requiredBy are the capabilities that a client needs for the questions.
func requiredBy(questions mcp.InputRequestMap) *mcp.ClientCapabilities {
	needed := &mcp.ClientCapabilities{}
	for _, q := range questions {
		switch q := q.(type) {
		case *mcp.ElicitParams:
			if needed.Elicitation == nil {
				needed.Elicitation = &mcp.ElicitationCapabilities{}
			}
			if modeOf(q) == modeURL {
				needed.Elicitation.URL = &mcp.URLElicitationCapabilities{}
			} else {
				needed.Elicitation.Form = &mcp.FormElicitationCapabilities{}
			}
		case *mcp.CreateMessageParams:
			if needed.Sampling == nil {
				needed.Sampling = &mcp.SamplingCapabilities{}
			}
		case *mcp.CreateMessageWithToolsParams:
			needed.Sampling = &mcp.SamplingCapabilities{Tools: &mcp.SamplingToolsCapabilities{}}
		case *mcp.ListRootsParams:
			needed.RootsV2 = &mcp.RootCapabilities{}
		}
	}
	return needed
}

// lacking says what the client lacks for the questions, or returns nil. What it has is
// not among what it is told to declare.
func lacking(has *mcp.ClientCapabilities, questions mcp.InputRequestMap) *CapabilityNeeded {
	needed, missing := requiredBy(questions), &mcp.ClientCapabilities{}
	var texts []string
	if e := lackingElicitation(has.Elicitation, needed.Elicitation); e != nil {
		missing.Elicitation = e
		if e.Form != nil {
			texts = append(texts, "does not take questions to its user (elicitation)")
		}
		if e.URL != nil {
			texts = append(texts, "does not take its user to a page (elicitation, mode url)")
		}
	}
	switch {
	case needed.Sampling == nil:
	case has.Sampling == nil:
		missing.Sampling = needed.Sampling
		texts = append(texts, "does not lend its model (sampling)")
	case needed.Sampling.Tools != nil && has.Sampling.Tools == nil:
		missing.Sampling = needed.Sampling
		texts = append(texts, "does not lend its model with tools (sampling, tools)")
	}
	if needed.RootsV2 != nil && has.RootsV2 == nil {
		missing.RootsV2 = needed.RootsV2
		texts = append(texts, "does not show its roots")
	}
	if texts == nil {
		return nil
	}
	return newCapabilityNeeded(missing, "the client "+strings.Join(texts, ", and "))
}

// lackingElicitation is the part of needed that the client does not have. One that names
// no mode has forms (MCP 2025-11-25, client/elicitation, "Capabilities").
func lackingElicitation(has, needed *mcp.ElicitationCapabilities) *mcp.ElicitationCapabilities {
	if needed == nil {
		return nil
	}
	missing := *needed
	if has != nil && (has.Form != nil || has.URL == nil) {
		missing.Form = nil
	}
	if has != nil && has.URL != nil {
		missing.URL = nil
	}
	if missing == (mcp.ElicitationCapabilities{}) {
		return nil
	}
	return &missing
}
