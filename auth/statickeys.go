package auth

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"sync/atomic"
	"time"

	"mcp-resource-server/internal/filewatch"
)

// badFile is the class of error of a file that cannot be used, as [KeyStatus]
// shows it.
const badFile = "bad_file"

// staticKeys are the public keys of an issuer that stand in the configuration or
// in a file. The issuer itself is never asked for anything: whoever wants to add a
// key must be able to change the configuration or the file.
//
// A file is read again when it changes. One that cannot be used leaves the last
// good keys as they are; one that can replaces them whole, so that a key that is
// taken out of it stops at once.
type staticKeys struct {
	issuer   IssuerConfig
	log      *slog.Logger
	file     *filewatch.File // nil where the keys stand in the configuration
	snapshot atomic.Pointer[staticSnapshot]
}

type staticSnapshot struct {
	keys map[string]publicKey // never empty
	read time.Time
}

// newStaticKeys reads the keys of ic, which has its defaults filled in.
func newStaticKeys(ic IssuerConfig, log *slog.Logger) (*staticKeys, error) {
	s := &staticKeys{issuer: ic, log: log.With("issuer", ic.Issuer)}
	if ic.PublicKeyFile == "" {
		if err := s.use([]byte(ic.PublicKey)); err != nil {
			return nil, fmt.Errorf("auth.public_key of the issuer %s: %w", ic.Issuer, err)
		}
		return s, nil
	}
	var err error
	s.file, err = filewatch.Open(filewatch.Options{
		Path:     ic.PublicKeyFile,
		MaxBytes: MaxKeySetBytes,
		Use:      s.use,
		Log:      s.log,
	})
	if err != nil {
		return nil, fmt.Errorf("auth.public_key_file of the issuer %s: %w", ic.Issuer, err)
	}
	return s, nil
}

// use takes the keys of data over, or leaves everything as it is.
func (s *staticKeys) use(data []byte) error {
	keys, err := parsePublicKeys(data, s.issuer.KeyID, s.issuer.Algorithms)
	if err != nil {
		return err
	}
	old := s.snapshot.Swap(&staticSnapshot{keys: keys, read: time.Now()})
	if old == nil || !maps.EqualFunc(old.keys, keys, publicKey.equal) {
		s.log.Info("public keys loaded", "keys", len(keys))
	}
	return nil
}

// key implements keySource. What is not here is nowhere: nothing is looked up.
func (s *staticKeys) key(_ context.Context, kid string) (publicKey, error) {
	keys := s.snapshot.Load().keys
	if kid == "" && len(keys) == 1 {
		for _, k := range keys {
			return k, nil
		}
	}
	if k, ok := keys[kid]; ok {
		return k, nil
	}
	return publicKey{}, errUnknownKey
}

// lookup implements keySource.
func (s *staticKeys) lookup(kid string) (publicKey, error) {
	if k, ok := s.snapshot.Load().keys[kid]; ok {
		return k, nil
	}
	return publicKey{}, errUnknownKey
}

// soleKeyID implements keySource: with a single key there is no question which
// one is meant, and many issuers of one key name none (kid is optional, RFC 7515
// §4.1.4).
func (s *staticKeys) soleKeyID() string {
	if keys := s.snapshot.Load().keys; len(keys) == 1 {
		for kid := range keys {
			return kid
		}
	}
	return ""
}

// Run watches the file, where there is one, until ctx is done. It is called once.
func (s *staticKeys) Run(ctx context.Context) {
	if s.file != nil {
		s.file.Run(ctx)
	}
}

// Status implements keySource. The keys are always usable: without any, nothing
// starts, and the last good ones never grow stale.
func (s *staticKeys) Status() KeyStatus {
	snap := s.snapshot.Load()
	status := KeyStatus{
		Issuer:      s.issuer.Issuer,
		Required:    s.issuer.Required,
		Usable:      true,
		Keys:        len(snap.keys),
		LastSuccess: snap.read,
	}
	if s.file != nil && s.file.Broken() {
		status.LastError = badFile
	}
	return status
}
