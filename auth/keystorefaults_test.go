package auth

import "testing"

// Everything that can go wrong with an issuer's keys, what must happen then, and the
// tests that show it. Each reaches the store, or the client below it, through the fault
// itself.
var _ = []struct {
	fault, want string
	tests       []func(*testing.T)
}{
	{
		"the issuer is down at the start",
		"the store starts, is not ready, has no key to offer (503), and recovers by itself, with back-off",
		[]func(*testing.T){TestKeyStoreStartsWithTheIssuerDown},
	},
	{
		"5xx, 404, 429, another 2xx, HTML; a set that is truncated, empty or unusable as a whole; 10,000 keys; a body that breaks off",
		"the last good keys stay, and it is logged",
		[]func(*testing.T){TestKeyStoreFaultsKeepTheLastGoodKeys, TestParseKeySetDocuments},
	},
	{
		"a body of 200 MiB, announced or not",
		"half a MiB of it is read",
		[]func(*testing.T){TestKeyStoreFaultsKeepTheLastGoodKeys, TestHTTPClientEndlessBody},
	},
	{
		"any of these",
		"no connection is left over, and one that died costs no later fetch",
		[]func(*testing.T){TestHTTPClientLeavesNoConnection, TestHTTPClientDeadConnection},
	},
	{
		"it hangs, or sends one byte a second",
		"the fetch ends at its timeout, and nobody with a known key waits",
		[]func(*testing.T){TestKeyStoreHangEndsAtItsTimeout, TestKeyStoreOutageOfAnHour, TestKeyStoreWaitersAreBounded},
	},
	{
		"one odd key among good ones: EC, OKP, oct, unknown kty, use=enc, 1024 bits, e=3, no kid",
		"it is ignored, and the others work",
		[]func(*testing.T){TestKeyStoreIgnoresOddKeys, TestParseKeySetOddKeys, TestParseKeySetGoodKeys, TestParseKeySetECPoints},
	},
	{
		"two different keys under one kid",
		"neither is used, and there is an alarm",
		[]func(*testing.T){TestKeyStoreAmbiguousKeysAreAnAlarm, TestParseKeySetOneKeyID},
	},
	{
		"a redirect",
		"it is not followed",
		[]func(*testing.T){TestHTTPClientFollowsNoRedirect, TestKeyStoreFaultsKeepTheLastGoodKeys},
	},
	{
		"a key set by http, or on another origin than the issuer's; metadata of somebody else",
		"it is refused, unless the address was set by hand",
		[]func(*testing.T){TestKeyStoreWhereTheKeysAre, TestKeyStoreIssuerMismatch},
	},
	{
		"an http issuer outside this machine",
		"it takes insecure_http, which loosens nothing else",
		[]func(*testing.T){TestKeyFetchInsecureHTTP, TestKeyFetchInsecureHTTPIsAChoice, TestKeyFetchInsecureHTTPHoldsToTLS},
	},
	{
		"the metadata is gone, or the key set moves",
		"the last address is used, and read anew after an hour or a failure",
		[]func(*testing.T){TestKeyStoreOutlivesItsMetadata, TestKeyStoreRediscovers},
	},
	{
		"rotation",
		"no valid token is refused at any moment, and the old key stops within one refresh",
		[]func(*testing.T){TestKeyStoreRotation, TestKeyStoreRemovedKeyStops, TestKeyStoreRefreshInterval},
	},
	{
		"the first tokens of a new kid",
		"one fetch, shared, and then they are accepted",
		[]func(*testing.T){TestKeyStoreNewKeyIsOneSharedFetch, TestKeyStoreRequestIsShared, TestKeyStoreNewKeyAfterJunk, TestKeyStoreOlderFetchJudgesNobody, TestKeyStoreWaiterLeaves},
	},
	{
		"a flood of 10,000 unknown kids",
		"the bucket alone pays for fetches, memory stays flat, valid tokens do not notice",
		[]func(*testing.T){TestKeyStoreFlood, TestKeyStoreFloodLeavesMemoryFlat, TestKeyStoreRepeatedJunkCostsOneFetch, TestAbsentKeysAreBounded},
	},
	{
		"a kid that is unknown while the bucket is empty",
		"nobody can say yet that it is bad (503); one that a fetch has just shown to be absent is (401)",
		[]func(*testing.T){TestKeyStoreEmptyBucket, TestKeyStoreAbsenceExpires, TestKeyStoreFailedForcedFetch},
	},
	{
		"a restart while the issuer is down",
		"with auth.jwks.cache_dir nobody is refused, without it everybody is; max_stale holds over restarts",
		[]func(*testing.T){TestKeyCacheRestartDuringAnOutage, TestKeyCacheAgeCounts, TestKeyCacheIsReplacedAtOnce, TestKeyCacheShowsNoAbsence},
	},
	{
		"kept keys that are odd, or a disk that does not take them",
		"they are not used, and neither the start nor a refresh fails",
		[]func(*testing.T){TestKeyCacheOddFiles, TestKeyCacheDirThatCannotBeUsed, TestKeyCacheIsKeptFresh, TestKeyCacheFiles, TestKeyCacheHoldsNoStaticKeys},
	},
	{
		"an issuer behind a proxy or with a private authority",
		"auth.http says the way, and no password is told",
		[]func(*testing.T){
			TestHTTPClientProxy, TestHTTPClientLoopbackPastTheProxy, TestHTTPClientProxyFaults,
			TestHTTPClientPrivateAuthority, TestHTTPClientSystemAuthoritiesStay, TestHTTPClientBadAuthorities,
		},
	},
	{
		"an outage of an hour",
		"no valid token is refused",
		[]func(*testing.T){TestKeyStoreOutageOfAnHour},
	},
	{
		"an outage longer than max_stale",
		"nobody can say what is good (503), and nothing that a token says asks the issuer",
		[]func(*testing.T){TestKeyStoreMaxStale, TestKeyStoreShortMaxStaleRefreshesInTime},
	},
	{
		"the clock on the wall jumps",
		"nothing is measured by it",
		[]func(*testing.T){TestKeyStoreClockJumps},
	},
	{
		"one of several issuers hangs, is slow or is flooded",
		"the others do not notice",
		[]func(*testing.T){TestIssuersAreIsolated, TestIssuersHaveTheirOwnBuckets, TestHTTPClientIsSharedWithoutWaiting},
	},
	{
		"the program stops in the middle of any of it",
		"nobody is left waiting",
		[]func(*testing.T){TestKeyStoreRunEnds, TestKeyStoreRunWithAnEndedContext},
	},
}
