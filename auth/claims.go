package auth

import (
	"math"
	"strconv"
	"strings"
	"time"

	"mcp-resource-server/internal/strictjson"
)

// maxNumericDate is 9999-12-31T24:00:00Z: beyond it stand milliseconds taken
// for seconds, and numbers that no calendar has.
const maxNumericDate = 253402300800

// claimSet is the members of a token's claims, or of its header, as they were
// written. A wrong type is never coerced: two readers would coerce differently.
type claimSet []strictjson.Member

// parseClaimSet reads one strict JSON object. Its cost is that of its bytes, also
// where they are thousands of members.
func parseClaimSet(data []byte) (claimSet, error) {
	members, err := strictjson.Members(data, maxTokenDepth)
	if err != nil {
		return nil, refuse(ReasonClaim)
	}
	return members, nil
}

// raw returns the member of that very name, or nil.
func (s claimSet) raw(name string) strictjson.Raw {
	for _, m := range s {
		if m.Is(name) {
			return m.Value
		}
	}
	return nil
}

func (s claimSet) has(name string) bool { return s.raw(name) != nil }

// text returns a string member, and false where there is none or another type.
func (s claimSet) text(name string) (string, bool) { return strictjson.String(s.raw(name)) }

// at returns the claim that a configured name means, or nil. What the name means
// depends on the configuration alone, so that no token can choose.
func (s claimSet) at(name string) strictjson.Raw {
	path := claimPath(name)
	value := s.raw(path[0])
	for _, step := range path[1:] {
		inner, err := strictjson.Members(value, maxTokenDepth)
		if err != nil {
			return nil
		}
		value = claimSet(inner).raw(step)
	}
	return value
}

// claimPath takes a claim's configured name apart: a dot leads into an object
// (Keycloak's realm_access.roles), but in a name with a slash it is part of the
// name (https://example.com/roles, as Auth0 wants claims of one's own to be called).
func claimPath(name string) []string {
	if strings.Contains(name, "/") {
		return []string{name}
	}
	return strings.Split(name, ".")
}

// claims are what the checks have found in a claimSet, with the right types.
type claims struct {
	set      claimSet
	subject  string
	id       string // jti, "" where absent
	expires  time.Time
	clientID string // "" where absent
	scopes   []string
}

// stringOrList reads a string or an array of strings, as aud is (RFC 7519 §4.1.3).
func stringOrList(v strictjson.Raw) ([]string, bool) {
	if s, ok := strictjson.String(v); ok {
		return []string{s}, true
	}
	return strictjson.Strings(v)
}

// numericDate reads a NumericDate (RFC 7519 §2): seconds since 1970, which may
// have a fraction.
func numericDate(v strictjson.Raw) (time.Time, bool) {
	if v.Kind() != '0' {
		return time.Time{}, false
	}
	f, err := strconv.ParseFloat(string(v), 64)
	if err != nil || math.Abs(f) >= maxNumericDate {
		return time.Time{}, false
	}
	seconds, fraction := math.Modf(f)
	return time.Unix(int64(seconds), int64(fraction*float64(time.Second))), true
}
