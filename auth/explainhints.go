package auth

import (
	"fmt"
)

// hints tell what is accepted and may not be meant, or was accepted narrowly.
func (x *explaining) hints() []string {
	if x.issuer == nil {
		return nil
	}
	hints := x.unreadGrants()
	if joined := joinedScope(x.claims.scopes); joined != "" {
		hints = append(hints, oneScope(joined))
	}
	if expires := x.claims.expires; !expires.IsZero() && !x.failed[checkExpiry] && !x.now.Before(expires) {
		hints = append(hints, fmt.Sprintf("the token expired %s ago, and is accepted for clock_skew (%s) alone", span(x.now.Sub(expires)), span(x.v.skew)))
	}
	for _, name := range []string{"nbf", "iat"} {
		if from, ok := numericDate(x.claims.set.raw(name)); ok && !x.failed[checkNotBefore] && x.now.Before(from) {
			hints = append(hints, fmt.Sprintf("%s lies %s ahead, which clock_skew (%s) covers: the clocks differ (NTP)", name, span(from.Sub(x.now)), span(x.v.skew)))
		}
	}
	if !x.failed[checkAudiences] && x.issuer.AudienceClaim == audienceClaim && x.looksLikeIDToken() {
		hints = append(hints, "this looks like an ID token, whose aud is configured as an audience here: send access tokens, and configure the API's audience")
	}
	return hints
}
