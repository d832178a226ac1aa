package auth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
)

// openOnce reads the files that c names, and returns what is wrong with those that
// cannot be used. A server that runs goes on with what it read of such a file
// before; who judges one token does without, and has to say so.
func (t *Trust) openOnce(c Config) (faults []error) {
	log := slog.New(slog.DiscardHandler)
	var err error
	if c.DenylistFile != "" {
		if t.denylist, err = openDenylist(c.DenylistFile, log); err != nil {
			faults = append(faults, err)
			t.denylist = &denylist{}
			t.denylist.denied.Store(&denied{})
		}
	}
	if c.StaticTokensFile != "" {
		if t.static, err = openStaticTokens(c.StaticTokensFile, log); err != nil {
			faults = append(faults, err)
			t.static = &staticTokens{}
			t.static.tokens.Store(&[]staticToken{})
		}
	}
	return faults
}

// unread reports a denylist whose file could not be used: see openOnce.
func (d *denylist) unread() bool { return d != nil && d.file == nil }

// unread reports static tokens whose file could not be used: see openOnce.
func (s *staticTokens) unread() bool { return s != nil && s.file == nil }

// unreadKeys is the keySource of an issuer whose public_key_file cannot be used:
// nobody can tell which keys it has.
type unreadKeys struct {
	issuer IssuerConfig
	fault  error
}

// newUnreadKeys takes the error of newStaticKeys, which names the issuer.
func newUnreadKeys(ic IssuerConfig, fault error) *unreadKeys {
	return &unreadKeys{issuer: ic, fault: cmp.Or(errors.Unwrap(fault), fault)}
}

func (u *unreadKeys) key(context.Context, string) (publicKey, error) {
	return publicKey{}, fmt.Errorf("%w: %s", errKeysUnavailable, badFile)
}

// soleKeyID implements keySource. Whether the file had one key is unknown: a token
// that names none must not be refused for that.
func (u *unreadKeys) soleKeyID() string { return cmp.Or(u.issuer.KeyID, "?") }

// lookup implements keySource.
func (u *unreadKeys) lookup(string) (publicKey, error) { return publicKey{}, errKeysUnavailable }

func (u *unreadKeys) report() KeyReport {
	return KeyReport{Origin: KeysConfigured, Error: badFile, Detail: detail(u.fault.Error())}
}

// Run implements keySource: nothing is read again.
func (u *unreadKeys) Run(context.Context) {}

// Status implements keySource.
func (u *unreadKeys) Status() KeyStatus {
	return KeyStatus{Issuer: u.issuer.Issuer, Required: u.issuer.Required, LastError: badFile}
}
