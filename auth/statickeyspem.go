package auth

import (
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// The labels of PEM blocks that hold a public key (RFC 7468 §13, §5; the last one
// is PKCS #1, as OpenSSL writes it).
const (
	labelPublicKey    = "PUBLIC KEY"
	labelCertificate  = "CERTIFICATE"
	labelRSAPublicKey = "RSA PUBLIC KEY"
)

const (
	pemBegin = "-----BEGIN "
	pemEnd   = "-----END "
	pemDash  = "-----"
)

var (
	errNoPublicKey = errors.New("has no public key: PEM blocks of the kind PUBLIC KEY or CERTIFICATE are expected")
	errPrivateKey  = errors.New("is a private key: this server needs the public half alone")
	errOtherBlock  = errors.New("is neither a PUBLIC KEY, an RSA PUBLIC KEY nor a CERTIFICATE")
	errCutKey      = errors.New("is cut: its BEGIN or END line is not exact, or missing")
	errNotBase64   = errors.New("is damaged: what stands between its BEGIN and END line is not base64")
	errUnreadable  = errors.New("cannot be read: RSA keys are expected, or EC keys on P-256, P-384 or P-521")
	errStrayPart   = errors.New("something there looks like a part of a key whose BEGIN or END line is not exact, or missing")
)

// parsePublicKeys reads the public keys in data, PEM blocks with any text between
// them, by their key ids: keyID for the one key where it is given, else each key's
// thumbprint (RFC 7638). One fault anywhere is an error: a key that is left out
// without a word would be missed when it is needed.
//
// The validity of a certificate is not judged, nor who signed it: what is trusted
// here is the key, because somebody put it here. Who signed it may only not be here,
// too: see checkChain.
func parsePublicKeys(data []byte, keyID string, allowed []string) (map[string]publicKey, error) {
	blocks, err := pemBlocks(lineBreaks.Replace(string(data)))
	if err != nil {
		return nil, err
	}
	if len(blocks) == 0 {
		return nil, errNoPublicKey
	}
	read := make([]keyBlock, len(blocks))
	for i, block := range blocks {
		if read[i], err = block.read(); err != nil {
			return nil, fmt.Errorf("key %d: %w", i+1, err)
		}
	}
	// First of all: what is wrong with the key of an authority is nobody's to mend.
	if err := checkChain(read); err != nil {
		return nil, err
	}
	keys := map[string]publicKey{}
	for i, key := range read {
		if err := key.usable(allowed); err != nil {
			return nil, fmt.Errorf("key %d: %w", i+1, err)
		}
		kid, err := key.thumbprint()
		if err != nil {
			return nil, fmt.Errorf("key %d: %w", i+1, errUnreadable)
		}
		keys[kid] = key.publicKey
	}
	return underName(keys, keyID)
}

// underName gives the one key the id that its issuer knows it by, where there is one.
func underName(keys map[string]publicKey, keyID string) (map[string]publicKey, error) {
	if keyID == "" {
		return keys, nil
	}
	if len(keys) > 1 {
		return nil, fmt.Errorf("holds %d keys, and key_id can name only one: leave it out", len(keys))
	}
	named := map[string]publicKey{}
	for _, key := range keys {
		named[keyID] = key
	}
	return named, nil
}

// lineBreaks makes line breaks of what stands for them where a text has to be one
// line, as in an environment file. PEM has no backslash.
var lineBreaks = strings.NewReplacer(`\r`, "\n", `\n`, "\n")

type pemBlock struct {
	label string
	der   []byte
}

// pemBlocks takes text apart into its PEM blocks (RFC 7468 §2; any white space
// where it has line breaks, as YAML and environment files change them). The
// decoder of encoding/pem skips what it cannot read, so it is not used.
func pemBlocks(text string) ([]pemBlock, error) {
	var blocks []pemBlock
	for {
		between, rest, found := strings.Cut(text, pemBegin)
		if isPartOfKey(between) {
			return nil, fmt.Errorf("after %d whole keys: %w", len(blocks), errStrayPart)
		}
		if !found {
			return blocks, nil
		}
		if len(blocks) == maxKeys {
			return nil, errTooManyKeys
		}
		block, rest, err := cutBlock(rest)
		if err != nil {
			return nil, fmt.Errorf("key %d: %w", len(blocks)+1, err)
		}
		blocks, text = append(blocks, block), rest
	}
}

// cutBlock reads one block, of which the first words are gone, and returns what
// stands behind it.
func cutBlock(text string) (block pemBlock, rest string, err error) {
	label, text, _ := strings.Cut(text, pemDash)
	switch label {
	case labelPublicKey, labelCertificate, labelRSAPublicKey:
	default:
		return pemBlock{}, "", wrongLabel(label)
	}
	body, rest, found := strings.Cut(text, pemEnd+label+pemDash)
	if !found || strings.Contains(body, pemDash) {
		return pemBlock{}, "", errCutKey
	}
	der, err := base64.StdEncoding.Strict().DecodeString(strings.Join(strings.Fields(body), ""))
	if err != nil {
		return pemBlock{}, "", errNotBase64
	}
	return pemBlock{label, der}, rest, nil
}

func wrongLabel(label string) error {
	switch {
	case strings.Contains(label, "\n"):
		return errCutKey
	case strings.Contains(label, "PRIVATE"):
		return errPrivateKey
	default:
		return errOtherBlock
	}
}

// border finds what is left of a BEGIN or END line, or was meant to be one.
var border = regexp.MustCompile(`[-–—][ \t]*(BEGIN|END)\b|\b(BEGIN|END) [A-Z0-9 ]*(KEY|CERTIFICATE)|(KEY|CERTIFICATE)[ \t]*-----`)

// isPartOfKey reports whether the text between two blocks is more than a comment.
func isPartOfKey(between string) bool {
	return border.MatchString(between) || slices.ContainsFunc(strings.Fields(between), isKeyMaterial)
}

// isKeyMaterial reports whether a word is a line of base64, and not just a digest
// in hexadecimal. The longest lines of PEM have 64 characters.
func isKeyMaterial(word string) bool {
	const (
		long   = 60
		hexes  = "0123456789abcdefABCDEF"
		base64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
	)
	return len(word) >= long && strings.Trim(word, base64) == "" && strings.Trim(word, hexes) != ""
}
