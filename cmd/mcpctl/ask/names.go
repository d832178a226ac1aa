package ask

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strconv"
	"strings"
)

// validAlias is what OpenAI's API allows as the name of a function. MCP allows
// dots and twice the length (2025-11-25, server/tools, "Tool Names").
func validAlias(name string) bool {
	return len(name) > 0 && len(name) <= maxAlias && strings.IndexFunc(name, notInAlias) < 0
}

func notInAlias(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_' && r != '-'
}

// aliases gives each name its name for the model, in order. Names that are fit
// stay; in the others "_" stands for each other character, and a hash for what
// makes two of them equal or too long. No two are the same.
func aliases(names []string) []string {
	wanted := map[string]int{}
	taken := map[string]bool{}
	for _, name := range names {
		wanted[plainName(name)]++
		if validAlias(name) {
			taken[name] = true
		}
	}
	out := make([]string, len(names))
	for i, name := range names {
		alias := plainName(name)
		if !validAlias(name) {
			if wanted[alias] > 1 || taken[alias] || !validAlias(alias) {
				alias = hashed(name, taken)
			}
			taken[alias] = true
		}
		out[i] = alias
	}
	return out
}

func plainName(name string) string {
	return strings.Map(func(r rune) rune {
		if notInAlias(r) {
			return '_'
		}
		return r
	}, name)
}

// hashed makes an alias that no other tool has, even where a server chose its
// names to meet it.
func hashed(name string, taken map[string]bool) string {
	const digits = 8
	stem := plainName(name)
	stem = stem[:min(len(stem), maxAlias-digits-1)]
	for n := 0; ; n++ {
		sum := sha256.Sum256([]byte(strconv.Itoa(n) + " " + name))
		if alias := stem + "_" + hex.EncodeToString(sum[:])[:digits]; !taken[alias] {
			return alias
		}
	}
}

// validCallID is the form of an id that is repeated to the model's API as it
// came. Whatever else a server sends is replaced.
var validCallID = regexp.MustCompile(`^[A-Za-z0-9_.:-]{1,128}$`)
