package auth

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"

	"mcp-resource-server/internal/filewatch"
	"mcp-resource-server/internal/strictyaml"
)

const (
	maxDenylistBytes   = 1 << 20
	maxDenylistEntries = 10_000 // in all lists together
)

// denylist is the content of auth.denylist_file: what is refused whoever signed it,
// from one look at the file to the next.
type denylist struct {
	file   *filewatch.File
	log    *slog.Logger
	denied atomic.Pointer[denied]
}

// denied is one reading of the file. It is never changed.
type denied struct{ issuers, kids, clientIDs, subjects, jti entrySet }

// entries returns how many there are in all lists together.
func (d *denied) entries() int {
	return len(d.issuers) + len(d.kids) + len(d.clientIDs) + len(d.subjects) + len(d.jti)
}

// entrySet has no empty entry, so that what a token does not have is never denied.
type entrySet map[string]struct{}

func (s entrySet) has(value string) bool {
	_, ok := s[value]
	return ok
}

// bearing is what of a token the denylist knows.
type bearing struct{ issuer, kid, clientID, subject, jti string }

// openDenylist reads the file, which must be good.
func openDenylist(path string, log *slog.Logger) (*denylist, error) {
	d := &denylist{log: log}
	file, err := filewatch.Open(filewatch.Options{Path: path, MaxBytes: maxDenylistBytes, Use: d.use, Log: log})
	if err != nil {
		return nil, fmt.Errorf("auth.denylist_file: %w", err)
	}
	d.file = file
	return d, nil
}

// use takes over a file's content. The entries are not logged: an emergency is no
// reason to write names into a log.
func (d *denylist) use(content []byte) error {
	all, err := parseDenylist(content)
	if err != nil {
		return err
	}
	d.denied.Store(all)
	d.log.Info("the denylist is in use", "issuers", len(all.issuers), "kids", len(all.kids),
		"client_ids", len(all.clientIDs), "subjects", len(all.subjects), "jti", len(all.jti))
	return nil
}

func parseDenylist(content []byte) (*denied, error) {
	var lists struct {
		Issuers   []string `yaml:"issuers"`
		KIDs      []string `yaml:"kids"`
		ClientIDs []string `yaml:"client_ids"`
		Subjects  []string `yaml:"subjects"`
		JTI       []string `yaml:"jti"`
	}
	if err := strictyaml.Decode(content, &lists); err != nil {
		return nil, err
	}
	n := len(lists.Issuers) + len(lists.KIDs) + len(lists.ClientIDs) + len(lists.Subjects) + len(lists.JTI)
	if n > maxDenylistEntries {
		return nil, fmt.Errorf("has %d entries, and at most %d are read", n, maxDenylistEntries)
	}
	return &denied{
		issuers:   setOf(lists.Issuers),
		kids:      setOf(lists.KIDs),
		clientIDs: setOf(lists.ClientIDs),
		subjects:  setOf(lists.Subjects),
		jti:       setOf(lists.JTI),
	}, nil
}

func setOf(entries []string) entrySet {
	set := make(entrySet, len(entries))
	for _, e := range entries {
		set[e] = struct{}{}
	}
	return set
}

// denies reports whether a token is to be refused. A nil denylist denies nothing.
func (d *denylist) denies(b bearing) bool {
	if d == nil {
		return false
	}
	all := d.denied.Load()
	return all.issuers.has(b.issuer) || all.kids.has(b.kid) || all.clientIDs.has(b.clientID) ||
		all.subjects.has(b.subject) || all.jti.has(b.jti)
}

// Run reads the file again when it changes, until ctx is done.
func (d *denylist) Run(ctx context.Context) { d.file.Run(ctx) }
