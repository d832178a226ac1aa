package config

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/subosito/gotenv"

	"mcp-resource-server/internal/faults"
)

// layer is what one source sets: values by the path of their key.
type layer map[string]any

// variables returns those of the process and of the env file that begin with
// our prefix and are not empty. The process wins, with what it sets: an empty
// variable counts as not set, because a deployment's template often cannot
// leave one out.
func variables(src Source) (map[string]string, error) {
	vars := map[string]string{}
	if src.EnvFile != "" {
		fromFile, err := readEnvFile(src.EnvFile)
		if err != nil {
			return nil, fmt.Errorf("reading the env file: %w", err)
		}
		maps.Copy(vars, fromFile)
	}
	for _, entry := range src.Environ {
		if name, value, _ := strings.Cut(entry, "="); value != "" {
			vars[name] = value
		}
	}
	maps.DeleteFunc(vars, func(name, value string) bool {
		return value == "" || !strings.HasPrefix(name, envPrefix)
	})
	return vars, nil
}

// readEnvFile hides gotenv's errors, which quote the line. A $NAME in the file is
// gotenv's to replace, from the file itself and the process's environment.
func readEnvFile(path string) (map[string]string, error) {
	raw, err := readLimited(path, maxFileBytes)
	if err != nil {
		return nil, err
	}
	vars, err := gotenv.StrictParse(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, errEnvFile)
	}
	return vars, nil
}

var errEnvFile = errors.New("each line must be NAME=value, empty, or a comment that begins with #")

// environment returns what the variables set, and a fault for each that has the
// wrong type or that nobody knows.
func environment(keys []*key, vars map[string]string) (layer, faults.List) {
	values, l := layer{}, faults.List{}
	known := map[string]bool{}
	for _, k := range leaves(keys) {
		known[k.env()] = true
		text, set := vars[k.env()]
		if !set {
			continue
		}
		v, err := parseText(k.kind, text)
		if err != nil {
			l.Add(k.path, "%s (from %s)", err, k.env())
			continue
		}
		values[k.path] = v
	}
	for _, name := range slices.Sorted(maps.Keys(vars)) {
		if !known[name] && !isServiceLink(name) {
			unknownVariable(&l, name, keys, slices.Sorted(maps.Keys(known)))
		}
	}
	return values, l
}

func unknownVariable(l *faults.List, name string, keys []*key, known []string) {
	for _, k := range lists(keys) {
		if name == k.env() || strings.HasPrefix(name, k.env()+"_") {
			l.Add(k.path, "list entries cannot be set by the environment: use the short form or the file (from %s)", shown(name))
			return
		}
	}
	l.Add(shown(name), "is not a variable of this server%s", variableHint(strings.ToUpper(name), keys, known))
}

// variableHint returns what name may have been meant for: a variable, one whose section
// was left out (MCPRS_PUBLIC_KEY), or a key that no variable sets.
func variableHint(name string, keys []*key, known []string) string {
	if text := nearVariable(name, keys, known); text != "" {
		return text
	}
	rest, ok := strings.CutPrefix(name, envPrefix)
	if !ok {
		return ""
	}
	for _, k := range keys {
		if k.kind != kindSection {
			continue
		}
		if text := nearVariable(k.env()+"_"+rest, keys, known); text != "" {
			return text
		}
	}
	return ""
}

// nearVariable offers the variable that name is nearest to, or says that only the file
// has that key: it stands in the entries of a list, beside the list it would be a key.
func nearVariable(name string, keys []*key, known []string) string {
	if text := hint(name, known); text != "" {
		return text
	}
	for _, list := range lists(keys) {
		section := strings.TrimSuffix(strings.TrimSuffix(list.path, list.name), ".")
		for _, k := range list.keys {
			if distance(name, envName(join(section, k.name))) <= hintDistance {
				return ": only the file can set " + k.path
			}
		}
	}
	return ""
}

// serviceLink matches the names that Kubernetes (and Docker links before it)
// inject for a Service whose name begins with "mcprs": MCPRS_SERVICE_HOST,
// MCPRS_AUTH_PORT_8080_TCP_ADDR and their like.
// https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
var serviceLink = regexp.MustCompile(
	`^MCPRS(_[A-Z0-9_]+)?_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT(_[0-9]{1,5}_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)$`)

// isServiceLink reports whether name is one that nobody of ours has set, and
// which is therefore ignored where it is not a key's. Pods get these variables
// unless enableServiceLinks is false: refusing them would refuse the start for
// the name of a neighbouring Service.
func isServiceLink(name string) bool { return serviceLink.MatchString(name) }
