package config

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSchemaListsEveryKey(t *testing.T) {
	var got []string
	var list func(keys []*key)
	list = func(keys []*key) {
		for _, k := range keys {
			got = append(got, fmt.Sprintf("%s %s", k.path, k.kind))
			list(k.keys)
		}
	}
	list(schema(defaultSample()))
	want := []string{
		"text text", "switch bool", "count int", "size int", "wait duration", "list list",
		"nested section", "nested.text text", "nested.port int",
		"entries list of sections", "entries[].name text", "entries[].tags list",
		"entries[].secret text", "entries[].secret_file text",
		"password text", "password_file text",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Two keys with one variable would both be set by it: "a.b_c" and "a_b.c".
func TestNoTwoKeysShareAVariable(t *testing.T) {
	seen := map[string]string{}
	for _, k := range leaves(schema(Default())) {
		if other, twice := seen[k.env()]; twice {
			t.Errorf("%s and %s are both set by %s", other, k.path, k.env())
		}
		seen[k.env()] = k.path
	}
	if len(seen) < 25 {
		t.Errorf("only %d keys found", len(seen))
	}
}

func TestSchemaRefusesWhatCannotBeAKey(t *testing.T) {
	for _, tt := range []struct {
		name     string
		defaults any
		want     string
	}{
		{"no tag", struct{ A string }{}, "needs a mapstructure tag"},
		{"upper case, which viper folds", struct {
			A string `mapstructure:"A"`
		}{}, "needs a mapstructure tag"},
		{"dot, at which viper splits", struct {
			A string `mapstructure:"a.b"`
		}{}, "needs a mapstructure tag"},
		{"float", struct {
			A float64 `mapstructure:"a"`
		}{}, "has type float64"},
		{"map", struct {
			A map[string]string `mapstructure:"a"`
		}{}, "has type map[string]string"},
		{"secret that is no string", struct {
			A int `mapstructure:"a" secret:"true"`
		}{}, "must be a string"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.Contains(got, tt.want) {
					t.Errorf("panic %q, want %q in it", got, tt.want)
				}
			}()
			schema(tt.defaults)
		})
	}
}
