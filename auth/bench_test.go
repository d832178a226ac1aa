package auth

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// Every figure that matters here is one of comparison, so nothing is asserted of
// the time; that the refusals ask for no key is.

func BenchmarkVerify(b *testing.B) {
	v, _ := testVerifier(testNow, nil)
	raw := goodDraft().token()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := v.Verify(b.Context(), raw); err != nil {
			b.Fatal(err)
		}
	}
}

func benchmarkRefusal(b *testing.B, raw string, want Reason) {
	b.Helper()
	v, keys := testVerifier(testNow, nil)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := v.Verify(b.Context(), raw); !errors.Is(err, &Refusal{Reason: want}) {
			b.Fatalf("err = %v, want %s", err, want)
		}
	}
	if keys.asked > 0 {
		b.Errorf("a key was asked for %d times", keys.asked)
	}
}

func BenchmarkRefuse16KiBOneDot(b *testing.B) {
	half := strings.Repeat("A", maxTokenBytes/2-1)
	benchmarkRefusal(b, half+"."+half, ReasonMalformed)
}

func BenchmarkRefuse16KiBThreeJunkParts(b *testing.B) {
	third := strings.Repeat("Aa", maxTokenBytes/6-2)
	benchmarkRefusal(b, third+"."+third+"."+third, ReasonHeader)
}

func BenchmarkRefuse16KiBValidHeader(b *testing.B) {
	benchmarkRefusal(b, encode(goodHeader().String())+"."+strings.Repeat("A", 15<<10)+"."+"AAAA", ReasonClaim)
}

// The dearest that a stranger can ask for: thousands of members in well-formed
// claims.
func BenchmarkRefuse16KiBManyClaims(b *testing.B) {
	var claims strings.Builder
	for i := 0; claims.Len() < 12_000; i++ {
		claims.WriteString(`,"` + strings.Repeat("k", i%3) + encode(string(rune('a'+i/64%26))+string(rune('0'+i%64))) + strings.Repeat("x", i/1664) + `":0`)
	}
	raw := encode(goodHeader().String()) + "." + encode("{"+claims.String()[1:]+"}") + ".AAAA"
	v, _ := testVerifier(testNow, nil)
	_, err := v.Verify(b.Context(), raw)
	benchmarkRefusal(b, raw, reason(b, err))
}

// Names that are escaped are unescaped once, and not at each look at them.
func BenchmarkRefuse16KiBEscapedHeader(b *testing.B) {
	var header strings.Builder
	for i := 0; header.Len() < 11_500; i++ {
		fmt.Fprintf(&header, `"\u%04x":0,`, 0x4e00+i)
	}
	raw := encode("{"+header.String()+`"alg":"RS256"}`) + "." + encode("{}") + ".AAAA"
	benchmarkRefusal(b, raw, ReasonIssuer)
}

func BenchmarkRefuse1MiB(b *testing.B) {
	benchmarkRefusal(b, strings.Repeat("a.", 1<<19), ReasonMalformed)
}
