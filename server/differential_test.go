package server

import (
	"context"
	stdjson "encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/auth"
	"mcp-resource-server/tools"
)

// disagreements counts what the authority logs where the gate and the SDK read a message
// differently.
type disagreements struct{ n atomic.Int64 }

func (d *disagreements) Enabled(context.Context, slog.Level) bool { return true }
func (d *disagreements) WithAttrs([]slog.Attr) slog.Handler       { return d }
func (d *disagreements) WithGroup(string) slog.Handler            { return d }

func (d *disagreements) Handle(_ context.Context, r slog.Record) error {
	if strings.Contains(r.Message, "disagree") {
		d.n.Add(1)
	}
	return nil
}

// twoReaders is a rig in which everything may be used, and what the SDK decoded is noted
// before anything judges it.
type twoReaders struct {
	*rig
	log     disagreements
	decoded []auth.Operation
	token   string
	session string
}

func newTwoReaders(t testing.TB) *twoReaders {
	d := &twoReaders{}
	d.rig = newRig(t, func(o *Options) { o.Logger = slog.New(&d.log) })
	access := auth.DefaultAccessConfig()
	access.Default = auth.AccessAuthenticated
	d.install(access, d.bypassed().Tools.With(
		[]tools.Prompt{d.aPrompt("about"), d.aPrompt("other")}, []tools.Resource{d.aResource("x://one"), d.aResource("x://two"), d.aWatched("x://watched", nil)}).
		WithTemplates([]tools.Template{d.aTemplate("x://t/{id}"), d.aTemplate("x://u/{id}")}))
	d.server.mcp.AddReceivingMiddleware(func(next mcp.MethodHandler) mcp.MethodHandler {
		return func(ctx context.Context, method string, req mcp.Request) (mcp.Result, error) {
			d.decoded = append(d.decoded, auth.Operation{Method: method, Target: targetOf(req)})
			return next(ctx, method, req)
		}
	})
	d.token = d.rig.token()
	return d
}

// answerTimeout is longer than any answer takes.
const answerTimeout = 10 * time.Second

// send sends the body as a request of an era. The headers of a modern one say what the
// gate reads, so that they are no reason to refuse it.
func (d *twoReaders) send(body string, modern bool, msg message) (status int, answer string) {
	if !modern && d.session == "" {
		d.session = d.legacySession(d.token)
	}
	*d.ran, d.decoded = nil, nil
	ctx, cancel := context.WithTimeout(d.t.Context(), answerTimeout)
	defer cancel()
	req := with(d.token, body).WithContext(ctx)
	req.Header.Set("Mcp-Protocol-Version", byEra(modern, "2026-07-28", "2025-11-25"))
	if modern {
		req.Header.Set("Mcp-Method", msg.method)
		req.Header.Set("Mcp-Name", msg.target.Name)
	} else {
		req.Header.Set("Mcp-Session-Id", d.session)
	}
	w := d.serve(req)
	if !modern && w.Code == http.StatusNotFound {
		d.session = "" // it ended
	}
	if ctx.Err() != nil {
		return 0, "no answer"
	}
	return w.Code, w.Body.String()
}

// readings are what other readers take the message for: the standard library, and the
// SDK with the standard library for the params.
func readings(body string) map[string]auth.Operation {
	type named struct {
		Name string
		URI  string
		Ref  struct{ Type, Name, URI string }
	}
	operation := func(method string, p named) auth.Operation {
		op := auth.Operation{Method: method}
		switch method {
		case "tools/call":
			op.Target = auth.Tool(p.Name)
		case "prompts/get":
			op.Target = auth.Prompt(p.Name)
		case "resources/read", "resources/subscribe", "resources/unsubscribe":
			op.Target = auth.Resource(p.URI)
		case "completion/complete":
			op.Target = auth.Resource(p.Ref.URI)
			if p.Ref.Type == "ref/prompt" {
				op.Target = auth.Prompt(p.Ref.Name)
			}
		}
		return op
	}
	all := map[string]auth.Operation{}
	var whole struct {
		Method string
		Params named
	}
	if err := stdjson.Unmarshal([]byte(body), &whole); err == nil && whole.Method != "" {
		all["encoding/json"] = operation(whole.Method, whole.Params)
	}
	if decoded, err := jsonrpc.DecodeMessage([]byte(body)); err == nil {
		if req, ok := decoded.(*jsonrpc.Request); ok {
			var p named
			if len(req.Params) == 0 || stdjson.Unmarshal(req.Params, &p) == nil {
				all["the SDK"] = operation(req.Method, p)
			}
		}
	}
	return all
}

// check sends a body, and holds the gate to every other reader.
func (d *twoReaders) check(body string, modern bool) error {
	msg, fault := parseMessage([]byte(body))
	if msg.method == methodListen || msg.method == methodInitialize {
		return nil // a stream, and what opens a session
	}
	want := auth.Operation{Method: msg.method, Target: msg.target}
	if fault == nil {
		for name, got := range readings(body) {
			if msg.meta.names() && removed[got.Method] {
				got.Target = auth.Target{} // there is no such method, and nothing is read of it
			}
			if got != want {
				return fmt.Errorf("the gate reads %v, %s %v", want, name, got)
			}
		}
		if msg.id == nil {
			return nil // nobody is told when a notification has been handled
		}
	}
	status, answer := d.send(body, modern, msg)
	if status == 0 {
		return errors.New("no answer")
	}
	if status >= http.StatusBadRequest && !strings.HasPrefix(answer, `{"jsonrpc":"2.0"`) {
		return fmt.Errorf("a refusal that is none of JSON-RPC: %d %s", status, answer)
	}
	if d.log.n.Swap(0) > 0 {
		return fmt.Errorf("gate and protocol disagree: %d %s", status, answer)
	}
	if fault != nil {
		if len(*d.ran) > 0 || len(d.decoded) > 0 || status != http.StatusBadRequest {
			return fmt.Errorf("the gate refuses it (%s), and %q ran of %v: %d %s", fault.text, *d.ran, d.decoded, status, answer)
		}
		return nil
	}
	if len(d.decoded) > 1 || (len(d.decoded) == 1 && d.decoded[0] != want) {
		return fmt.Errorf("the gate reads %v, and the SDK decoded %v", want, d.decoded)
	}
	if len(*d.ran) > 1 || (len(*d.ran) == 1 && (*d.ran)[0] != want.Target.Name) {
		return fmt.Errorf("the gate reads %v, and %q ran", want, *d.ran)
	}
	return nil
}

// otherMessages are messages beside the calls, good and bad.
var otherMessages = []string{
	`{"jsonrpc":"2.0","id":7,"method":"prompts/get","params":{"name":"about","arguments":{"city":"x"}META}}`,
	`{"jsonrpc":"2.0","id":7,"method":"prompts/get","params":{"NAME":"other","name":"about"META}}`,
	`{"jsonrpc":"2.0","id":7,"method":"resources/read","params":{"uri":"x://one"META}}`,
	`{"jsonrpc":"2.0","id":7,"method":"resources/read","params":{"URI":"x://two","uri":"x://one"META}}`,
	`{"jsonrpc":"2.0","id":7,"method":"completion/complete","params":{"ref":{"type":"ref/prompt","name":"about"},"argument":{"name":"city","value":"O"}META}}`,
	`{"jsonrpc":"2.0","id":7,"method":"completion/complete","params":{"ref":{"type":"ref/prompt","name":"about","NAME":"other"},"argument":{"name":"city","value":"O"}META}}`,
	`{"jsonrpc":"2.0","id":7,"method":"completion/complete","params":{"ref":{"type":"ref/prompt","name":"about","uri":"x://one"},"argument":{"name":"city","value":"O"}META}}`,
	`{"jsonrpc":"2.0","id":7,"method":"completion/complete","params":{"ref":{"type":"ref/resource","uri":"x://one"},"argument":{"name":"city","value":"O"}META}}`,
	`{"jsonrpc":"2.0","id":7,"method":"resources/read","params":{"uri":"x://t/1"META}}`,
	`{"jsonrpc":"2.0","id":7,"method":"resources/read","params":{"uri":"x:\/\/t\/\u0031"META}}`,
	`{"jsonrpc":"2.0","id":7,"method":"resources/read","params":{"URI":"x://u/1","uri":"x://t/%2F"META}}`,
	`{"jsonrpc":"2.0","id":7,"method":"resources/read","params":{"uri":"x://t/{id}"META}}`,
	`{"jsonrpc":"2.0","id":7,"method":"completion/complete","params":{"ref":{"type":"ref/resource","uri":"x://t/{id}"},"argument":{"name":"id","value":"O"}META}}`,
	`{"jsonrpc":"2.0","id":7,"method":"resources/subscribe","params":{"uri":"x://watched"META}}`,
	`{"jsonrpc":"2.0","id":7,"method":"resources/subscribe","params":{"URI":"x://one","uri":"x://watched"META}}`,
	`{"jsonrpc":"2.0","id":7,"method":"resources/unsubscribe","params":{"uri":"x://watched"META}}`,
	`{"jsonrpc":"2.0","id":7,"method":"tools/list","params":{"cursor":"dG9vbDph"META}}`,
	`{"jsonrpc":"2.0","id":7,"method":"tools/list","params":null}`,
	`{"jsonrpc":"2.0","id":7,"method":"ping"}`,
	`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}`,
	`{"jsonrpc":"2.0","id":7,"result":{}}`,
	`{"jsonrpc":"2.0","id":7,"error":{"code":1,"message":"x"}}`,
	`{"jsonrpc":"2.0","id":7,"error":5}`,
	`{"jsonrpc":"2.0","id":"a","method":"tools/call","params":{"name":"alpha","_meta":{"progressToken":1e2}}}`,
	goodCall,
}

// corpus is every message of these tests, in both eras.
func corpus() (all []string) {
	for _, b := range bypasses {
		for _, text := range []string{b.body, b.twin} {
			all = append(all, strings.ReplaceAll(text, "META", ""), strings.ReplaceAll(text, "META", ","+modernMeta))
		}
	}
	for _, text := range otherMessages {
		all = append(all, strings.ReplaceAll(text, "META", ""), strings.ReplaceAll(text, "META", ","+modernMeta))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// TestReadersAgree: on each known shape, and that the good ones run.
func TestReadersAgree(t *testing.T) {
	d := newTwoReaders(t)
	ran := map[string]bool{}
	for _, body := range corpus() {
		for _, modern := range eras {
			if err := d.check(body, modern); err != nil {
				t.Errorf("%s\nmodern %v: %v", body, modern, err)
			}
			for _, name := range *d.ran {
				ran[fmt.Sprint(name, " modern ", modern)] = true
			}
		}
	}
	for _, name := range []string{"alpha", "beta", "about", "x://one", "x://t/1"} {
		for _, modern := range eras {
			if key := fmt.Sprint(name, " modern ", modern); !ran[key] {
				t.Errorf("never ran: %s", key)
			}
		}
	}
}

// FuzzReadersAgree: whatever a body says, the gate, the SDK and the standard library take
// it for the same operation wherever the gate lets it pass, and nothing else runs.
func FuzzReadersAgree(f *testing.F) {
	for _, body := range corpus() {
		f.Add([]byte(body), true)
		f.Add([]byte(body), false)
	}
	d := newTwoReaders(f)
	f.Fuzz(func(t *testing.T, body []byte, modern bool) {
		d.t = t
		if err := d.check(string(body), modern); err != nil {
			t.Error(err)
		}
	})
}
