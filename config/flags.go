package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"mcp-resource-server/internal/faults"
)

// AddFlags adds one flag to fs for each key that text can set, named after the
// key's path: --http.addr, --auth.issuer. Where sections or keys are named, by their
// paths, only these get one. A secret has only the flag of its _file key, because a
// command line is visible to everybody on the machine.
//
// The flags take any text; Load judges it, together with all other sources.
func AddFlags(fs *pflag.FlagSet, paths ...string) {
	addFlags(fs, schema(Default()), paths...)
}

func addFlags(fs *pflag.FlagSet, keys []*key, paths ...string) {
	for _, k := range leaves(keys) {
		named := len(paths) == 0 || slices.ContainsFunc(paths, func(p string) bool { return within(k.path, p) })
		if k.secret || !named {
			continue
		}
		f := fs.VarPF(&flagText{kind: k.kind, text: defaultText(k)}, k.path, "", flagUsage(k))
		if k.kind == kindBool {
			f.NoOptDefVal = "true"
		}
	}
}

func flagUsage(k *key) string {
	usage := "env " + k.env()
	switch {
	case k.holds != nil:
		return "file that holds " + k.holds.path + "; " + usage
	case k.kind == kindList:
		return "comma separated; " + usage
	}
	return usage
}

// flagText is a flag's value as it was typed.
type flagText struct {
	kind kind
	text string
}

func (f *flagText) String() string     { return f.text }
func (f *flagText) Set(s string) error { f.text = s; return nil }
func (f *flagText) Type() string       { return f.kind.String() }

// fromFlags returns what the flags set that somebody typed. Unlike a variable,
// an empty flag is set: --auth.jwks_url= takes away what the file says.
func fromFlags(keys []*key, fs *pflag.FlagSet) (layer, faults.List) {
	values, l := layer{}, faults.List{}
	if fs == nil {
		return values, l
	}
	for _, k := range leaves(keys) {
		f := fs.Lookup(k.path)
		if f == nil || !f.Changed || k.secret {
			continue
		}
		v, err := parseText(k.kind, f.Value.String())
		if err != nil {
			l.Add(k.path, "%s (from --%s)", err, f.Name)
			continue
		}
		values[k.path] = v
	}
	return values, l
}

// defaultText returns the default of k as the environment would spell it.
func defaultText(k *key) string {
	switch v := k.def.(type) {
	case time.Duration:
		return shortDuration(v)
	case []string:
		return strings.Join(v, ",")
	default:
		return fmt.Sprint(v)
	}
}

// shortDuration spells d without the zeros that d.String has at its end.
func shortDuration(d time.Duration) string {
	for _, u := range []struct {
		unit time.Duration
		name string
	}{{time.Hour, "h"}, {time.Minute, "m"}, {time.Second, "s"}} {
		if d != 0 && d%u.unit == 0 {
			return strconv.FormatInt(int64(d/u.unit), 10) + u.name
		}
	}
	return d.String()
}
