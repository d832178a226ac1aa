package config

import (
	"fmt"
	"reflect"
	"strings"
	"time"
)

// envPrefix begins the name of each environment variable. It is not MCP_SERVER_:
// Kubernetes injects variables that begin so for a Service named mcp-server.
const envPrefix = "MCPRS_"

// fileSuffix makes the key of a file that holds a secret from the secret's key.
const fileSuffix = "_file"

// kind is what a key holds, and so how its value is read.
type kind int

const (
	kindText kind = iota
	kindBool
	kindInt
	kindDuration
	kindList
	kindSection // keys of its own
	kindEntries // a list of sections, which only the file can hold
)

// String returns the word that the reference and the flags' help use.
func (k kind) String() string {
	return [...]string{"text", "bool", "int", "duration", "list", "section", "list of sections"}[k]
}

// key is one key of the configuration, with those below it.
type key struct {
	name   string // the last element of path
	path   string // "http.tls.cert_file"; below a list of sections "auth.issuers[].issuer"
	kind   kind
	def    any  // the default, of the field's own type
	secret bool // its value must not be seen: no flag, and a _file sibling
	holds  *key // set for K_file: the secret that the file holds
	keys   []*key
	field  reflect.StructField // where the comment for the reference stands; K_file has that of K
	owner  reflect.Type
}

// env returns the name of the environment variable that sets k.
func (k *key) env() string { return envName(k.path) }

func envName(path string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(path, ".", "_"))
}

// schema returns the keys of a configuration struct that holds its defaults.
// It panics where a field cannot be a key: that is a mistake in the program,
// which every start of it shows.
func schema(defaults any) []*key { return describe(reflect.ValueOf(defaults), "") }

func describe(v reflect.Value, path string) []*key {
	var keys []*key
	for i := range v.NumField() {
		k := newKey(v.Type(), v.Type().Field(i), v.Field(i), path)
		keys = append(keys, k)
		if k.secret {
			keys = append(keys, &key{
				name: k.name + fileSuffix, path: k.path + fileSuffix,
				holds: k, def: "", field: k.field, owner: k.owner,
			})
		}
	}
	return keys
}

func newKey(owner reflect.Type, f reflect.StructField, v reflect.Value, path string) *key {
	name := f.Tag.Get("mapstructure")
	if name == "" || name != strings.ToLower(name) || strings.ContainsAny(name, "., ") || !f.IsExported() {
		panic(fmt.Sprintf("config: %s.%s needs a mapstructure tag that is one lower-case word", owner, f.Name))
	}
	k := &key{name: name, path: join(path, name), def: v.Interface(), field: f, owner: owner}
	k.kind, k.keys = shape(v, k.path)
	k.secret = f.Tag.Get("secret") == "true"
	if k.secret && k.kind != kindText {
		panic(fmt.Sprintf("config: %s.%s is secret, so it must be a string", owner, f.Name))
	}
	return k
}

var (
	durationType = reflect.TypeFor[time.Duration]()
	listType     = reflect.TypeFor[[]string]()
)

// shape returns what a field's value can hold, and the keys below it.
func shape(v reflect.Value, path string) (kind, []*key) {
	t := v.Type()
	switch {
	case t == durationType: // before Int64, which it is
		return kindDuration, nil
	case t == listType:
		return kindList, nil
	case t.Kind() == reflect.String:
		return kindText, nil
	case t.Kind() == reflect.Bool:
		return kindBool, nil
	case t.Kind() == reflect.Int || t.Kind() == reflect.Int64:
		return kindInt, nil
	case t.Kind() == reflect.Struct:
		return kindSection, describe(v, path)
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Struct:
		return kindEntries, describe(reflect.Zero(t.Elem()), path+"[]")
	}
	panic(fmt.Sprintf("config: %s has type %s, which no key can have", path, t))
}

// leaves returns the keys that one text can set, in the order of the struct:
// those of the environment and of the flags.
func leaves(keys []*key) []*key {
	var list []*key
	for _, k := range keys {
		switch k.kind {
		case kindSection:
			list = append(list, leaves(k.keys)...)
		case kindEntries:
		default:
			list = append(list, k)
		}
	}
	return list
}

// lists returns the lists of sections, which no text can set.
func lists(keys []*key) []*key {
	var list []*key
	for _, k := range keys {
		switch k.kind {
		case kindSection:
			list = append(list, lists(k.keys)...)
		case kindEntries:
			list = append(list, k)
		}
	}
	return list
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
