package auth

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// Whatever somebody configures, a key that is kept may verify something; what is
// kept stands in the text as often as in the result; and no error quotes the text.
func FuzzParsePublicKeys(f *testing.F) {
	good := rsaPEM()
	for _, data := range []string{
		good, good + pkixOf(&ec256Key().PublicKey), strings.ReplaceAll(good, "\n", `\n`), strings.ReplaceAll(good, "\n", " "),
		"# a comment\n" + good + "and more\n" + rsa2PEM(), good[:200], good[100:], good + good, block("PRIVATE KEY", []byte("x")),
		certificateOf(rsaKey(), &rsaKey().PublicKey), block(labelRSAPublicKey, []byte{0x30, 0}), pkixOf(&rsaSmall().PublicKey),
		"-----BEGIN PUBLIC KEY-----", "-----BEGIN -----", "-----END PUBLIC KEY-----", "----BEGIN", "", `\`, `\n`,
	} {
		f.Add([]byte(data), "")
		f.Add([]byte(data), testKID)
	}
	allowed := []string{"RS256", "PS384", "ES256", "ES512"}
	f.Fuzz(func(t *testing.T, data []byte, keyID string) {
		keys, err := parsePublicKeys(data, keyID, allowed)
		if (err == nil) != (len(keys) > 0) {
			t.Fatalf("%d keys with err = %v", len(keys), err)
		}
		if err != nil {
			if s := sample(err.Error(), string(data)); s != "" && !slices.ContainsFunc(ownWords(), func(w string) bool { return strings.Contains(w, s) }) {
				t.Errorf("%q is in the error %v", s, err)
			}
			return
		}
		if begins := strings.Count(string(data), "BEGIN"); len(keys) > begins || len(keys) > maxKeys {
			t.Errorf("%d keys of %d blocks", len(keys), begins)
		}
		for kid, key := range keys {
			if own, err := key.thumbprint(); err != nil || (kid != own && kid != keyID) {
				t.Errorf("kid %q, thumbprint %q, err = %v", kid, own, err)
			}
			i := slices.IndexFunc(allowed, key.fits)
			if i < 0 || len(key.algs) != 0 {
				t.Fatalf("key %+v fits nothing", key)
			}
			if verifySignature(allowed[i], key, []byte("a.b"), make([]byte, 64)) == nil {
				t.Errorf("key %q verifies zeros", kid)
			}
		}
		// Written out plainly, it is the same.
		var plain strings.Builder
		for _, key := range keys {
			plain.WriteString(pkixOf(key.key))
		}
		if again, err := parsePublicKeys([]byte(plain.String()), keyID, allowed); err != nil || !maps.EqualFunc(keys, again, publicKey.equal) {
			t.Errorf("written again: %d keys, err = %v, want %d", len(again), err, len(keys))
		}
	})
}

// ownWords are those that an error may have in common with what was configured.
func ownWords() []string {
	words := []string{"auth.issuers[].algorithms"}
	for _, err := range []error{errNoPublicKey, errPrivateKey, errOtherBlock, errCutKey, errNotBase64, errUnreadable, errStrayPart, errTooManyKeys} {
		words = append(words, err.Error())
	}
	return words
}
