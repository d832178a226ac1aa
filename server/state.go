package server

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// The state of a request is what its handler has been told so far. From MCP 2026-07-28
// on the client carries it (MCP 2026-07-28, "Multi Round-Trip Requests"), between
// requests that may reach different replicas. It is sealed: the client can neither read
// nor change it, and it opens for the same caller and the same request alone, for an
// hour. It may be sent more than once in that time, as any request may.

const (
	// stateLifetime is how long a client, and the person at it, may take to answer.
	stateLifetime = time.Hour
	// maxStateBytes bounds a state as it is sent.
	maxStateBytes = 64 << 10
	// minStateKeyBytes bounds a secret from below: it is to be worth AES-256's key.
	minStateKeyBytes = 32
	// stateKeyInfo sets the keys apart from whatever else a secret is used for (RFC
	// 5869 §3.2).
	stateKeyInfo = "mcp-resource-server request state 1"
)

// remembered is what a state holds, by name.
type remembered struct {
	Answers map[string]heldAnswer      `json:"answers,omitempty"`
	Open    map[string]string          `json:"open,omitempty"` // digests of the questions that the client is asked now
	Once    map[string]json.RawMessage `json:"once,omitempty"`
}

// heldAnswer is an answer as JSON, for the handler may write to what it is given.
type heldAnswer struct {
	Asked  string          `json:"asked"` // the digest of the question
	Answer json.RawMessage `json:"answer"`
}

// read returns the answer, anew each time, and false where it is none to the question.
func (h heldAnswer) read(question mcp.InputRequest) (mcp.InputResponse, bool) {
	data, err := json.Marshal(map[string]json.RawMessage{"": h.Answer})
	if err != nil {
		return nil, false
	}
	var decoded mcp.InputResponseMap // which knows the answers by what is in them
	if err := json.Unmarshal(data, &decoded); err != nil {
		return nil, false
	}
	return fitting(question, decoded[""])
}

// digestOf tells a question apart from whatever else can be asked under its name. The
// error is a fault of the handler.
func digestOf(question mcp.InputRequest) (string, error) {
	data, err := json.Marshal(mcp.InputRequestMap{"": question})
	if err != nil {
		return "", fmt.Errorf("marshalling: %w", err)
	}
	value := jsontext.Value(data) // a schema may be written in any order
	if err := value.Canonicalize(jsontext.CanonicalizeRawInts(false), jsontext.CanonicalizeRawFloats(false)); err != nil {
		return "", fmt.Errorf("marshalling: %w", err)
	}
	sum := sha256.Sum256(value)
	return base64.RawURLEncoding.EncodeToString(sum[:]), nil
}

// sealedState is what stands under the seal.
type sealedState struct {
	Expires int64 `json:"expires"`
	remembered
}

// sealer seals states and opens them. The first key seals, each opens.
type sealer struct{ keys []cipher.AEAD }

// stateKeys are the secrets in mcp.state_key. The error is for an operator.
func stateKeys(text string) ([][]byte, error) {
	var keys [][]byte
	for _, secret := range strings.Fields(text) {
		if len(secret) < minStateKeyBytes {
			return nil, fmt.Errorf("must be a secret of at least %d bytes, or several with space between", minStateKeyBytes)
		}
		keys = append(keys, []byte(secret))
	}
	return keys, nil
}

// newSealer makes the sealer that mcp.state_key asks for.
func newSealer(text string) (*sealer, error) {
	secrets, err := stateKeys(text)
	if err != nil {
		return nil, fmt.Errorf("mcp.state_key: %w", err)
	}
	if secrets == nil {
		secrets = [][]byte{[]byte(rand.Text() + rand.Text())} // dies with the process
	}
	s := &sealer{}
	for _, secret := range secrets {
		key, err := hkdf.Key(sha256.New, secret, nil, stateKeyInfo, 32)
		if err != nil {
			return nil, fmt.Errorf("deriving a key: %w", err)
		}
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, fmt.Errorf("deriving a key: %w", err)
		}
		aead, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			return nil, fmt.Errorf("deriving a key: %w", err)
		}
		s.keys = append(s.keys, aead)
	}
	return s, nil
}

// errStateTooLarge is for the caller.
var errStateTooLarge = newClientError("the answers so far are more than a client can carry")

// seal seals r for the request that about tells apart.
func (s *sealer) seal(about []byte, r remembered) (string, error) {
	data, err := json.Marshal(sealedState{Expires: time.Now().Add(stateLifetime).Unix(), remembered: r})
	if err != nil {
		return "", fmt.Errorf("marshalling the state: %w", err)
	}
	sealed := s.keys[0].Seal(nil, nil, data, about) //nolint:gosec // this AEAD draws the nonce itself, and wants none
	state := base64.RawURLEncoding.EncodeToString(sealed)
	if len(state) > maxStateBytes {
		return "", errStateTooLarge
	}
	return state, nil
}

// errNotOpened is all that is told of a state that does not open. Why it does not is
// nobody's to learn.
var errNotOpened = errors.New("the state does not open")

// open returns what a state holds.
func (s *sealer) open(about []byte, state string) (remembered, error) {
	// The decoder skips line breaks; a state is taken in the one form that was given out.
	if len(state) > maxStateBytes || strings.ContainsAny(state, "\r\n") {
		return remembered{}, errNotOpened
	}
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(state)
	if err != nil {
		return remembered{}, errNotOpened
	}
	for _, key := range s.keys {
		data, err := key.Open(nil, nil, sealed, about)
		if err != nil {
			continue
		}
		var opened sealedState
		if json.Unmarshal(data, &opened) != nil || time.Now().Unix() >= opened.Expires {
			return remembered{}, errNotOpened
		}
		return opened.remembered, nil
	}
	return remembered{}, errNotOpened
}

// canonicalArguments are the arguments of a tool or of a prompt in the one form that a
// state is bound to, nil where there are none: a client may write them another way when
// it makes the request again. The form is that of RFC 8785, but for numbers, which stay
// as they are written: those that are one as float64 are not one to a tool that reads
// int64.
func canonicalArguments(arguments any) []byte {
	data, err := json.Marshal(arguments)
	if err != nil {
		return fmt.Append(nil, arguments) // no JSON: no tool takes it
	}
	value := jsontext.Value(data)
	// What has no such form, such as a name twice, no tool takes either.
	_ = value.Canonicalize(jsontext.CanonicalizeRawInts(false), jsontext.CanonicalizeRawFloats(false))
	if text := string(value); text == "null" || text == "{}" {
		return nil
	}
	return value
}

// about is what a state is bound to: who asked for what, with which arguments, which are
// canonical.
func (c call) about(arguments []byte) []byte {
	digest := sha256.Sum256(arguments)
	t := c.operation.Target
	about, err := json.Marshal([]string{
		c.principal.Identity(), c.operation.Method, string(t.Kind), t.Name, base64.RawURLEncoding.EncodeToString(digest[:]),
	})
	if err != nil { // strings always marshal
		panic(err)
	}
	return about
}
