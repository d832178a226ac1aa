package fakemodel

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

var (
	// preposition begins what may be a place.
	preposition = regexp.MustCompile(`(?i)(?:^|\s)(?:in|for|at|near|of)\s+`)
	// What stands around a place and is not part of it.
	beforePlace = regexp.MustCompile(`(?i)^(?:the\s+)?(?:city|town)\s+of\s+`)
	afterPlace  = regexp.MustCompile(`(?i)[\s,]*(?:\b(?:right now|now|today|currently|please|at the moment|the moment)|[?!.,;:\s])+$`)
	namePattern = regexp.MustCompile(`(?i)\b(?:greet|hello to|hello|named|called|name is)\s+([^?!.,;:]+)`)
	quotes      = regexp.MustCompile(`"([^"]+)"|“([^”]+)”`)
)

// placeIn finds the place in a question such as "What is the weather like right
// now in Dubai?": what follows the last preposition, a capitalised one before any
// other. It is "" where there is none.
func placeIn(question string) string {
	place := ""
	starts := preposition.FindAllStringIndex(question, -1)
	for i, start := range starts {
		end := len(question)
		if i+1 < len(starts) {
			end = starts[i+1][0]
		}
		candidate := beforePlace.ReplaceAllString(question[start[1]:end], "")
		candidate = strings.TrimSpace(afterPlace.ReplaceAllString(candidate, ""))
		if candidate != "" && (capitalised(candidate) || !capitalised(place)) {
			place = candidate
		}
	}
	return place
}

// capitalised also holds for scripts without capitals.
func capitalised(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsLetter(r) && !unicode.IsLower(r)
}

func nameIn(question string) (any, bool) {
	if name, ok := quotedIn(question); ok {
		return name, true
	}
	m := namePattern.FindStringSubmatch(question)
	if m == nil {
		return nil, false
	}
	name := strings.TrimSpace(m[1])
	return name, name != ""
}

func quotedIn(question string) (any, bool) {
	m := quotes.FindStringSubmatch(question)
	if m == nil {
		return nil, false
	}
	return m[1] + m[2], true
}
