package auth

import (
	"strings"
	"testing"
)

func TestConfigValidateStaticKeys(t *testing.T) {
	const (
		beside = "cannot be set beside auth.issuers: use one form or the other"
		fetch  = "jwks_url: cannot be set beside public keys: an issuer with static keys is never fetched from"
		absent = "has no public key: PEM blocks of the kind PUBLIC KEY or CERTIFICATE are expected"
		keysAt = "https://keys.example/jwks"
	)
	short := func(change func(*Config)) Config { c := validShort(); change(&c); return c }
	first := func(change func(*IssuerConfig)) Config { c := validLong(); change(&c.Issuers[0]); return c }
	for _, tt := range []struct {
		name string
		c    Config
		want string // "" is valid
	}{
		{"inline", short(func(c *Config) { c.PublicKey = rsaPEM() }), ""},
		{"inline on one line", short(func(c *Config) { c.PublicKey = strings.ReplaceAll(rsaPEM(), "\n", `\n`) }), ""},
		{"inline with a key id", short(func(c *Config) { c.PublicKey, c.KeyID = rsaPEM(), "k" }), ""},
		{"a file, which is not read here", short(func(c *Config) { c.PublicKeyFile = "/nowhere/keys.pem" }), ""},
		{"a file with a key id", short(func(c *Config) { c.PublicKeyFile, c.KeyID = "/nowhere/keys.pem", "k" }), ""},
		{"entry inline", first(func(i *IssuerConfig) { i.PublicKey = rsaPEM() }), ""},
		{"entry with an EC key", first(func(i *IssuerConfig) {
			i.PublicKey, i.Algorithms = pkixOf(&ec256Key().PublicKey), []string{"ES256"}
		}), ""},

		{"inline no key", short(func(c *Config) { c.PublicKey = "x" }), "public_key: " + absent},
		{"inline private", short(func(c *Config) { c.PublicKey = block("PRIVATE KEY", []byte("x")) }), "public_key: key 1: is a private key: this server needs the public half alone"},
		{"entry no key", first(func(i *IssuerConfig) { i.PublicKey = "x" }), "issuers[0].public_key: " + absent},
		{"EC in the short form", short(func(c *Config) { c.PublicKey = pkixOf(&ec256Key().PublicKey) }), "public_key: key 1: an EC P-256 key, but algorithms allows RS256 alone: list ES256 in auth.issuers[].algorithms"},
		{"two keys with a key id", short(func(c *Config) { c.PublicKey, c.KeyID = rsaPEM()+rsa2PEM(), "k" }), "public_key: holds 2 keys, and key_id can name only one: leave it out"},
		{"inline and a file", short(func(c *Config) { c.PublicKey, c.PublicKeyFile = rsaPEM(), "/nowhere/keys.pem" }), "public_key_file: cannot be set beside public_key: use one or the other"},
		{"inline and jwks_url", short(func(c *Config) { c.PublicKey, c.JWKSURL = rsaPEM(), keysAt }), fetch},
		{"a file and jwks_url", short(func(c *Config) { c.PublicKeyFile, c.JWKSURL = "/nowhere/keys.pem", keysAt }), fetch},
		{"jwks_url alone", short(func(c *Config) { c.JWKSURL = keysAt }), ""},
		{"entry with jwks_url", first(func(i *IssuerConfig) { i.PublicKey, i.JWKSURL = rsaPEM(), keysAt }), "issuers[0]." + fetch},
		{"a key id alone", short(func(c *Config) { c.KeyID = "k" }), "key_id: names the key in public_key or public_key_file, and neither is set"},
		{"a key id of 256 bytes", short(func(c *Config) { c.PublicKey, c.KeyID = rsaPEM(), strings.Repeat("k", 256) }), ""},
		{"a key id of 257 bytes", short(func(c *Config) { c.PublicKey, c.KeyID = rsaPEM(), strings.Repeat("k", 257) }), "key_id: must be at most 256 bytes"},
		{"all beside the long form", func() Config {
			c := validLong()
			c.PublicKey, c.PublicKeyFile, c.KeyID = rsaPEM(), "/nowhere/keys.pem", "k"
			return c
		}(), "public_key: " + beside + "\npublic_key_file: " + beside + "\nkey_id: " + beside},

		// Nothing is fetched from an issuer with static keys: its name may be any word.
		{"an http issuer with static keys", short(func(c *Config) { c.Issuer, c.PublicKey = "http://issuer.example/", rsaPEM() }), ""},
		{"an http issuer without", short(func(c *Config) { c.Issuer = "http://issuer.example/" }), "issuer: must be https (http is accepted for a loopback address, or with insecure_http in auth.issuers): whoever can change the keys on their way can forge every token"},
		{"a word with a key file", short(func(c *Config) { c.Issuer, c.PublicKeyFile = "my-app", "/nowhere/keys.pem" }), ""},
		{"a word without", short(func(c *Config) { c.Issuer = "my-app" }), "issuer: must be an absolute URL such as https://TENANT.auth0.com/"},
		{"two words with static keys", short(func(c *Config) { c.Issuer, c.PublicKey = "my app", rsaPEM() }), "issuer: must be a non-empty identifier without spaces"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := ""
			if err := tt.c.Validate().Err(); err != nil {
				got = err.Error()
			}
			if got != tt.want {
				t.Errorf("faults\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

// The short form is the long one with less to write.
func TestIssuerListStaticKeys(t *testing.T) {
	c := validShort()
	c.PublicKeyFile, c.KeyID = "/keys.pem", "k"
	if got := c.IssuerList()[0]; got.PublicKeyFile != "/keys.pem" || got.KeyID != "k" || !got.hasStaticKeys() {
		t.Errorf("file: %+v", got)
	}
	c = validShort()
	c.PublicKey = rsaPEM()
	if got := c.IssuerList()[0]; got.PublicKey != rsaPEM() || !got.hasStaticKeys() {
		t.Errorf("inline: %+v", got)
	}
	if validShort().IssuerList()[0].hasStaticKeys() {
		t.Error("an issuer without keys has static ones")
	}
}
