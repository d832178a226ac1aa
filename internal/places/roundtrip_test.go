package places

import "testing"

// Every place can be asked for by its full name. Of places with one full name the
// most populous is found, and the others are told.
func TestFullNameFindsPlace(t *testing.T) {
	table := Load()
	bearers := map[string][]Place{}
	for i := range table.rows {
		p := table.place(i)
		bearers[p.String()] = append(bearers[p.String()], p)
	}
	shared := 0
	for name, places := range bearers {
		got, err := table.Find(name)
		if err != nil || got.Place != places[0] {
			t.Errorf("Find(%q) = %+v, %v, want %+v", name, got.Place, err, places[0])
			continue
		}
		for _, p := range places[1:] {
			shared++
			if !contains(got.Others, p) {
				t.Errorf("Find(%q) does not tell of %+v", name, p)
			}
		}
		if len(name) > maxQueryBytes {
			t.Errorf("%q is too long for a query", name)
		}
	}
	// About fifty are truly indistinguishable, such as Udaipur and Udaipur in
	// Rajasthan. Many more would mean that String leaves out too much.
	if shared == 0 || shared > 60 {
		t.Errorf("%d places share their full name with a larger one", shared)
	}
}

func contains(places []Place, p Place) bool {
	for _, other := range places {
		if other == p {
			return true
		}
	}
	return false
}
