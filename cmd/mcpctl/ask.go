package main

import (
	"context"
	stdjson "encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/spf13/cobra"

	"mcp-resource-server/cmd/mcpctl/ask"
)

// defaultModel calls tools well, is cheap, and is there for every OpenAI account.
const defaultModel = "gpt-4.1-mini"

func (p *program) askCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "ask QUESTION …",
		Short: "Let a model answer questions with the server's tools",
		Long: `Let a model answer questions with the server's tools, over one connection. The
model is asked through an OpenAI-compatible API:

  OPENAI_API_KEY, or OPENAI_API_KEY_FILE   the key; any value where the server wants none
  OPENAI_BASE_URL                          Ollama, vLLM and others; https://api.openai.com/v1 if not set
  OPENAI_MODEL                             ` + defaultModel + ` if not set

The model may call every tool that the token unlocks: give it a client of its own
with the scopes that it may use. With -v stderr shows each call; with -o json stdout
has [{question, answer, calls}].

` + exitHelp,
		Args: cobra.MinimumNArgs(1),
	}
	f := cmd.Flags()
	f.String("model", defaultModel, "name of the model (OPENAI_MODEL)")
	f.Int("max-rounds", 0, "how often one question may ask the model; a tool takes two rounds (default 8)")
	f.Bool("plain", false, "put the tools into the prompt, for models that cannot call tools")
	f.StringArray("tool", nil, "offer this tool and no other; repeat it for more")
	return p.command(cmd, func(ctx context.Context, s settings, questions []string) error {
		talk := &talk{program: p}
		options, err := interruptible(ctx, func() (ask.Options, error) { return p.askOptions(cmd, s, talk) })
		if err != nil {
			return err
		}
		talk.only = options.Only
		// Wrong options are told before anything is connected.
		asker, err := ask.New(options, talk)
		if err != nil {
			return askTrouble(err)
		}
		if err := checkQuestions(questions); err != nil {
			return err
		}
		if talk.client, err = p.connect(ctx, s); err != nil {
			return err
		}
		defer talk.client.close()
		return talk.run(ctx, asker, questions, s.json)
	})
}

// checkQuestions finds what is no question before the first one is paid for.
func checkQuestions(questions []string) error {
	for _, question := range questions {
		switch {
		case strings.TrimSpace(question) == "":
			return usagef("%v: it is empty", ask.ErrQuestion)
		case !utf8.ValidString(question):
			return usagef("%v: it is not UTF-8", ask.ErrQuestion)
		}
	}
	return nil
}

func (p *program) askOptions(cmd *cobra.Command, s settings, t *talk) (ask.Options, error) {
	src := &source{flags: cmd.Flags(), env: p.env}
	o := ask.Options{
		APIKey:       src.secret("", "OPENAI_API_KEY"),
		BaseURL:      p.env["OPENAI_BASE_URL"],
		InsecureHTTP: s.insecureHTTP,
		Observe:      t.happened,
	}
	o.Model, _ = src.text("model", "OPENAI_MODEL")
	var err [3]error
	o.MaxRounds, err[0] = cmd.Flags().GetInt("max-rounds")
	o.Plain, err[1] = cmd.Flags().GetBool("plain")
	o.Only, err[2] = cmd.Flags().GetStringArray("tool")
	return o, errors.Join(src.err(), errors.Join(err[:]...))
}

// talk is one run of ask: the server's tools as the model gets them, and what is told
// of it. One question is answered after the other.
type talk struct {
	program *program
	client  *client
	only    []string     // the tools that were asked for by name
	calls   []calledTool // for the question that is being answered
}

// calledTool is a call in the JSON output.
type calledTool struct {
	Tool      string         `json:"tool"`
	Arguments jsontext.Value `json:"arguments"`
	MS        int64          `json:"ms"`
	Bytes     int            `json:"bytes"`
	IsError   bool           `json:"is_error,omitzero"`
}

type answered struct {
	Question string       `json:"question"`
	Answer   string       `json:"answer"`
	Calls    []calledTool `json:"calls"`
}

// run prints each answer when it is there; JSON is one array, also of those that came
// before a failure.
func (t *talk) run(ctx context.Context, asker *ask.Asker, questions []string, asJSON bool) error {
	all := []answered{}
	var failed error
	for i, question := range questions {
		t.calls = []calledTool{}
		text, err := asker.Ask(ctx, question)
		if err != nil {
			failed = askTrouble(err)
			break
		}
		all = append(all, answered{question, text, t.calls})
		if asJSON {
			continue
		}
		if i > 0 {
			text = "\n" + text
		}
		if err := t.program.printText(text); err != nil {
			return err
		}
	}
	if !asJSON {
		return failed
	}
	out, err := json.Marshal(all)
	if err == nil {
		err = t.program.printJSON(out)
	}
	return errors.Join(failed, err)
}

// List implements ask.Tools.
func (t *talk) List(ctx context.Context) ([]ask.Tool, error) {
	tools, err := t.client.tools(ctx)
	if err != nil {
		return nil, err
	}
	for _, name := range t.only {
		if find(tools, name) == nil {
			return nil, usagef("--tool: there is no tool %s%s", line(name), t.client.listHint(tools))
		}
	}
	var list []ask.Tool
	for _, tool := range tools {
		if t.client.forModel(tool.name) != ask.Printable(tool.name) {
			t.client.console.note("a tool whose name holds the token is not offered to the model")
			continue
		}
		list = append(list, ask.Tool{
			Name: tool.name, Title: t.client.forModel(tool.title), Description: t.client.forModel(tool.description),
			InputSchema: t.client.schemaForModel(tool.inputSchema()),
		})
	}
	return list, nil
}

// forModel is what a server wrote without what it was sent in confidence: a model's
// provider reads all that the model reads. Characters that are dropped on the way there
// must be dropped before: see [oauthclient.Authorizer.Strike].
func (c *client) forModel(text string) string { return c.auth.Strike(ask.Printable(text)) }

// schemaForModel looks behind the escapes of JSON, and leaves a schema that holds no
// token as it was sent.
func (c *client) schemaForModel(schema jsontext.Value) stdjson.RawMessage {
	plain := schema.Clone()
	if err := plain.Format(jsontext.PreserveRawStrings(false), jsontext.AllowDuplicateNames(true)); err != nil {
		return stdjson.RawMessage(schema) // no JSON: it is not offered
	}
	text := ask.Printable(string(plain))
	if struck := c.auth.Strike(text); struck != text {
		return stdjson.RawMessage(struck)
	}
	return stdjson.RawMessage(schema)
}

// Call implements ask.Tools.
func (t *talk) Call(ctx context.Context, name string, arguments stdjson.RawMessage) (ask.Result, error) {
	start := t.program.now()
	result, err := t.call(ctx, name, arguments)
	t.calls = append(t.calls, calledTool{
		Tool: name, Arguments: jsontext.Value(arguments),
		MS: t.program.now().Sub(start).Milliseconds(), Bytes: len(result.Text), IsError: err != nil || result.IsError,
	})
	return result, err
}

// call gives what the server says of a call to the model, as what the tool says: it
// may have a better idea.
func (t *talk) call(ctx context.Context, name string, arguments stdjson.RawMessage) (ask.Result, error) {
	a, err := t.client.call(ctx, &mcp.CallToolParams{Name: name, Arguments: arguments})
	if f, ok := errors.AsType[*failure](err); ok && f.code == exitTool {
		return ask.Result{Text: f.text, IsError: true}, nil
	}
	if err != nil {
		return ask.Result{}, err
	}
	if a.result.NeedsInput() {
		return ask.Result{Text: "the tool asks its user for input, which is not possible here", IsError: true}, nil
	}
	return ask.Result{Text: t.client.forModel(a.forModel()), IsError: a.result.IsError}, nil
}

// happened hears what the model does.
func (t *talk) happened(e ask.Event) {
	c := t.program.console
	switch e.Kind {
	case ask.EventRound:
		c.note("model: round %d, %d tool calls (%s)", e.Round, e.Calls, e.Duration.Round(time.Millisecond))
	case ask.EventCall:
		c.note("call: %s %s (%s, %s)", c.line(e.Tool), c.line(e.Arguments), e.Duration.Round(time.Millisecond), outcome(e))
	case ask.EventRetry:
		c.note("model: trying again in %s: %s", e.Wait.Round(time.Millisecond), c.line(fmt.Sprint(e.Err)))
	case ask.EventNonsense:
		c.note("model: an answer that cannot be used: %s", c.line(e.Text))
	case ask.EventUnvalidated:
		c.note("tool %s: only the server judges its arguments: %s", c.line(e.Tool), c.line(e.Text))
	case ask.EventSkipped:
		c.note("tool %s: not offered to the model: %s", c.line(e.Tool), c.line(e.Text))
	}
}

func outcome(e ask.Event) string {
	switch {
	case e.Err != nil:
		return "failed"
	case e.ToolError:
		return fmt.Sprintf("the tool failed, %d bytes", e.Bytes)
	case e.Cut:
		return fmt.Sprintf("%d bytes, cut", e.Bytes)
	default:
		return fmt.Sprintf("%d bytes", e.Bytes)
	}
}

// askTrouble gives an error of ask its exit status. One of the server's tools has its
// own already.
func askTrouble(err error) error {
	if f, ok := errors.AsType[*failure](err); ok {
		return f
	}
	text := err.Error()
	if refused, ok := errors.AsType[*ask.RefusalError](err); ok && refused.Text != "" {
		text += ": " + refused.Text
	}
	if e, ok := errors.AsType[*ask.ModelError](err); ok && e.Said != "" {
		text += ": " + e.Said
	}
	code := exitModel
	if errors.Is(err, ask.ErrToolList) {
		code = exitTool
	}
	if errors.Is(err, ask.ErrNoKey) || errors.Is(err, ask.ErrOptions) || errors.Is(err, ask.ErrQuestion) {
		code = exitUsage
	}
	return failf(code, "%s", line(text)).because(err)
}
