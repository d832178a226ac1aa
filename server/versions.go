package server

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/internal/faults"
)

const (
	// modernVersion is the first protocol version in which requests stand alone.
	modernVersion = "2026-07-28"
	// assumedVersion is that of a request that names none (MCP 2025-11-25, Streamable
	// HTTP, "Protocol Version Header").
	assumedVersion = "2025-03-26"
	// maxEchoedVersion bounds what is repeated of a version that is not spoken. Those
	// that there are have ten characters.
	maxEchoedVersion = 64
)

// knownVersions are those that this program can speak, the newest first.
var knownVersions versions = mcp.SupportedProtocolVersions()

// versions are protocol versions that are spoken, in any order. Versions are dates,
// which sort as text.
type versions []string

// versions returns those that are spoken.
func (c MCPConfig) versions() versions {
	if len(c.ProtocolVersions) == 0 {
		return knownVersions
	}
	return c.ProtocolVersions
}

func (v versions) has(version string) bool { return slices.Contains(v, version) }

// legacy reports whether one of them has sessions.
func (v versions) legacy() bool { return slices.ContainsFunc(v, isLegacyVersion) }

// sorted returns them, the newest first.
func (v versions) sorted() versions {
	list := slices.Clone(v)
	slices.SortFunc(list, func(a, b string) int { return strings.Compare(b, a) })
	return list
}

// selfContained returns those whose requests stand alone.
func (v versions) selfContained() versions { return slices.DeleteFunc(v.sorted(), isLegacyVersion) }

func isLegacyVersion(version string) bool { return version < modernVersion }

// isModern reports whether the version header asks for MCP 2026-07-28 or later.
func isModern(r *http.Request) bool { return !isLegacyVersion(r.Header.Get(headerVersion)) }

// checkVersions refuses versions that this program does not know, and one that stands
// twice.
func checkVersions(l *faults.List, key string, list []string) {
	seen := map[string]bool{}
	for _, version := range list {
		switch {
		case !knownVersions.has(version):
			l.Add(key, "%q is no version of MCP that this program speaks (%s)", version, strings.Join(knownVersions, ", "))
		case seen[version]:
			l.Add(key, "%q stands there twice", version)
		}
		seen[version] = true
	}
}

// agreeOnVersion refuses a message of a version that is not spoken, and one whose header
// and body name two (MCP 2026-07-28, Streamable HTTP, "Protocol Version Header").
//
// It comes before the policy is asked: the era that the version belongs to is part of
// what the policy judges.
func (s *Server) agreeOnVersion(w http.ResponseWriter, r *http.Request, msg message) bool {
	spoken, header := s.opts.MCP.versions(), r.Header.Get(headerVersion)
	named, version := msg.meta.names(), msg.meta.versionText()
	switch {
	case named && header != "" && header != version:
		refuseHeader(w, r, msg, faultOtherVersion)
	case named && isLegacyVersion(version):
		refuseOlderMeta(w, r, msg, version, spoken)
	case named && header == "":
		refuseHeader(w, r, msg, faultNoVersion)
	case header != "" && !spoken.has(header):
		refuseVersion(w, r, msg, header, spoken.sorted(), "")
	case header == "" && !spoken.legacy():
		s.refuseOlder(w, r, msg, spoken)
	default:
		return true
	}
	return false
}

// refuseOlder answers a message of a client that knows nothing of MCP 2026-07-28, where
// nothing else is spoken. An initialize names the version that it asks for, and its
// answer may be all that the client's user is shown; in any other message the header is
// missing.
func (s *Server) refuseOlder(w http.ResponseWriter, r *http.Request, msg message, spoken versions) {
	if msg.method == methodInitialize {
		refuseVersion(w, r, msg, cmp.Or(msg.initializes, assumedVersion), spoken.sorted(), "")
		return
	}
	refuseHeader(w, r, msg, faultNoVersion)
}

// refuseOlderMeta answers a message whose params._meta names a version that has no such
// member. To be told that it is spoken would make the client come again with the same:
// it is told of those that have the member or, where there are none, how the others
// begin.
func refuseOlderMeta(w http.ResponseWriter, r *http.Request, msg message, version string, spoken versions) {
	supported, hint := spoken.selfContained(), ""
	if len(supported) == 0 {
		supported, hint = spoken.sorted(), " by initialize, and not by a version in params._meta"
	}
	refuseVersion(w, r, msg, version, supported, hint)
}

// refuseVersion answers a message of a version that is not spoken. Those that are stand in
// the text, too, with a hint on how: an older client shows nothing else to its user (MCP
// 2026-07-28, Versioning, "Backward Compatibility with Initialization-Based Versions").
func refuseVersion(w http.ResponseWriter, r *http.Request, msg message, requested string, supported versions, hint string) {
	exchangeOf(r).refuse(reasonVersion)
	writeRPCError(w, http.StatusBadRequest, msg.id, mcp.CodeUnsupportedProtocolVersion,
		"unsupported protocol version: this server speaks "+strings.Join(supported, ", ")+hint,
		mcp.UnsupportedProtocolVersionData{Supported: supported, Requested: echoed(requested)})
}

// echoed returns what may be repeated of a version: MCP wants it back.
func echoed(version string) string {
	strange := func(c rune) bool { return c < ' ' || c > '~' }
	if len(version) > maxEchoedVersion || strings.ContainsFunc(version, strange) {
		return ""
	}
	return version
}
