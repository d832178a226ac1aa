package auth

import (
	"fmt"
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"maps"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// eras are the methods that there are, and where each exists, written down here by
// hand from the specifications: MCP 2025-11-25 and before are legacy, 2026-07-28 is
// modern.
var eras = map[string]string{
	"tools/call": "legacy modern", "tools/list": "legacy modern",
	"prompts/get": "legacy modern", "prompts/list": "legacy modern",
	"resources/read": "legacy modern", "resources/list": "legacy modern", "resources/templates/list": "legacy modern",
	"completion/complete":     "legacy modern",
	"notifications/cancelled": "legacy modern", "notifications/progress": "legacy modern",

	"initialize": "legacy", "ping": "legacy", "logging/setLevel": "legacy",
	"resources/subscribe": "legacy", "resources/unsubscribe": "legacy",
	"notifications/initialized": "legacy", "notifications/roots/list_changed": "legacy",
	"http:stream": "legacy", "http:end-session": "legacy", "http:sse": "legacy", "rpc:response": "legacy",

	"server/discover": "modern", "subscriptions/listen": "modern",

	"tasks/get": "", "tasks/list": "", "tasks/result": "", "tasks/cancel": "", "notifications/tasks/status": "",
	"sampling/createMessage": "", "elicitation/create": "", "roots/list": "",
	"notifications/message": "", "notifications/elicitation/complete": "",
	"notifications/tools/list_changed": "", "notifications/prompts/list_changed": "",
	"notifications/resources/list_changed": "", "notifications/resources/updated": "",
	"notifications/subscriptions/acknowledged": "",
}

// unknownMethods have no entry.
var unknownMethods = []string{
	"", "*", "tools/*", "tools/List", "tools/list ", " tools/list", "tools/call\x00", "tools", "Initialize", "tasks/update",
	"http:other", "rpc.discover", "toString", "notifications/other",
}

// sdkMethods reads the names of methods and notifications out of the SDK's source.
func sdkMethods(t *testing.T) []string {
	t.Helper()
	dir, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "github.com/modelcontextprotocol/go-sdk").Output()
	if err != nil {
		t.Fatal(err)
	}
	file, err := parser.ParseFile(gotoken.NewFileSet(), filepath.Join(strings.TrimSpace(string(dir)), "mcp", "protocol.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || !strings.HasPrefix(spec.Names[0].Name, "method") && !strings.HasPrefix(spec.Names[0].Name, "notification") {
			return true
		}
		for _, v := range spec.Values {
			if lit, ok := v.(*ast.BasicLit); ok && lit.Kind == gotoken.STRING {
				name, err := strconv.Unquote(lit.Value)
				if err != nil {
					t.Fatal(err)
				}
				names = append(names, name)
			}
		}
		return true
	})
	return names
}

// What the SDK knows has an entry here, in the eras that are written down above: a new
// version of it opens no door.
func TestEveryMethodOfTheSDKHasAnEntry(t *testing.T) {
	names := sdkMethods(t)
	for _, sure := range []string{"tools/call", "initialize", "subscriptions/listen", "notifications/cancelled", "completion/complete"} {
		if !slices.Contains(names, sure) {
			t.Fatalf("%s was not found: is the source read rightly? (%d names)", sure, len(names))
		}
	}
	for _, name := range names {
		if _, ok := methods[name]; !ok {
			t.Errorf("%s has no entry", name)
		}
	}
	got := map[string]string{}
	for name, m := range methods {
		var in []string
		if m.legacy {
			in = append(in, "legacy")
		}
		if m.modern {
			in = append(in, "modern")
		}
		got[name] = strings.Join(in, " ")
	}
	if !maps.Equal(got, eras) {
		t.Errorf("the eras are\n%v, want\n%v", got, eras)
	}
}

// Whatever the rules say, a method grants nothing where it does not exist, nor one that
// nobody knows; where it exists, the same rules allow it.
func TestMethodsOutsideTheirEra(t *testing.T) {
	all := AccessRule{Authenticated: true, Methods: []string{"*"}}
	each := AccessRule{Authenticated: true, Methods: append(slices.Sorted(maps.Keys(eras)), unknownMethods...)}
	kinds := AccessRule{Authenticated: true, Tools: []string{"*"}, Prompts: []string{"*"}, Resources: []string{"*"}}
	conceal := AccessRule{AllOf: []string{"s"}, Conceal: true, Methods: []string{"*"}}
	for name, rules := range map[string][]AccessRule{
		"none": nil, "every method": {all}, "each method by its name": {each}, "every target": {kinds}, "everything concealed": {conceal},
	} {
		for _, def := range []string{AccessToolScope, AccessAuthenticated, ""} {
			t.Run(fmt.Sprintf("%s/%s", name, def), func(t *testing.T) {
				p := NewPolicy(AccessConfig{Default: def, Rules: rules}, nil, inventory())
				for method, in := range eras {
					for modern, era := range map[bool]string{false: "legacy", true: "modern"} {
						checkEra(t, p, Operation{Method: method, Modern: modern}, strings.Contains(in, era))
					}
				}
				for _, method := range unknownMethods {
					checkEra(t, p, Operation{Method: method}, false)
					checkEra(t, p, Operation{Method: method, Modern: true}, false)
				}
			})
		}
	}
}

func checkEra(t *testing.T, p *Policy, op Operation, exists bool) {
	t.Helper()
	var targets []Target
	for _, in := range inventory() {
		targets = append(targets, in.Target)
	}
	allowed := false
	for _, op.Target = range append(targets, Target{}, Tool("nothing")) {
		for _, scopes := range [][]string{nil, everyScope} {
			d := p.Check(op, Principal{Scopes: scopes})
			allowed = allowed || d.Verdict == Allowed
			if !exists && !reflect.DeepEqual(d, Decision{}) {
				t.Errorf("%+v: %+v, want no rule, and nothing else", op, d)
			}
		}
	}
	if exists && !allowed {
		t.Errorf("%s (modern %v) is allowed for nobody", op.Method, op.Modern)
	}
}

// Each kind of target is used by a method that exists in every era and names it.
func TestUse(t *testing.T) {
	for target, method := range map[Target]string{
		Tool("a"): "tools/call", Prompt("a"): "prompts/get", Resource("a:b"): "resources/read",
	} {
		for _, modern := range []bool{false, true} {
			op := target.Use(modern)
			if op != (Operation{Method: method, Target: target, Modern: modern}) {
				t.Errorf("%+v", op)
			}
			if m := methods[op.Method]; !m.in(modern) || !slices.Contains(m.names, target.Kind) {
				t.Errorf("%+v cannot be", op)
			}
		}
	}
	if op := (Target{Name: "a"}).Use(true); op.Method != "" {
		t.Errorf("a target of no kind is used by %q", op.Method)
	}
}
