package places

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// folded is a text in the form in which texts are compared: lower case words
// without accents, with one space between them.
type folded struct {
	text string
	// cuts are the offsets in text of the words before which a comma or another
	// separator stood.
	cuts []int
}

const (
	// apostrophes are dropped from within a word, as are the letters that
	// transcriptions use as such: "Xi'an", "Kazan’", "Raʼs al Khaymah".
	apostrophes = "'`´‘’‛′ʹʻʼʽʾʿꞌ՚＇"
	separators  = ",;()/|،؛、"
)

// fold brings a text, which must be valid UTF-8, into the form in which texts are
// compared.
func fold(s string) folded {
	var f folder
	// ´ decomposes into a space and an accent: it is dropped before.
	for _, r := range norm.NFKD.String(strings.ReplaceAll(s, "´", "")) {
		f.add(r)
	}
	f.endWord()
	return f.join()
}

// folder collects the words of a text.
type folder struct {
	word  strings.Builder
	words []word
	cut   bool // a separator was seen since the last word
}

type word struct {
	text string
	cut  bool // a separator stands before it
}

func (f *folder) add(r rune) {
	switch {
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z': // most are
		f.word.WriteRune(unicode.ToLower(r))
	case strings.ContainsRune(apostrophes, r), unicode.In(r, unicode.Mn, unicode.Cf):
	case strings.ContainsRune(separators, r):
		f.endWord()
		f.cut = true
	case r == '&':
		f.endWord()
		f.word.WriteString("and")
		f.endWord()
	case unicode.In(r, unicode.L, unicode.N, unicode.Mc):
		f.word.WriteString(plainLetter(unicode.ToLower(r)))
	default:
		f.endWord()
	}
}

func (f *folder) endWord() {
	if f.word.Len() == 0 {
		return
	}
	f.words = append(f.words, word{f.word.String(), f.cut})
	f.word.Reset()
	f.cut = false
}

// join puts the words together, and initials into one word: "D.C." is "dc".
func (f *folder) join() folded {
	var b strings.Builder
	var out folded
	for i := 0; i < len(f.words); {
		end := i + 1
		for end < len(f.words) && initial(f.words[i]) && initial(f.words[end]) && !f.words[end].cut {
			end++
		}
		if i > 0 {
			b.WriteByte(' ')
			if f.words[i].cut {
				out.cuts = append(out.cuts, b.Len())
			}
		}
		var text string
		for _, w := range f.words[i:end] {
			text += w.text
		}
		b.WriteString(unabbreviated(text))
		i = end
	}
	out.text = b.String()
	return out
}

// initial tells whether a word is one Latin letter.
func initial(w word) bool {
	return len(w.text) == 1 && w.text[0] >= 'a' && w.text[0] <= 'z'
}

// unabbreviated writes out the words that place names abbreviate.
func unabbreviated(text string) string {
	switch text {
	case "st":
		return "saint"
	case "ste":
		return "sainte"
	case "sta":
		return "santa"
	case "sto":
		return "santo"
	case "mt":
		return "mount"
	case "ft":
		return "fort"
	}
	return text
}

// plainLetter spells a lower case letter that has no decomposition (Unicode
// knows no accent in it) as people write it without one.
func plainLetter(r rune) string {
	switch r {
	case 'ß':
		return "ss"
	case 'ø':
		return "o"
	case 'ł':
		return "l"
	case 'æ':
		return "ae"
	case 'œ':
		return "oe"
	case 'đ', 'ð':
		return "d"
	case 'þ':
		return "th"
	case 'ı':
		return "i"
	case 'ħ':
		return "h"
	case 'ŋ':
		return "n"
	case 'ə', 'ǝ': // Azerbaijani; the table writes both
		return "a"
	case 'ς':
		return "σ"
	}
	return string(r)
}

// wordStarts are the offsets of all words of a folded text but the first.
func wordStarts(text string) []int {
	var starts []int
	for i := range len(text) {
		if text[i] == ' ' {
			starts = append(starts, i+1)
		}
	}
	return starts
}
