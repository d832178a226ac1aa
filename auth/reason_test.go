package auth

import (
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"strconv"
	"testing"
)

// reasonConstants reads the reasons from their source, so that none can be added
// without a row that gives it. The values are the constants' names.
func reasonConstants(t *testing.T) map[Reason]string {
	t.Helper()
	file, err := parser.ParseFile(gotoken.NewFileSet(), "reason.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	found := map[Reason]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if kind, ok := spec.Type.(*ast.Ident); !ok || kind.Name != "Reason" {
			return true
		}
		literal, ok := spec.Values[0].(*ast.BasicLit)
		if !ok {
			t.Fatalf("%s is no literal", spec.Names[0].Name)
		}
		value, err := strconv.Unquote(literal.Value)
		if err != nil {
			t.Fatal(err)
		}
		if other, twice := found[Reason(value)]; twice {
			t.Errorf("%s and %s are the same code", other, spec.Names[0].Name)
		}
		found[Reason(value)] = spec.Names[0].Name
		return true
	})
	return found
}

// Every reason is given by some row of the tables, and rows give no others.
func TestEveryReasonIsGiven(t *testing.T) {
	given := map[Reason]bool{
		// TestBearer asserts these two.
		ReasonMissing:   true,
		ReasonAmbiguous: true,
		// A token of which this is said is good; TestPolicy has the decision.
		ReasonScope:      true,
		ReasonPermission: true,
		// The twin of such a token has what it lacks: TestAllowedOrganizations.
		ReasonOrganization: true,
		// These come from files: the tests of the denylist and of the static tokens.
		ReasonRevoked:      true,
		ReasonUnknownToken: true,
	}
	for _, rows := range allRows() {
		for _, r := range rows {
			if r.want != "" {
				given[r.want] = true
			}
		}
	}
	constants := reasonConstants(t)
	if len(constants) < 19 {
		t.Errorf("only %d reasons were found in the source", len(constants))
	}
	for reason, name := range constants {
		if !given[reason] {
			t.Errorf("no row gives %s", name)
		}
		delete(given, reason)
	}
	for reason := range given {
		t.Errorf("%q is no constant", reason)
	}
}

// A row's name says what it is about; two of one name would hide one.
func TestRowNamesAreUnique(t *testing.T) {
	for group, rows := range allRows() {
		seen := map[string]bool{}
		for _, r := range rows {
			if seen[r.name] {
				t.Errorf("%s has two rows %q", group, r.name)
			}
			seen[r.name] = true
		}
	}
}
