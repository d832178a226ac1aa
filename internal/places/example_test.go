package places_test

import (
	"errors"
	"fmt"

	"mcp-resource-server/internal/places"
)

func ExampleTable_Find() {
	table := places.Load()
	found, err := table.Find("London")
	fmt.Println(found, found.Zone, err)
	for _, other := range found.Others {
		fmt.Println("not", other)
	}
	// Output:
	// London, England, United Kingdom Europe/London <nil>
	// not London, Ontario, Canada
}

func ExampleAmbiguousError() {
	_, err := places.Load().Find("kansas city")
	fmt.Println(err)
	var ambiguous *places.AmbiguousError
	if errors.As(err, &ambiguous) {
		again, err := places.Load().Find(ambiguous.Candidates[1].String())
		fmt.Println(again, err)
	}
	// Output:
	// "kansas city" could be Kansas City, Missouri, United States; Kansas City, Kansas, United States
	// Kansas City, Kansas, United States <nil>
}

// The zone of a country with one zone is known without a city.
func ExampleAreaError() {
	_, err := places.Load().Find("India")
	var area *places.AreaError
	if errors.As(err, &area) {
		fmt.Println(area.Areas, area.Zones)
	}
	// Output:
	// [India] [Asia/Kolkata]
}
