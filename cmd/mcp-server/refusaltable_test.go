package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"testing"

	"mcp-resource-server/auth"
)

// refusalGroups are all rows, by the server that they need.
func refusalGroups() []refusalGroup {
	return []refusalGroup{
		{
			name: "tokens", places: places(), drained: []string{"drained"},
			rows: slices.Concat(credentialRows(), formRows(), headerRows(), claimRows(), timeRows(), partyRows(), settingRows(), keyRows(), scopeRows()),
		},
		{
			name: "files", places: filePlaces(), configure: configureFiles,
			rows: slices.Concat(denylistRows(), staticTokenRows(), staticKeyRows()),
		},
		{name: "access", places: accessPlaces(), access: probeTable, rows: slices.Concat(ruleRows(), assignedRows())},
		{name: "concealed", places: accessPlaces(), access: concealProbe, rows: concealedRows()},
	}
}

// TestBadTokens is the refusal table: whatever is wrong with a credential, on
// whatever way in, the answer is one of a few, to the byte; no tool runs, no session
// is opened, nobody is asked who need not be, and the log says why without saying
// what. Each row's twin, the same request without the fault, is accepted behind it.
func TestBadTokens(t *testing.T) {
	for _, g := range refusalGroups() {
		t.Run(g.name, func(t *testing.T) {
			rig := g.start(t)
			for i, row := range g.rows {
				name := row.at
				switch {
				case row.asks:
					name = ownPlace(i)
				case name == "":
					name = plain
				}
				t.Run(row.name, func(t *testing.T) { rig.run(t, name, row) })
			}
		})
	}
}

// TestTheTableIsWhole: no part of the table was lost, no two rows have one name, and
// every reason that package auth knows is given by some row. Of the reasons of package
// server, one depends on the credential.
func TestTheTableIsWhole(t *testing.T) {
	seen, given, refused := map[string]bool{}, map[auth.Reason]bool{}, 0
	for _, g := range refusalGroups() {
		for _, row := range g.rows {
			if seen[row.name] {
				t.Errorf("two rows are called %q", row.name)
			}
			seen[row.name], given[row.reason] = true, true
			if row.reason != "" {
				refused++
			}
		}
	}
	t.Logf("%d rows, of which %d are refused", len(seen), refused)
	if refused < 550 {
		t.Errorf("%d rows are refused, want at least 550: a part of the table was lost", refused)
	}
	reasons := knownReasons(t)
	if len(reasons) < 24 {
		t.Errorf("only %d reasons were found in the source", len(reasons))
	}
	for reason, name := range reasons {
		if !given[reason] {
			t.Errorf("no row gives %s", name)
		}
	}
	if !given[reasonConcealed] {
		t.Errorf("no row gives %s", reasonConcealed)
	}
	delete(given, "")
	delete(given, reasonConcealed)
	for reason := range given {
		if reasons[reason] == "" {
			t.Errorf("%q is no reason of package auth", reason)
		}
	}
}

// knownReasons reads the reasons from their source, so that none can be added without
// a row that gives it. The values are the constants' names.
func knownReasons(t *testing.T) map[auth.Reason]string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../../auth/reason.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	found := map[auth.Reason]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		kind, ok := spec.Type.(*ast.Ident)
		if !ok || kind.Name != "Reason" {
			return true
		}
		value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		found[auth.Reason(value)] = spec.Names[0].Name
		return true
	})
	return found
}
