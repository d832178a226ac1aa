package tools

import "errors"

// Told divides an error of a prompt or resource: text is for the caller, "" where
// nothing of it is; cause is for the log, nil where there is nothing to log.
func Told(err error) (text string, cause error) {
	if shown, ok := errors.AsType[*userError](err); ok {
		return shown.text, shown.cause
	}
	return "", err
}

// recovered turns a panic into an error. What is called here runs on a goroutine of
// the SDK, where nobody else recovers: a panic would end the process and every other
// call in it.
func recovered(err *error) {
	if r := recover(); r != nil {
		*err = newPanicError(r)
	}
}
