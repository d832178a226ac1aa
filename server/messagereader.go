package server

import (
	"bytes"
	"errors"
	"io"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// messageReader walks over a body once. The decoder refuses duplicate members
// (after unescaping, at any depth), invalid UTF-8 and lone surrogates.
type messageReader struct {
	body   []byte
	dec    *jsontext.Decoder
	msg    message
	kind   map[string]jsontext.Kind // of the members of the message itself
	failed map[string]bool          // the members of error that are of their type
	v2     bool
	texts  map[string]string // the members of params that are text
	ref    map[string]string // the members of params.ref that are text
	unfit  *rpcFault         // the first fault that did not end the reading
}

// parseMessage reads one JSON-RPC request or notification. On a fault in what is
// a message otherwise, the message has its id; of what is none, nothing is kept.
func parseMessage(body []byte) (message, *rpcFault) {
	r := &messageReader{
		body: body, dec: jsontext.NewDecoder(bytes.NewBuffer(body)),
		kind: map[string]jsontext.Kind{}, failed: map[string]bool{}, texts: map[string]string{}, ref: map[string]string{},
	}
	switch r.dec.PeekKind() {
	case '{':
	case jsontext.KindInvalid:
		return message{}, faultParse
	default:
		return message{}, faultNotObject
	}
	if fault := r.object(messageShape); fault != nil {
		return message{}, fault
	}
	if _, err := r.dec.ReadToken(); !errors.Is(err, io.EOF) {
		return message{}, faultParse
	}
	fault := r.judge()
	if r.unfit != nil {
		return message{id: r.msg.id}, r.unfit
	}
	return r.msg, fault
}

// object reads one object whose members matter.
func (r *messageReader) object(s *shape) *rpcFault {
	if _, err := r.dec.ReadToken(); err != nil {
		return faultParse
	}
	for r.dec.PeekKind() != '}' {
		name, err := r.dec.ReadToken()
		if err != nil || name.Kind() != '"' {
			return faultParse
		}
		if fault := r.member(s, name.String()); fault != nil {
			return fault
		}
	}
	if _, err := r.dec.ReadToken(); err != nil {
		return faultParse
	}
	return nil
}

// member reads the value of one member of an object.
func (r *messageReader) member(s *shape, name string) *rpcFault {
	inner, exact := s.inside(name)
	if !exact {
		r.note(faultCase)
	}
	kind := r.dec.PeekKind()
	if s.level == levelMessage {
		r.kind[name] = kind
	}
	begin := r.dec.InputOffset()
	if fault := r.value(s, inner, name, kind); fault != nil {
		return fault
	}
	r.keep(s, inner, name, bytes.TrimLeft(r.body[begin:r.dec.InputOffset()], ": \t\r\n")) // from behind the colon
	return nil
}

// value reads the value of a member of s.
func (r *messageReader) value(s, inner *shape, name string, kind jsontext.Kind) *rpcFault {
	switch {
	case kind == '{' && inner != nil:
		return r.object(inner)
	case kind == '{' || kind == '[':
		return r.skip()
	}
	value, err := r.dec.ReadValue()
	if err != nil {
		return faultParse
	}
	return r.scalar(s.level, name, value)
}

// keep keeps a value that is needed as it was written.
func (r *messageReader) keep(s, inner *shape, name string, written jsontext.Value) {
	switch {
	case inner == paramsShape && written.Kind() == '{':
		r.msg.params = written
	case s.level == levelMeta:
		r.msg.meta.note(name, written)
	}
}

// scalar notes a member whose value is no object and no array.
func (r *messageReader) scalar(at level, name string, value jsontext.Value) *rpcFault {
	if tooLarge(value.Kind(), string(value)) {
		r.note(faultNumber)
	}
	text := func() string {
		unquoted, err := jsontext.AppendUnquote(nil, value)
		if value.Kind() != '"' || err != nil {
			return ""
		}
		return string(unquoted)
	}
	switch at {
	case levelMessage:
		switch name {
		case "id":
			r.msg.id = value.Clone()
		case "jsonrpc":
			r.v2 = text() == "2.0"
		case "method":
			r.msg.method = text()
		}
	case levelParams:
		if value.Kind() == '"' && (name == "name" || name == "uri" || name == "protocolVersion") {
			r.texts[name] = text()
		}
	case levelRef:
		if value.Kind() == '"' {
			r.ref[name] = text()
		}
	case levelError:
		r.failed[name] = name == "message" && value.Kind() == '"' || name == "code" && wholeNumber(value)
	}
	return nil
}

// note keeps the first fault of what can be read to its end all the same: the id of the
// request may come behind it.
func (r *messageReader) note(fault *rpcFault) {
	if r.unfit == nil {
		r.unfit = fault
	}
}

// tooLarge reports a number that no float64 holds: readers differ on what it is.
func tooLarge(kind jsontext.Kind, written string) bool {
	if kind != '0' {
		return false
	}
	_, err := strconv.ParseFloat(written, 64)
	return err != nil
}

// skip passes over an object or array whose content is not ours to read.
func (r *messageReader) skip() *rpcFault {
	outer := r.dec.StackDepth()
	for {
		token, err := r.dec.ReadToken()
		if err != nil {
			return faultParse
		}
		if tooLarge(token.Kind(), token.String()) {
			r.note(faultNumber)
		}
		if r.dec.StackDepth() > maxMessageDepth {
			return faultTooDeep
		}
		if r.dec.StackDepth() == outer {
			return nil
		}
	}
}
