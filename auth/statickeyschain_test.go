package auth

import (
	"crypto/ed25519"
	"crypto/x509"
	"testing"
)

// Of a whole chain one certificate is the issuer's, and the others would be trusted
// for tokens without anybody's having meant it.
func TestParsePublicKeysChain(t *testing.T) {
	leafKey, caKey, rootKey := &rsaKey().PublicKey, &rsaKey2().PublicKey, &ec384Key().PublicKey
	const root, ca, leaf = "root", "ca", "leaf"
	var (
		leafByCA   = issued(rsaKey2(), ca, leaf, leafKey)
		caByRoot   = issued(ec384Key(), root, ca, caKey)
		caByItself = issued(rsaKey2(), ca, ca, caKey)
		rootCert   = issued(ec384Key(), root, root, rootKey)
		edKey      = ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
		edRoot     = issued(edKey, "ed", "ed", edKey.Public())
	)
	const behind = "; leave only the issuer's own certificate in it"
	rs256 := []string{"RS256"}
	for _, tt := range []struct {
		name string
		data string
		want string // "" is accepted
	}{
		{"the leaf alone", leafByCA, ""},
		{"the leaf and its authority", leafByCA + caByItself, "holds a chain: key 2 has signed key 1" + behind},
		{"the authority and its leaf", caByItself + leafByCA, "holds a chain: key 1 has signed key 2" + behind},
		{"the leaf and what signed it", leafByCA + caByRoot, "holds a chain: key 2 has signed key 1" + behind},
		{"a key between", leafByCA + rsaPEM() + caByItself, "holds a chain: key 3 has signed key 1" + behind},
		{"an authority whose key is none for tokens here", issued(ec384Key(), root, leaf, leafKey) + rootCert, "holds a chain: key 2 has signed key 1" + behind},
		{"an authority whose key is none for tokens at all", issued(edKey, "ed", leaf, leafKey) + edRoot, "holds a chain: key 2 has signed key 1" + behind},

		{"the authority alone", caByItself, ""},
		{"one certificate twice", leafByCA + leafByCA, ""},
		{"a certificate that was renewed", caByItself + issued(rsaKey2(), ca, ca, caKey), ""},
		{"two that signed themselves, of one name", caByItself + issued(rsaKey(), ca, ca, leafKey), ""},
		{"one that another of that name has signed", issued(rsaKey(), ca, leaf, leafKey) + caByItself, ""},
		{"the key of the authority without its certificate", leafByCA + rsa2PEM(), ""},
		{"one that signed itself, of a key that is none here", edRoot, "key 1: cannot be read: RSA keys are expected, or EC keys on P-256, P-384 or P-521"},
		{"an authority alone whose key is none for tokens here", rootCert, "key 1: an EC P-384 key, but algorithms allows RS256 alone: list ES384 in auth.issuers[].algorithms"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := ""
			if _, err := parsePublicKeys([]byte(tt.data), "", rs256); err != nil {
				got = err.Error()
			}
			if got != tt.want {
				t.Errorf("err = %q, want %q", got, tt.want)
			}
		})
	}
}

// A signature of MD5 is not verified by anybody any more: the names say whose it is.
func TestChainOfOldSignatures(t *testing.T) {
	read := func(data string) keyBlock {
		t.Helper()
		blocks, err := pemBlocks(data)
		if err != nil {
			t.Fatal(err)
		}
		k, err := blocks[0].read()
		if err != nil {
			t.Fatal(err)
		}
		k.certificate.SignatureAlgorithm = x509.MD5WithRSA
		return k
	}
	ca := read(issued(rsaKey2(), "ca", "ca", &rsaKey2().PublicKey))
	for name, tt := range map[string]struct {
		issuer, subject string
		want            bool
	}{
		"signed in its name":      {"ca", "leaf", true},
		"signed in another name":  {"ca 2", "leaf", false},
		"signed by one of itself": {"ca", "ca", false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := ca.hasSigned(read(issued(rsaKey(), tt.issuer, tt.subject, &rsaKey().PublicKey))); got != tt.want {
				t.Errorf("%v, want %v", got, tt.want)
			}
		})
	}
}
