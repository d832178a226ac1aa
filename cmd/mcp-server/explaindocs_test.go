package main

import (
	"encoding/base64"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mcp-resource-server/auth"
)

var update = flag.Bool("update", false, "write the generated files instead of comparing them")

const troubleshootingFile = "../../docs/troubleshooting.md"

// transcript is a mistake of docs/troubleshooting.md, made with the tenant and the
// key of these tests.
type transcript struct {
	// command is what the reader types: its arguments without --jwks and --at.
	command string
	environ []string
	// config is the file that the command names, which the document shows; "" for none.
	config string
	token  func(t *testing.T) string
	good   bool // nothing is refused
}

// transcripts are found in the document by their names.
func transcripts() map[string]transcript {
	signed := func(header, claims jsonFields) func(*testing.T) string {
		return func(t *testing.T) string { return explainToken(t, header, claims) }
	}
	header, claims := explainHeader(), explainClaims()
	failed := func(token func(*testing.T) string) transcript {
		return transcript{command: "mcp-server explain --failed <token", environ: explainEnviron, token: token}
	}
	claim := func(name string, value any) transcript { return failed(signed(header, withField(claims, name, value))) }
	member := func(name string, value any) transcript { return failed(signed(withField(header, name, value), claims)) }

	idToken := withField(withField(withField(claims, "aud", "Z9xkl2Qd0s7Rk3mN1vTgYb5cWf8hJp4E"), "client_id", nil), "scope", nil)
	slash := claim("jti", "3f5a")
	slash.environ = []string{"MCPRS_AUTH_ISSUER=" + strings.TrimSuffix(explainIssuer, "/"), "MCPRS_AUTH_AUDIENCE=" + explainAudience}
	scope := claim("jti", "3f5a")
	scope.command = "mcp-server explain --failed --tool get_weather <token"
	table := func(tool, config string, token func(*testing.T) string) transcript {
		tr := failed(token)
		tr.command, tr.config = "mcp-server explain --failed --config config.yaml --tool "+tool+" <token", config
		return tr
	}
	implied := table("get_weather", impliedTable, signed(header, withField(claims, "scope", "data:admin")))
	implied.good = true
	final := table("greet", finalTable, signed(withField(header, "typ", "JWT"), withField(withField(claims, "scope", nil), "permissions", []string{"tool:get_time"})))
	final.environ = nil
	management := claim("aud", explainIssuer+"api/v2/")
	management.command = "mcp-server explain <token"
	return map[string]transcript{
		"management-api": management,
		"opaque":         failed(func(*testing.T) string { return "n5vLVJrTgzYkFQ2Vb0xqM1dW7oPzKc4H" }),
		"encrypted": failed(func(*testing.T) string {
			jwe := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"dir","enc":"A256GCM"}`))
			return jwe + "..AAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA"
		}),
		"id-token":    failed(signed(withField(header, "typ", "JWT"), withField(idToken, "nonce", "n-0S6"))),
		"issuer":      slash,
		"hs256":       member("alg", "HS256"),
		"expired":     failed(signed(header, withField(withField(claims, "iat", explainSeconds(-25*time.Hour)), "exp", explainSeconds(-time.Hour)))),
		"clock":       claim("iat", explainSeconds(95*time.Second)),
		"unknown-kid": member("kid", "key-of-july"),
		"pasted":      failed(func(t *testing.T) string { return "Authorization: Bearer " + explainGood(t) }),
		"scope":       scope,
		"concealed":   table("get_weather", concealedTable, signed(header, claims)),
		"final":       final,
		"implied":     implied,
	}
}

// The configuration files of the transcripts.
const (
	concealedTable = `access:
  rules:
    - tools: [get_weather]
      all_of: [weather:read]
      conceal: true
`
	impliedTable = `access:
  rules:
    - tools: [get_*]
      all_of: [data:read]
  implies:
    - scope: data:admin
      grants: [data:read]
`
	finalTable = `auth:
  issuers:
    - issuer: https://tenant.eu.auth0.com/
      audiences: [https://mcp.example.com/mcp]
      scope_claims: [permissions]
`
)

// The transcripts of the document are what the command prints.
func TestGeneratedTranscripts(t *testing.T) {
	docs, err := os.ReadFile(troubleshootingFile)
	if err != nil {
		t.Fatal(err)
	}
	got := string(docs)
	all := transcripts()
	for name, tr := range all {
		begin, end := "<!-- transcript: "+name+" -->\n```console\n", "```\n"
		before, rest, found := strings.Cut(got, begin)
		_, after, ended := strings.Cut(rest, end)
		if !found || !ended {
			t.Fatalf("%s has no block for the transcript %q", troubleshootingFile, name)
		}
		got = before + begin + tr.run(t) + end + after
	}
	if n := strings.Count(got, "<!-- transcript: "); n != len(all) {
		t.Errorf("the document has %d transcripts, and %d are made", n, len(all))
	}
	if *update {
		if err := os.WriteFile(troubleshootingFile, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(docs), got); diff != "" {
		t.Errorf("%s is not what explain prints (make generate); -document +printed:\n%s", troubleshootingFile, diff)
	}
}

// run gives the block: the command and what it prints.
func (tr transcript) run(t *testing.T) string {
	t.Helper()
	args := strings.Fields(strings.TrimSuffix(strings.TrimPrefix(tr.command, "mcp-server explain"), "<token"))
	shown := ""
	if i := slices.Index(args, "config.yaml"); i >= 0 {
		args[i], shown = explainFile(t, tr.config), "$ cat config.yaml\n"+tr.config
	}
	status, stdout, stderr := explain(t, tr.environ, tr.token(t), explainOffline(t, args...)...)
	if (status == 0) != tr.good {
		t.Errorf("%s: status %d", tr.command, status)
	}
	return shown + "$ " + tr.command + "\n" + stdout + stderr
}

// reasonsIn reads the constants of the type Reason from their source.
func reasonsIn(t *testing.T, path string) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var reasons []string
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		name := ""
		switch kind := spec.Type.(type) {
		case *ast.Ident:
			name = kind.Name
		case *ast.SelectorExpr:
			name = kind.Sel.Name
		}
		if literal, ok := spec.Values[0].(*ast.BasicLit); ok && name == "Reason" {
			value, err := strconv.Unquote(literal.Value)
			if err != nil {
				t.Fatal(err)
			}
			reasons = append(reasons, value)
		}
		return true
	})
	return reasons
}

// reasonRow is a row of the document's tables: code, answer, meaning, what to look at.
var reasonRow = regexp.MustCompile("(?m)^\\| `([a-z_0-9]+)` \\| (\\d{3})[^|]*\\| [^|]+ \\| [^|]+ \\|$")

// Every reason that can stand in the log is explained, with the answer that it gives,
// and none else is.
func TestEveryReasonIsDocumented(t *testing.T) {
	docs, err := os.ReadFile(troubleshootingFile)
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]string{}
	for _, m := range reasonRow.FindAllStringSubmatch(string(docs), -1) {
		if _, twice := documented[m[1]]; twice {
			t.Errorf("%s stands twice", m[1])
		}
		documented[m[1]] = m[2]
	}
	ofTokens, ofRequests := reasonsIn(t, "../../auth/reason.go"), reasonsIn(t, "../../server/reasons.go")
	if len(ofTokens) < 20 || len(ofRequests) < 10 {
		t.Fatalf("found %d and %d reasons", len(ofTokens), len(ofRequests))
	}
	for _, reason := range ofTokens {
		status, _ := auth.AnswerTo(auth.Reason(reason))
		if got := documented[reason]; got != strconv.Itoa(status) {
			t.Errorf("%s is documented with the answer %q, and it is %d", reason, got, status)
		}
	}
	for _, reason := range ofRequests {
		if documented[reason] == "" {
			t.Errorf("%s is not documented", reason)
		}
	}
	for reason := range documented {
		if !slices.Contains(ofTokens, reason) && !slices.Contains(ofRequests, reason) {
			t.Errorf("%s is documented, and there is no such reason", reason)
		}
	}
}

// Every class of failure that the keys of an issuer can have is explained.
func TestEveryKeyClassIsDocumented(t *testing.T) {
	docs, err := os.ReadFile(troubleshootingFile)
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(docs), "\n## Why keys cannot be had\n")
	section, _, _ = strings.Cut(section, "\n## ")
	classes := append(classesIn(t, "../../auth/keyfetch.go", "fetchErrorClass"), "bad_file") // a file of public keys
	if len(classes) < 8 {
		t.Fatalf("found the classes %q", classes)
	}
	for _, class := range classes {
		if !strings.Contains(section, "| `"+class+"` |") {
			t.Errorf("the class %s is not documented", class)
		}
	}
	if rows := strings.Count(section, "\n| `"); rows != len(classes) {
		t.Errorf("%d classes are documented, and there are %d", rows, len(classes))
	}
}

// classesIn reads the texts that a function returns from its source.
func classesIn(t *testing.T, path, name string) (classes []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, decl := range file.Decls {
		if function, ok := decl.(*ast.FuncDecl); !ok || function.Name.Name != name {
			continue
		}
		ast.Inspect(decl, func(n ast.Node) bool {
			if ret, ok := n.(*ast.ReturnStmt); ok && len(ret.Results) == 1 {
				if literal, ok := ret.Results[0].(*ast.BasicLit); ok {
					classes = append(classes, strings.Trim(literal.Value, `"`))
				}
			}
			return true
		})
	}
	return classes
}

// The document names every field of the JSON.
func TestExplainJSONIsDocumented(t *testing.T) {
	docs, err := os.ReadFile(troubleshootingFile)
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(docs), "\n## As JSON\n")
	source, err := os.ReadFile("explainreport.go")
	if err != nil {
		t.Fatal(err)
	}
	tool, err := os.ReadFile("explaintool.go")
	if err != nil {
		t.Fatal(err)
	}
	names := regexp.MustCompile("`json:\"([a-z_]+)").FindAllStringSubmatch(string(source)+string(tool), -1)
	if len(names) < 30 {
		t.Fatalf("found %d fields", len(names))
	}
	for _, name := range names {
		if !strings.Contains(section, "`"+name[1]+"`") && !strings.Contains(section, "."+name[1]+"`") {
			t.Errorf("the field %s is not documented", name[1])
		}
	}
}
