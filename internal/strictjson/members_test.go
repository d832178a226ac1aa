package strictjson_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"mcp-resource-server/internal/strictjson"
)

func TestMembers(t *testing.T) {
	data := []byte(" {\"b\" : 1 ,\"\\u0061\":[{\"x\":null}], \"\": \"s\\\"{[\" } ")
	members, err := strictjson.Members(data, 8)
	if err != nil {
		t.Fatal(err)
	}
	want := []struct{ name, value string }{{"b", "1"}, {"a", `[{"x":null}]`}, {"", `"s\"{["`}}
	if len(members) != len(want) {
		t.Fatalf("%d members, want %d", len(members), len(want))
	}
	for i, w := range want {
		if !members[i].Is(w.name) || string(members[i].Value) != w.value {
			t.Errorf("member %d = %s, want %q: %s", i, members[i].Value, w.name, w.value)
		}
		if members[i].Is(w.name+"x") || members[i].Is(strings.ToUpper(w.name)+"x") {
			t.Errorf("member %d has another name, too", i)
		}
	}
}

func TestMembersRefuses(t *testing.T) {
	for _, tt := range []struct {
		name, data string
		want       error
	}{
		{"empty", "", strictjson.ErrInvalid},
		{"an array", "[]", strictjson.ErrNotObject},
		{"null", "null", strictjson.ErrNotObject},
		{"cut off", `{"a":1`, strictjson.ErrInvalid},
		{"a comma at the end", `{"a":1,}`, strictjson.ErrInvalid},
		{"something behind", `{"a":1}x`, strictjson.ErrInvalid},
		{"twice", `{"a":1,"a":1}`, strictjson.ErrInvalid},
		{"twice by escapes", `{"a":1,"\u0061":1}`, strictjson.ErrInvalid},
		{"twice deep down", `{"x":[{"a":1,"a":1}]}`, strictjson.ErrInvalid},
		{"invalid UTF-8", "{\"a\":\"\xff\"}", strictjson.ErrInvalid},
		{"a lone surrogate", `{"a":"\ud800"}`, strictjson.ErrInvalid},
		{"one too deep", `{"a":[[[0]]]}`, strictjson.ErrTooDeep},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := strictjson.Members([]byte(tt.data), 3); !errors.Is(err, tt.want) {
				t.Errorf("err = %v, want %v", err, tt.want)
			}
		})
	}
	if _, err := strictjson.Members([]byte(`{"a":[["]}{["]]}`), 3); err != nil {
		t.Errorf("the twin: %v", err)
	}
}

// Members and Object accept the same documents, and find the same in them.
func FuzzMembers(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"a":1}`, ` {"a":{"b":[1,2,{"c":"\"]"}]},"\u0062":null} `, `{"a":1}{"a":1}`, `[]`, `{"a":"\ud83d\ude00"}`,
		`{"a":"\\"}`, `{"a\"b":[[[[]]]]}`, `{"a":1,"\u0061":2}`, "{\"\x00\":1}", "\ufeff{}", strings.Repeat("[", 40),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		const limit = 4
		before := bytes.Clone(data)
		want, errObject := strictjson.Object(data, limit)
		got, errMembers := strictjson.Members(data, limit)
		if !bytes.Equal(data, before) {
			t.Fatal("the input was changed")
		}
		if (errObject == nil) != (errMembers == nil) {
			t.Fatalf("Object: %v, Members: %v", errObject, errMembers)
		}
		if len(got) != len(want) {
			t.Fatalf("%d members, want %d", len(got), len(want))
		}
		for name, value := range want {
			found := 0
			for _, m := range got {
				if m.Is(name) {
					found++
					if !bytes.Equal(m.Value, value) {
						t.Errorf("%q is %s, want %s", name, m.Value, value)
					}
				}
			}
			if found != 1 {
				t.Errorf("%q was found %d times", name, found)
			}
		}
	})
}
