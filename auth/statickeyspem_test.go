package auth

import (
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/pem"
	"maps"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"mcp-resource-server/internal/jwstest"
)

var allAlgorithms = slices.Sorted(maps.Keys(algorithms))

// block writes a PEM block as OpenSSL does.
func block(label string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: label, Bytes: der}))
}

// pkixOf writes a public key as PUBLIC KEY.
func pkixOf(key any) string {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		panic(err)
	}
	return block(labelPublicKey, der)
}

// certificateOf writes a self-signed certificate that ended long ago.
func certificateOf(private, public any) string {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "an issuer"},
		NotBefore:    time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC),
		NotAfter:     time.Date(2002, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, public, private)
	if err != nil {
		panic(err)
	}
	return block(labelCertificate, der)
}

// issued writes a certificate that another key has signed, in its own name.
func issued(signer any, issuer, subject string, public any) string {
	template := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: subject}}
	parent := &x509.Certificate{Subject: pkix.Name{CommonName: issuer}}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, public, signer)
	if err != nil {
		panic(err)
	}
	return block(labelCertificate, der)
}

// thumbprintOf is RFC 7638 §3 done by hand: the required members in their order.
func thumbprintOf(key any) string {
	o := jwkOf(key, "")
	delete(o, "alg")
	delete(o, "kid")
	delete(o, "use")
	sum := sha256.Sum256([]byte(o.String()))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func rsaPEM() string  { return pkixOf(&rsaKey().PublicKey) }
func rsa2PEM() string { return pkixOf(&rsaKey2().PublicKey) }

func TestParsePublicKeys(t *testing.T) {
	one, two := &rsaKey().PublicKey, &rsaKey2().PublicKey
	ec := []any{&ec256Key().PublicKey, &ec384Key().PublicKey, &ec521Key().PublicKey}
	oneLine := func(lineBreak string) string { return strings.ReplaceAll(rsaPEM(), "\n", lineBreak) }
	long := strings.NewReplacer("-----BEGIN PUBLIC KEY-----", "-----BEGIN PUBLIC KEY-----\n", "-----END", "\n-----END", "\n", "").Replace(rsaPEM())
	for _, tt := range []struct {
		name  string
		data  string
		keyID string
		want  []any // the keys
	}{
		{"PUBLIC KEY", rsaPEM(), "", []any{one}},
		{"RSA PUBLIC KEY", block(labelRSAPublicKey, x509.MarshalPKCS1PublicKey(one)), "", []any{one}},
		{"CERTIFICATE, long ended", certificateOf(rsaKey(), one), "", []any{one}},
		{"CERTIFICATE of an EC key", certificateOf(ec256Key(), ec[0]), "", ec[:1]},
		{"EC on each curve", pkixOf(ec[0]) + pkixOf(ec[1]) + pkixOf(ec[2]), "", ec},
		{"keys of two kinds", rsaPEM() + certificateOf(rsaKey2(), two) + pkixOf(ec[0]), "", []any{one, two, ec[0]}},
		{"a key id", rsaPEM(), "of-the-issuer", []any{one}},
		{"the same key twice", rsaPEM() + certificateOf(rsaKey(), one), "", []any{one}},
		{"the same key twice with a key id", rsaPEM() + rsaPEM(), "of-the-issuer", []any{one}},

		{"white space around", "\r\n\t " + rsaPEM() + " \n\n", "", []any{one}},
		{"no line break at the end", strings.TrimSpace(rsaPEM()), "", []any{one}},
		{"no line break between two", strings.TrimSpace(rsaPEM()) + rsa2PEM(), "", []any{one, two}},
		{"CR LF", oneLine("\r\n"), "", []any{one}},
		{`\n for line breaks`, oneLine(`\n`), "", []any{one}},
		{`\r\n for line breaks`, oneLine(`\r\n`), "", []any{one}},
		{`\n and line breaks`, oneLine("\\n\n"), "", []any{one}},
		{"spaces for line breaks", oneLine(" "), "", []any{one}},
		{"no line breaks at all", oneLine(""), "", []any{one}},
		{"indented", oneLine("\n    "), "", []any{one}},
		{"one long line of base64", long, "", []any{one}},
		{"with a byte order mark", "\ufeff" + rsaPEM(), "", []any{one}},
		{
			"text around and between",
			"# The key of 2026: its BEGIN was in May.\n" + rsaPEM() + "\n------ backend – end of the list\nsubject=CN = KEY\n" +
				"sha256 " + strings.Repeat("0a", 32) + "\n" + rsa2PEM() + "-----\n00:af:" + strings.Repeat("1f:", 40) + "\nend",
			"",
			[]any{one, two},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := parsePublicKeys([]byte(tt.data), tt.keyID, allAlgorithms)
			if err != nil {
				t.Fatal(err)
			}
			want := map[string]publicKey{}
			for _, key := range tt.want {
				want[thumbprintOf(key)] = publicKey{key: key}
			}
			if tt.keyID != "" {
				want = map[string]publicKey{tt.keyID: {key: tt.want[0]}}
			}
			if !maps.EqualFunc(got, want, publicKey.equal) {
				t.Errorf("keys %q, want %q", slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
			}
		})
	}
}

// Every refusal has the twin that is accepted: the same data without the fault.
func TestParsePublicKeysRefuses(t *testing.T) {
	const (
		cut   = "is cut: its BEGIN or END line is not exact, or missing"
		stray = "something there looks like a part of a key whose BEGIN or END line is not exact, or missing"
		other = "is neither a PUBLIC KEY, an RSA PUBLIC KEY nor a CERTIFICATE"
		priv  = "is a private key: this server needs the public half alone"
		b64   = "is damaged: what stands between its BEGIN and END line is not base64"
		read  = "cannot be read: RSA keys are expected, or EC keys on P-256, P-384 or P-521"
		none  = "has no public key: PEM blocks of the kind PUBLIC KEY or CERTIFICATE are expected"
		begin = "-----BEGIN PUBLIC KEY-----\n"
		end   = "-----END PUBLIC KEY-----\n"
	)
	good, good2 := rsaPEM(), rsa2PEM()
	body := strings.TrimSuffix(strings.TrimPrefix(good, begin), end)
	lines := strings.SplitAfter(body, "\n")
	ecBody := strings.SplitAfter(strings.TrimPrefix(pkixOf(&ec256Key().PublicKey), begin), "\n")
	pkcs8, err := x509.MarshalPKCS8PrivateKey(rsaKey())
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&rsaKey().PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		data string
		want string
		twin string // "" is good
	}{
		{"nothing", "", none, ""},
		{"white space", " \n\t", none, ""},
		{"text without a key", "the key is in the mail", none, ""},
		{"HTML", "<!DOCTYPE html><title>502</title>", none, ""},
		{"a JWK set", set(jwkOf(&rsaKey().PublicKey, "k")), none, ""},

		{"no END line", begin + body, "key 1: " + cut, ""},
		{"no END line of the second", good + begin + body, "key 2: " + cut, good + good2},
		{"no END line of the first", begin + body + good2, "key 1: " + cut, good + good2},
		{"an END line of another kind", begin + body + "-----END CERTIFICATE-----\n", "key 1: " + cut, ""},
		{"an END line cut", begin + body + "-----END PUBLIC", "key 1: " + cut, ""},
		{"an END line with four dashes", begin + body + "-----END PUBLIC KEY----", "key 1: " + cut, ""},
		{"a BEGIN line cut", "-----BEGIN PUBLIC\n" + body + end, "key 1: " + cut, ""},
		{"a BEGIN line alone", good + "-----BEGIN PUB", "key 2: " + other, good},
		{"no BEGIN line", body + end, "after 0 whole keys: " + stray, ""},
		{"no BEGIN line of the second", good + body + end, "after 1 whole keys: " + stray, good + good2},
		{"the end of a BEGIN line", good + "IC KEY-----\n" + ecBody[1][:50], "after 1 whole keys: " + stray, good},
		{"a BEGIN line with four dashes", good + "----BEGIN PUBLIC KEY-----\n" + body + end, "after 1 whole keys: " + stray, good + good2},
		{"a BEGIN line with a space", good + "----- BEGIN PUBLIC KEY-----\n" + body + end, "after 1 whole keys: " + stray, good + good2},
		{"a BEGIN line with long dashes", good + "——BEGIN PUB", "after 1 whole keys: " + stray, good},
		{"a BEGIN line without dashes", good + "BEGIN PUBLIC KEY\n", "after 1 whole keys: " + stray, good},
		{"a BEGIN line in lower case", good + strings.ToLower(begin) + body, "after 1 whole keys: " + stray, good + good2},
		{"neither BEGIN nor END", good + body, "after 1 whole keys: " + stray, good + good2},
		{"neither BEGIN nor END, in front", body + good, "after 0 whole keys: " + stray, good2 + good},
		{"neither BEGIN nor END, of an EC key's last line", good + ecBody[1], "after 1 whole keys: " + stray, good},
		{"an OpenSSH key", good + "ssh-rsa " + strings.Repeat("AAAAB3Nz", 40) + " me@example.com", "after 1 whole keys: " + stray, good},

		{"one line of base64 missing", begin + strings.Join(lines[1:], "") + end, "key 1: " + read, ""},
		{"a character missing", begin + body[1:] + end, "key 1: " + b64, ""},
		{"a character that is none of base64", begin + "!" + body[1:] + end, "key 1: " + b64, ""},
		{"unused bits", begin + strings.Replace(base64.StdEncoding.EncodeToString(append(slices.Clone(der), 0)), "AA==", "AB==", 1) + "\n" + end, "key 1: " + b64, ""},
		{"base64url", begin + "-" + body[1:] + end, "key 1: " + b64, ""},
		{"a comment within", begin + "# 2026\n" + body + end, "key 1: " + b64, ""},
		{"a header within", begin + "Comment: 2026\n\n" + body + end, "key 1: " + b64, ""},
		{"six dashes behind BEGIN", "-----BEGIN PUBLIC KEY------\n" + body + end, "key 1: " + b64, ""},
		{"commented out", good + "# " + strings.ReplaceAll(good2, "\n", "\n# "), "key 2: " + b64, good + good2},
		{"nothing between BEGIN and END", begin + end, "key 1: " + read, ""},
		{"bytes behind the key", block(labelPublicKey, append(slices.Clone(der), 0)), "key 1: " + read, block(labelPublicKey, der)},
		{"no DER", block(labelPublicKey, []byte("not a key")), "key 1: " + read, ""},
		{"a certificate under PUBLIC KEY", strings.ReplaceAll(certificateOf(rsaKey(), &rsaKey().PublicKey), labelCertificate, labelPublicKey), "key 1: " + read, certificateOf(rsaKey(), &rsaKey().PublicKey)},
		{"PKCS #1 under PUBLIC KEY", block(labelPublicKey, x509.MarshalPKCS1PublicKey(&rsaKey().PublicKey)), "key 1: " + read, block(labelRSAPublicKey, x509.MarshalPKCS1PublicKey(&rsaKey().PublicKey))},

		{"a private key", block("PRIVATE KEY", pkcs8), "key 1: " + priv, ""},
		{"a private RSA key", block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey())), "key 1: " + priv, ""},
		{"a private EC key behind a good one", good + block("EC PRIVATE KEY", []byte("x")), "key 2: " + priv, good},
		{"an encrypted private key", block("ENCRYPTED PRIVATE KEY", pkcs8), "key 1: " + priv, ""},
		{"a private key without an END line", "-----BEGIN PRIVATE KEY-----\n" + body, "key 1: " + priv, ""},
		{"a request for a certificate", block("CERTIFICATE REQUEST", []byte("x")), "key 1: " + other, ""},
		{"a label that is not known", block("SOMETHING", []byte("x")), "key 1: " + other, ""},
		{"a label in lower case", strings.ReplaceAll(good, "PUBLIC KEY", "public key"), "key 1: " + other, ""},

		{"100 keys and one", strings.Repeat(good, 101), "more than 100 keys", strings.Repeat(good, 100)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			keys, err := parsePublicKeys([]byte(tt.data), "", allAlgorithms)
			if err == nil || err.Error() != tt.want {
				t.Errorf("%d keys, err = %v, want %s", len(keys), err, tt.want)
			}
			if tt.twin == "" {
				tt.twin = good
			}
			if _, err := parsePublicKeys([]byte(tt.twin), "", allAlgorithms); err != nil {
				t.Errorf("without the fault: %v", err)
			}
		})
	}
}

// A key that verifies nothing is refused, with words for what to change.
func TestParsePublicKeysJudgesKeys(t *testing.T) {
	modulus := func(bits int) *big.Int { // odd, and of that length
		n := new(big.Int).Lsh(big.NewInt(1), uint(bits-1))
		return n.SetBit(n, 0, 1)
	}
	rsaOf := func(bits, e int) string { return pkixOf(&rsa.PublicKey{N: modulus(bits), E: e}) }
	edKey := ed25519.PublicKey(make([]byte, ed25519.PublicKeySize))
	x25519, err := ecdh.X25519().NewPublicKey(slices.Repeat([]byte{9}, 32))
	if err != nil {
		t.Fatal(err)
	}
	p224 := jwstest.EC(elliptic.P224())
	const (
		nothing = "RSA with an exponent or a modulus that verifies nothing"
		read    = "cannot be read: RSA keys are expected, or EC keys on P-256, P-384 or P-521"
	)
	only := func(algs ...string) []string { return algs }
	for _, tt := range []struct {
		name    string
		data    string
		allowed []string
		want    string // behind "key 2: ", "" is accepted
	}{
		{"RSA with 2048 bits", rsaOf(2048, 65537), nil, ""},
		{"RSA with 2047 bits", rsaOf(2047, 65537), nil, "RSA with 2047 bits: at least 2048 are needed"},
		{"RSA with 1024 bits", pkixOf(&rsaSmall().PublicKey), nil, "RSA with 1024 bits: at least 2048 are needed"},
		{"RSA with 8192 bits", rsaOf(8192, 65537), nil, ""},
		{"RSA with 8193 bits", rsaOf(8193, 65537), nil, "RSA with 8193 bits: at most 8192 are accepted"},
		{"exponent 3", rsaOf(2048, 3), nil, "RSA with the exponent 3: at least 65537 is needed"},
		{"exponent 65535", rsaOf(2048, 65535), nil, "RSA with the exponent 65535: at least 65537 is needed"},
		{"exponent 65539", rsaOf(2048, 65539), nil, ""},
		{"even exponent", rsaOf(2048, 65538), nil, nothing},
		{"largest exponent", rsaOf(2048, 1<<31-1), nil, ""},
		{"too large an exponent", rsaOf(2048, 1<<31+1), nil, nothing},
		{"even modulus", pkixOf(&rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), 2047), E: 65537}), nil, nothing},
		{"EC on P-224", pkixOf(&p224.PublicKey), nil, "EC on P-224: P-256, P-384 and P-521 are accepted"},
		{"Ed25519", pkixOf(edKey), nil, read},
		{"X25519", pkixOf(x25519), nil, read},
		{"DSA", dsaPEM(t), nil, read},
		{"EC that is not on its curve", offCurvePEM(t), nil, read},

		{"RSA for PS512", rsaPEM(), only("PS512"), ""},
		{"RSA for ES256", rsaPEM(), only("ES256"), "an RSA key, but algorithms allows ES256 alone: list RS256 in auth.issuers[].algorithms"},
		{"P-256 for RS256", pkixOf(&ec256Key().PublicKey), only("RS256"), "an EC P-256 key, but algorithms allows RS256 alone: list ES256 in auth.issuers[].algorithms"},
		{"P-256 for ES256 beside RS256", pkixOf(&ec256Key().PublicKey), only("RS256", "ES256"), ""},
		{"P-384 for ES256 and RS256", pkixOf(&ec384Key().PublicKey), only("RS256", "ES256"), "an EC P-384 key, but algorithms allows RS256 and ES256 alone: list ES384 in auth.issuers[].algorithms"},
		{"P-521 for ES512", pkixOf(&ec521Key().PublicKey), only("ES512"), ""},
		{"weak before not allowed", pkixOf(&rsaSmall().PublicKey), only("ES256"), "RSA with 1024 bits: at least 2048 are needed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.allowed == nil {
				tt.allowed = allAlgorithms
			}
			first := rsaPEM()
			if tt.allowed[0][0] == 'E' {
				first = pkixOf(map[string]*ecdsa.PrivateKey{"ES256": ec256Key(), "ES384": ec384Key(), "ES512": ec521Key()}[tt.allowed[0]].Public())
			}
			_, err := parsePublicKeys([]byte(first+tt.data), "", tt.allowed)
			got, want := "", ""
			if tt.want != "" {
				want = "key 2: " + tt.want
			}
			if err != nil {
				got = err.Error()
			}
			if got != want {
				t.Errorf("err = %q, want %q", got, want)
			}
		})
	}
}

func TestParsePublicKeysKeyID(t *testing.T) {
	const want = "holds 2 keys, and key_id can name only one: leave it out"
	if _, err := parsePublicKeys([]byte(rsaPEM()+rsa2PEM()), "k", allAlgorithms); err == nil || err.Error() != want {
		t.Errorf("two keys: err = %v, want %s", err, want)
	}
	if keys, err := parsePublicKeys([]byte(rsaPEM()), "k", allAlgorithms); err != nil || !keys["k"].equal(publicKey{key: &rsaKey().PublicKey}) {
		t.Errorf("one key: %v, err = %v", keys, err)
	}
}

// The example of RFC 7638 §3.1.
func TestThumbprintOfTheStandard(t *testing.T) {
	const (
		n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
		x = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
	)
	key := &rsa.PublicKey{N: new(big.Int).SetBytes([]byte(decode(n))), E: 65537}
	keys, err := parsePublicKeys([]byte(pkixOf(key)), "", defaultAlgorithms)
	if got := slices.Collect(maps.Keys(keys)); err != nil || !slices.Equal(got, []string{x}) {
		t.Errorf("key id %q, err = %v, want %s", got, err, x)
	}
}

// Coordinates are written in their whole length (RFC 7518 §6.2.1.2), zeros in
// front included, or the thumbprint would be nobody else's.
func TestThumbprintOfAShortCoordinate(t *testing.T) {
	key := jwstest.EC(elliptic.P256())
	for short := false; !short; {
		key = jwstest.EC(elliptic.P256())
		point, err := key.PublicKey.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		short = point[1] == 0
	}
	got, err := publicKey{key: &key.PublicKey}.thumbprint()
	if want := thumbprintOf(&key.PublicKey); err != nil || got != want {
		t.Errorf("%s, err = %v, want %s", got, err, want)
	}
}

// dsaPEM is a key that crypto/x509 reads and nothing here uses.
func dsaPEM(t *testing.T) string {
	t.Helper()
	parameters, err := asn1.Marshal([]int{23, 11, 4}) // p, q, g
	if err != nil {
		t.Fatal(err)
	}
	y, err := asn1.Marshal(8)
	if err != nil {
		t.Fatal(err)
	}
	return subjectPublicKeyInfo(t, asn1.ObjectIdentifier{1, 2, 840, 10040, 4, 1}, parameters, y)
}

// offCurvePEM is a P-256 key whose point is not on P-256.
func offCurvePEM(t *testing.T) string {
	t.Helper()
	point, err := ec256Key().PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	point[len(point)-1] ^= 1
	curve, err := asn1.Marshal(asn1.ObjectIdentifier{1, 2, 840, 10045, 3, 1, 7})
	if err != nil {
		t.Fatal(err)
	}
	return subjectPublicKeyInfo(t, asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}, curve, point)
}

func subjectPublicKeyInfo(t *testing.T, algorithm asn1.ObjectIdentifier, parameters, key []byte) string {
	t.Helper()
	der, err := asn1.Marshal(struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}{
		pkix.AlgorithmIdentifier{Algorithm: algorithm, Parameters: asn1.RawValue{FullBytes: parameters}},
		asn1.BitString{Bytes: key, BitLength: 8 * len(key)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return block(labelPublicKey, der)
}
