package strictjson_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"mcp-resource-server/internal/strictjson"
)

func TestCheck(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		want     error
	}{
		{"object", `{"a":1,"b":[true,null,"x"]}`, nil},
		{"space around", " \n{\"a\":1}\t", nil},
		{"scalar", `7`, nil},
		{"keys that differ in case", `{"a":1,"A":2}`, nil},
		{"escaped pair", `{"a":"\ud83d\ude00"}`, nil},
		{"empty", ``, strictjson.ErrInvalid},
		{"space only", `  `, strictjson.ErrInvalid},
		{"duplicate", `{"a":1,"a":2}`, strictjson.ErrInvalid},
		{"duplicate by escape", `{"a":1,"\u0061":2}`, strictjson.ErrInvalid},
		{"duplicate deep down", `{"x":[{"a":1,"a":2}]}`, strictjson.ErrInvalid},
		{"trailing value", `{"a":1}{"a":2}`, strictjson.ErrInvalid},
		{"trailing junk", `{"a":1} x`, strictjson.ErrInvalid},
		{"trailing NUL", "{\"a\":1}\x00", strictjson.ErrInvalid},
		{"truncated", `{"a":`, strictjson.ErrInvalid},
		{"unclosed", `{"a":1`, strictjson.ErrInvalid},
		{"invalid UTF-8", "{\"a\":\"\xff\"}", strictjson.ErrInvalid},
		{"lone high surrogate", `{"a":"\ud800"}`, strictjson.ErrInvalid},
		{"lone low surrogate", `{"a":"\udc00"}`, strictjson.ErrInvalid},
		{"byte order mark", "\ufeff{\"a\":1}", strictjson.ErrInvalid},
		{"comment", `{"a":1/*x*/}`, strictjson.ErrInvalid},
		{"trailing comma", `{"a":1,}`, strictjson.ErrInvalid},
		{"single quotes", `{'a':1}`, strictjson.ErrInvalid},
		{"NaN", `{"a":NaN}`, strictjson.ErrInvalid},
		{"leading zero", `{"a":01}`, strictjson.ErrInvalid},
		{"depth 8", strings.Repeat("[", 8) + strings.Repeat("]", 8), nil},
		{"depth 9", strings.Repeat("[", 9) + strings.Repeat("]", 9), strictjson.ErrTooDeep},
		{"a megabyte of brackets", strings.Repeat("[", 1<<20), strictjson.ErrTooDeep},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if err := strictjson.Check([]byte(tt.in), 8); !errors.Is(err, tt.want) {
				t.Errorf("Check(%q) = %v, want %v", tt.in, err, tt.want)
			}
		})
	}
}

func TestObject(t *testing.T) {
	m, err := strictjson.Object([]byte(` {"a":"x","b":["y","z"],"c":["y",1]} `), 8)
	if err != nil {
		t.Fatal(err)
	}
	if s, ok := strictjson.String(m["a"]); !ok || s != "x" {
		t.Errorf("String(a) = %q, %v", s, ok)
	}
	if _, ok := strictjson.String(m["b"]); ok {
		t.Error("String took an array")
	}
	if s, ok := strictjson.Strings(m["b"]); !ok || len(s) != 2 || s[1] != "z" {
		t.Errorf("Strings(b) = %q, %v", s, ok)
	}
	if _, ok := strictjson.Strings(m["c"]); ok {
		t.Error("Strings took an array with a number")
	}
	if _, ok := strictjson.Strings(m["a"]); ok {
		t.Error("Strings took a string")
	}
	for _, in := range []string{`[]`, `"a"`, `null`, `1`} {
		if _, err := strictjson.Object([]byte(in), 8); !errors.Is(err, strictjson.ErrNotObject) {
			t.Errorf("Object(%s) = %v, want ErrNotObject", in, err)
		}
	}
}

func FuzzCheck(f *testing.F) {
	for _, s := range []string{`{"a":1}`, `{"a":1,"a":2}`, `[[[]]]`, `"\ud800"`, `1 2`, ``} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		// Whatever we accept, the standard library accepts too.
		if strictjson.Check(data, 64) == nil && !json.Valid(data) {
			t.Errorf("accepted what is not JSON: %q", data)
		}
	})
}
