package devauth

import (
	"strconv"
	"testing"
)

func TestPreviousKeysAreBounded(t *testing.T) {
	key := func(n int) *signingKey { return &signingKey{public: jwk{KeyID: strconv.Itoa(n)}} }
	set := &keySet{current: key(0), next: key(1)}
	const rotations = maxPrevious + 5
	for n := range rotations {
		set = set.rotated(key(n + 2))
	}
	if set.current.public.KeyID != strconv.Itoa(rotations) || set.next.public.KeyID != strconv.Itoa(rotations+1) {
		t.Errorf("current = %s, next = %s", set.current.public.KeyID, set.next.public.KeyID)
	}
	if len(set.previous) != maxPrevious {
		t.Fatalf("%d previous keys, want %d", len(set.previous), maxPrevious)
	}
	for i, previous := range set.previous {
		if want := strconv.Itoa(rotations - 1 - i); previous.public.KeyID != want {
			t.Errorf("previous[%d] = %s, want %s: the oldest must go", i, previous.public.KeyID, want)
		}
	}
}

// A reader may still hold the set that a rotation started from.
func TestRotatedLeavesItsSetAlone(t *testing.T) {
	key := func(id string) *signingKey { return &signingKey{public: jwk{KeyID: id}} }
	before := &keySet{current: key("b"), next: key("c"), previous: append(make([]*signingKey, 0, 8), key("a"))}
	one := before.rotated(key("d"))
	two := before.rotated(key("e"))
	if one.next.public.KeyID != "d" || two.next.public.KeyID != "e" || before.next.public.KeyID != "c" ||
		len(before.previous) != 1 || before.previous[0].public.KeyID != "a" {
		t.Errorf("before = %+v, one = %+v, two = %+v", before, one, two)
	}
}
