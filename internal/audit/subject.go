package audit

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"strconv"

	"mcp-resource-server/internal/namedfile"
)

const (
	// minKeyBytes is the size of the digest: a shorter key weakens it (RFC 2104 §3).
	minKeyBytes = 32
	// maxKeyBytes bounds the file that holds it.
	maxKeyBytes = 64 << 10
)

var errShortKey = errors.New("holds fewer than 32 bytes")

// pseudonym makes of a subject what the configuration asks for.
type pseudonym struct {
	plain bool
	mac   hash.Hash // nil unless the subject is digested
	sum   []byte
}

func newPseudonym(c Config) (pseudonym, error) {
	if c.Subject != SubjectHMAC {
		return pseudonym{plain: c.Subject == SubjectPlain}, nil
	}
	key, err := readKey(c.HMACKeyFile)
	if err != nil {
		return pseudonym{}, fmt.Errorf("audit.hmac_key_file: %w", err)
	}
	return pseudonym{mac: hmac.New(sha256.New, key)}, nil
}

// readKey reads the key of hmac. Neither it nor an error holds anything of the file
// but the key itself.
func readKey(path string) ([]byte, error) {
	key, err := namedfile.Read(path, maxKeyBytes)
	if err != nil {
		return nil, err
	}
	if line, ended := bytes.CutSuffix(key, []byte("\n")); ended {
		key = bytes.TrimSuffix(line, []byte("\r"))
	}
	if len(key) < minKeyBytes {
		return nil, errShortKey
	}
	return key, nil
}

// of returns what is recorded of a subject. The same subject of two issuers is two
// people. It is called by one goroutine at a time.
func (p *pseudonym) of(issuer, subject string) string {
	switch {
	case subject == "" || p.plain:
		return subject
	case p.mac == nil:
		return ""
	}
	p.mac.Reset()
	// The length in front says where the issuer ends, whatever stands in either.
	p.sum = strconv.AppendInt(p.sum[:0], int64(len(issuer)), 10)
	p.sum = append(p.sum, ':')
	p.sum = append(append(p.sum, issuer...), subject...)
	_, _ = p.mac.Write(p.sum) // never fails
	p.sum = p.mac.Sum(p.sum[:0])
	return "hmac-sha256:" + hex.EncodeToString(p.sum)
}
