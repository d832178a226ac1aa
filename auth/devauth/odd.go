package devauth

import (
	"fmt"
	"log/slog"
	"slices"
)

// OddKind is one way in which the key set is odd.
type OddKind string

// Keys that stand in front of the good ones. Their kid is "odd-" and their kind, where nothing else is said.
const (
	OddEC         OddKind = "ec"          // a P-256 key
	OddOKP        OddKind = "okp"         // an Ed25519 key, RFC 8037
	OddOct        OddKind = "oct"         // a symmetric key
	OddUnknownKty OddKind = "unknown_kty" // a kty that nobody has registered
	OddEnc        OddKind = "enc"         // an RSA key for encryption
	OddWeak       OddKind = "weak"        // an RSA key of 1024 bits
	OddE3         OddKind = "e3"          // an RSA key whose exponent is 3
	OddNoKID      OddKind = "no_kid"      // an RSA key without kid
	OddPrivate    OddKind = "private"     // an RSA key with its private half
	// OddDuplicateKID is a good RSA key, but under the kid of the current key.
	OddDuplicateKID OddKind = "duplicate_kid"
)

// Answers that are odd as a whole.
const (
	OddEmpty     OddKind = "empty"     // a set without keys
	OddUnusable  OddKind = "unusable"  // all the odd keys but the duplicate, and no good ones
	OddHTML      OddKind = "html"      // 200 with a page
	OddTruncated OddKind = "truncated" // the first half of the document
	OddHuge      OddKind = "huge"      // 200 MiB, with the good keys at their end
	OddMany      OddKind = "many"      // 10,000 keys, the good ones first
	// OddRedirect is 302 to a path of this server that has the good keys, so that only who follows gets them.
	OddRedirect  OddKind = "redirect"
	OddTrailing  OddKind = "trailing" // the document with something behind it
	OddStatus404 OddKind = "404"
	OddStatus429 OddKind = "429" // with Retry-After
	OddStatus500 OddKind = "500"
)

// additions and wholeDocuments are all the kinds there are, in the order in which people are told of them.
var (
	additions = []OddKind{
		OddEC, OddOKP, OddOct, OddUnknownKty, OddEnc, OddWeak, OddE3, OddNoKID, OddPrivate, OddDuplicateKID,
	}
	wholeDocuments = []OddKind{
		OddEmpty, OddUnusable, OddHTML, OddTruncated, OddHuge, OddMany, OddRedirect, OddTrailing,
		OddStatus404, OddStatus429, OddStatus500,
	}
)

// oddity is one setting of the switch.
type oddity struct {
	kinds []OddKind
	keys  *oddKeys // nil where there are no kinds
}

// SetOdd makes the key set odd or, without kinds, good again. Odd keys may be combined, each once; a kind that is about
// the whole answer stands alone.
func (s *Server) SetOdd(kinds ...OddKind) error {
	if !combine(kinds) {
		return fmt.Errorf("devauth: key set: %w", errParameterValue)
	}
	odd := &oddity{kinds: slices.Clone(kinds)}
	if len(kinds) > 0 {
		keys, err := s.makeOddKeys()
		if err != nil {
			return fmt.Errorf("devauth: key set: %w", err)
		}
		odd.keys = keys
	}
	s.odd.Store(odd)
	s.log.Info("key set switched", slog.Any("odd", odd.kinds))
	return nil
}

func combine(kinds []OddKind) bool {
	if len(kinds) == 1 && slices.Contains(wholeDocuments, kinds[0]) {
		return true
	}
	for i, kind := range kinds {
		if !slices.Contains(additions, kind) || slices.Contains(kinds[:i], kind) {
			return false
		}
	}
	return true
}

// whole is the kind of an answer that is odd as a whole, or "".
func (o *oddity) whole() OddKind {
	if len(o.kinds) == 1 && slices.Contains(wholeDocuments, o.kinds[0]) {
		return o.kinds[0]
	}
	return ""
}
