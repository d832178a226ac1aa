package places

import (
	"errors"
	"strings"
	"testing"
)

// What people and models write, and the one place that it means.
func TestFind(t *testing.T) {
	tests := []struct{ query, want string }{
		// As it stands.
		{"Bengaluru", "Bengaluru, Karnataka, India"},
		{"  bengaluru ", "Bengaluru, Karnataka, India"},
		{"BENGALURU", "Bengaluru, Karnataka, India"},
		{"Dubai", "Dubai, United Arab Emirates"},
		{"Singapore", "Singapore"},
		{"Monaco", "Monaco"},
		{"Luxembourg", "Luxembourg"},
		{"Hong Kong", "Hong Kong"},
		{"New Delhi", "New Delhi, National Capital Territory of Delhi, India"},
		{"Delhi", "Delhi, India"},
		{"Mexico City", "Mexico City, Mexico"},
		{"Ajman", "Ajman, United Arab Emirates"},
		{"The Hague", "The Hague, South Holland, Netherlands"},
		{"Nouakchott", "Nouakchott, Mauritania"},
		// Accents, punctuation, abbreviations.
		{"São Paulo", "São Paulo, Brazil"},
		{"Sao Paulo", "São Paulo, Brazil"},
		{"Sa\u0303o Paulo", "São Paulo, Brazil"},
		{"Malmo", "Malmo, Skåne County, Sweden"},
		{"Lodz", "Lodz, Poland"},
		{"Łódź", "Lodz, Poland"},
		{"Izmir", "Izmir, Turkey"},
		{"İzmir", "Izmir, Turkey"},
		{"Xian", "Xi'an, Shaanxi, China"},
		{"Xi’an", "Xi'an, Shaanxi, China"},
		{"N'Djamena", "N'Djamena, Chad"},
		{"port-au-prince", "Port-au-Prince, Ouest, Haiti"},
		{"Saint Petersburg, Florida", "St. Petersburg, Florida, United States"},
		{"Ft. Worth", "Fort Worth, Texas, United States"},
		{"Ｔｏｋｙｏ", "Tokyo, Japan"},
		// Other names.
		{"Bangalore", "Bengaluru, Karnataka, India"},
		{"Bombay", "Mumbai, Maharashtra, India"},
		{"Calcutta", "Kolkata, West Bengal, India"},
		{"Madras", "Chennai, Tamil Nadu, India"},
		{"Peking", "Beijing, China"},
		{"Xiamen", "Xiamen, Fujian, China"},
		{"Saigon", "Ho Chi Minh City, Vietnam"},
		{"Rangoon", "Yangon, Myanmar"},
		{"Constantinople", "Istanbul, Turkey"},
		{"Kiev", "Kyiv, Ukraine"},
		{"Astana", "Astana, Kazakhstan"},
		{"Mecca", "Mecca, Saudi Arabia"},
		{"Abu Dhabi", "Abu Dhabi, United Arab Emirates"},
		{"Frankfurt", "Frankfurt am Main, Hesse, Germany"},
		{"München", "Munich, Bavaria, Germany"},
		{"Muenchen", "Munich, Bavaria, Germany"},
		{"Köln", "Cologne, North Rhine-Westphalia, Germany"},
		{"NYC", "New York, United States"},
		{"New York City", "New York, United States"},
		{"L.A.", "Los Angeles, California, United States"},
		{"Cali", "Santiago de Cali, Valle del Cauca, Colombia"},
		{"東京", "Tokyo, Japan"},
		{"Москва", "Moscow, Russia"},
		{"القاهرة", "Cairo, Egypt"},
		// A region, a country, both; a name, a code; a comma or none.
		{"Springfield, Illinois", "Springfield, Illinois, United States"},
		{"Springfield, IL", "Springfield, Illinois, United States"},
		{"springfield il", "Springfield, Illinois, United States"},
		{"springfield illinois usa", "Springfield, Illinois, United States"},
		{"Springfield, IL, U.S.A.", "Springfield, Illinois, United States"},
		{"Springfield Illinois, USA", "Springfield, Illinois, United States"},
		{"Springfield, USA, Illinois", "Springfield, Illinois, United States"},
		{"London, Ontario", "London, Ontario, Canada"},
		{"London, ON, Canada", "London, Ontario, Canada"},
		{"London, UK", "London, England, United Kingdom"},
		{"London, England, Great Britain", "London, England, United Kingdom"},
		{"Paris, France", "Paris, Île-de-France, France"},
		{"paris texas", "Paris, Texas, United States"},
		{"Paris (Texas)", "Paris, Texas, United States"},
		{"Munich - Germany", "Munich, Bavaria, Germany"},
		{"Firenze, Toscana, Italia", "Florence, Tuscany, Italy"},
		{"Bengaluru, KA, IN", "Bengaluru, Karnataka, India"},
		{"Portland, ME", "Portland, Maine, United States"},
		{"Portland Oregon", "Portland, Oregon, United States"},
		{"Atlanta, Georgia", "Atlanta, Georgia, United States"},
		{"Tbilisi, Georgia", "Tbilisi, Georgia"},
		{"Washington DC", "Washington D.C., District of Columbia, United States"},
		{"Washington, D.C.", "Washington D.C., District of Columbia, United States"},
		{"New York, NY", "New York, United States"},
		{"Seoul, Korea", "Seoul, South Korea"},
		{"Abidjan, Côte d'Ivoire", "Abidjan, Ivory Coast"},
		{"Prague, Czechia", "Prague, Czech Republic"},
		{"Amsterdam, Holland", "Amsterdam, North Holland, Netherlands"},
		{"Yangon, Burma", "Yangon, Myanmar"},
		{"Dubai UAE", "Dubai, United Arab Emirates"},
		{"Mumbai (Bombay)", "Mumbai, Maharashtra, India"},
		// Codes that are a region's and a country's: what fits decides.
		{"Delhi, IN", "Delhi, India"},
		{"Columbus, IN", "Columbus, Indiana, United States"},
		{"Berlin, DE", "Berlin, Germany"},
		{"Tel Aviv, IL", "Tel Aviv, Israel"},
		{"Ontario, CA", "Ontario, California, United States"},
		// With and without words that say that it is a city.
		{"Quezon City", "Quezon City, National Capital Region, Philippines"},
		{"Panama City", "Panama City, Panama"},
		{"Sharjah", "Sharjah, United Arab Emirates"},
		{"Sharjah City, UAE", "Sharjah, United Arab Emirates"},
		{"Gifu", "Gifu City, Gifu, Japan"},
		{"Gifu, Japan", "Gifu City, Gifu, Japan"},
		{"Oklahoma", "Oklahoma City, Oklahoma, United States"},
		{"Suwon, South Korea", "Suwon-si, Gyeonggi-do, South Korea"},
		{"Bengaluru City", "Bengaluru, Karnataka, India"},
		{"City of London", "London, England, United Kingdom"},
		{"Vatican City", "Vatican City, Vatican"},
		{"Kuwait", "Kuwait City, Al Asimah, Kuwait"},
		// Spelled without a German or Nordic keyboard.
		{"Duesseldorf", "Düsseldorf, North Rhine-Westphalia, Germany"},
		{"Zuerich, Switzerland", "Zurich, Switzerland"},
		{"Tromsoe", "Tromsø, Troms og Finnmark, Norway"},
		// Two names, a river, a bracket, a comma in the name.
		{"Biel", "Biel/Bienne, Canton of Bern, Switzerland"},
		{"Bienne", "Biel/Bienne, Canton of Bern, Switzerland"},
		{"Frankfurt (Oder)", "Frankfurt (Oder), Brandenburg, Germany"},
		{"Newcastle, England", "Newcastle upon Tyne, England, United Kingdom"},
		{"Burgdorf, Hanover", "Burgdorf, Hanover, Lower Saxony, Germany"},
		{"Hawassa, Southern Nations, Nationalities, and People's Region", "Awasa, Southern Nations, Nationalities, and People's Region, Ethiopia"},
	}
	for _, tt := range tests {
		t.Run(tt.query, func(t *testing.T) {
			got, err := Load().Find(tt.query)
			if err != nil || got.String() != tt.want {
				t.Errorf("Find(%q) = %s, %v, want %s", tt.query, got, err, tt.want)
			}
		})
	}
}

func TestFindFills(t *testing.T) {
	tests := []struct {
		query string
		want  Place
	}{
		{"Bengaluru", Place{"Bengaluru", "Karnataka", "India", "IN", "Asia/Kolkata", 12.97194, 77.59369, 8443675}},
		{"Portland, Maine", Place{"Portland", "Maine", "United States", "US", "America/New_York", 43.65737, -70.2589, 66881}},
		{"Singapore", Place{"Singapore", "", "Singapore", "SG", "Asia/Singapore", 1.28967, 103.85007, 5638700}},
	}
	for _, tt := range tests {
		if got, err := Load().Find(tt.query); err != nil || got.Place != tt.want {
			t.Errorf("Find(%q) = %+v, %v, want %+v", tt.query, got.Place, err, tt.want)
		}
	}
}

// One place among namesakes is chosen only if it is clearly meant. The pairs are
// near the rule's borders, on either side.
func TestFindAmongNamesakes(t *testing.T) {
	tests := []struct{ query, want, others string }{
		{"London", "London, England, United Kingdom", "London, Ontario, Canada"},
		{"St. Petersburg", "Saint Petersburg, Russia", "St. Petersburg, Florida, United States"},
		{"Hyderabad", "Hyderabad, Telangana, India", "Hyderābād, Sindh Province, Pakistan"},
		{"Birmingham", "Birmingham, England, United Kingdom", "Birmingham, Alabama, United States; Birmingham, Michigan, United States"},
		{"Portland", "Portland, Oregon, United States", "Portland, Maine, United States; Portland, Texas, United States"},
		{"Geneva", "Geneva, Switzerland", "Geneva, Illinois, United States"},
		{"Macau", "Macau", "Macau, Rio Grande do Norte, Brazil"},
		{"San José, Costa Rica", "San José, Costa Rica", "San José, Alajuela, Costa Rica"},
		// Three times as populous as the next is enough for a large city …
		{"Barcelona", "Barcelona, Catalonia, Spain", "Barcelona, Anzoátegui, Venezuela"},
		{"Suzhou", "could be Suzhou, Jiangsu, China; Suzhou, Anhui, China", ""},
		// … but not for a smaller one, which must be five times as populous.
		{"Durham", "Durham, North Carolina, United States", "Durham, England, United Kingdom"},
		{"Halifax", "could be Halifax, Nova Scotia, Canada; Halifax, England, United Kingdom", ""},
		// A small one is never clearly meant.
		{"Florence, US", "could be Florence, Alabama, United States; Florence, South Carolina, United States; Florence, Kentucky, United States; Florence, Arizona, United States", ""},
		// An accent is written on purpose; without it San Jose is California's.
		{"San Jose", "San Jose, California, United States", "San José, Costa Rica; San Jose, Mimaropa, Philippines; San Jose, Bicol, Philippines; San José, Alajuela, Costa Rica"},
		{"San José", "could be San Jose, California, United States; San José, Costa Rica; San Jose, Mimaropa, Philippines; San Jose, Bicol, Philippines; San José, Alajuela, Costa Rica", ""},
		{"Valencia", "could be Valencia, Carabobo, Venezuela; Valencia, Spain; Valencia, California, United States", ""},
		{"Valencia, Spain", "Valencia, Spain", ""},
		// A code with two readings that both fit decides nothing, however large one is.
		{"Windsor", "Windsor, Ontario, Canada", "Windsor, England, United Kingdom; Windsor, Connecticut, United States; Windsor, California, United States; Windsor, Colorado, United States"},
		{"Windsor, CA", "could be Windsor, Ontario, Canada; Windsor, California, United States", ""},
		{"Windsor, Canada", "Windsor, Ontario, Canada", ""},
		// Two places with one full name cannot be told apart by it: the larger it is.
		{"Udaipur, Rajasthan", "Udaipur, Rajasthan, India", "Udaipur, Rajasthan, India"},
	}
	for _, tt := range tests {
		t.Run(tt.query, func(t *testing.T) {
			got, err := Load().Find(tt.query)
			if ambiguous := (*AmbiguousError)(nil); errors.As(err, &ambiguous) {
				if text, _ := strings.CutPrefix(err.Error(), `"`+tt.query+`" `); text != tt.want {
					t.Errorf("Find(%q): %v, want … %s", tt.query, err, tt.want)
				}
				return
			}
			if err != nil || got.String() != tt.want || list(got.Others) != tt.others {
				t.Errorf("Find(%q) = %s (others %s), %v, want %s (others %s)", tt.query, got, list(got.Others), err, tt.want, tt.others)
			}
		})
	}
}

// The whole text of each refusal: it is what a person or a model reads.
func TestFindRefuses(t *testing.T) {
	long := strings.Repeat("a", maxQueryBytes+1)
	tests := []struct{ query, want string }{
		{"Springfield", `"Springfield" could be Springfield, Missouri, United States; Springfield, Massachusetts, United States; Springfield, Illinois, United States; Springfield, Oregon, United States; Springfield, Ohio, United States and 3 more`},
		{"Springfield, US", `"Springfield, US" could be Springfield, Missouri, United States; Springfield, Massachusetts, United States; Springfield, Illinois, United States; Springfield, Oregon, United States; Springfield, Ohio, United States and 3 more`},
		{"Kansas City", `"Kansas City" could be Kansas City, Missouri, United States; Kansas City, Kansas, United States`},
		{"Newcastle", `"Newcastle" could be Newcastle, KwaZulu-Natal, South Africa; Newcastle, New South Wales, Australia; Newcastle upon Tyne, England, United Kingdom`},

		{"China", `"China" names a whole country or region (China); name a city there, such as Shanghai, China; Beijing, China; Shenzhen, Guangdong, China; Guangzhou, Guangdong, China; Chengdu, Sichuan, China`},
		{"India", `"India" names a whole country or region (India); name a city there, such as Mumbai, Maharashtra, India; Delhi, India; Bengaluru, Karnataka, India; Hyderabad, Telangana, India; Ahmedabad, Gujarat, India`},
		{"Bavaria, Germany", `"Bavaria, Germany" names a whole country or region (Bavaria, Germany); name a city there, such as Munich, Bavaria, Germany; Nuremberg, Bavaria, Germany; Augsburg, Bavaria, Germany; Würzburg, Bavaria, Germany; Regensburg, Bavaria, Germany`},
		{"Georgia", `"Georgia" names a whole country or region (Georgia; Georgia, United States); name a city there, such as Tbilisi, Georgia; Atlanta, Georgia, United States; Columbus, Georgia, United States; Kutaisi, Imereti, Georgia; Savannah, Georgia, United States`},
		{"Mexico", `"Mexico" names a whole country or region (Mexico); name a city there, such as Mexico City, Mexico; Iztapalapa, Mexico; Ecatepec de Morelos, Mexico; Guadalajara, Jalisco, Mexico; Puebla City, Puebla, Mexico; or one elsewhere that has the name: Mexico, Central Luzon, Philippines`},
		{"Kansas", `"Kansas" names a whole country or region (Kansas, United States); name a city there, such as Wichita, Kansas, United States; Overland Park, Kansas, United States; Kansas City, Kansas, United States; Olathe, Kansas, United States; Topeka, Kansas, United States`},
		// A city by that name exists, but hardly anyone means it.
		{"Ontario", `"Ontario" names a whole country or region (Ontario, Canada); name a city there, such as Toronto, Ontario, Canada; Ottawa, Ontario, Canada; Mississauga, Ontario, Canada; Brampton, Ontario, Canada; Hamilton, Ontario, Canada; or one elsewhere that has the name: Ontario, California, United States`},
		{"Lebanon", `"Lebanon" names a whole country or region (Lebanon); name a city there, such as Beirut, Beyrouth, Lebanon; Tripoli, Liban-Nord, Lebanon; Sidon, South Governorate, Lebanon; Tyre, South Governorate, Lebanon; Nabatîyé et Tahta, Nabatîyé, Lebanon; or one elsewhere that has the name: Lebanon, Tennessee, United States; Lebanon, Pennsylvania, United States; Lebanon, Ohio, United States; Lebanon, Oregon, United States; Lebanon, Indiana, United States`},

		{"Bengalor", `"Bengalor" is no known city of 15,000 people or more; similar: Bengaluru, Karnataka, India`},
		{"Sprngfield, Illinois", `"Sprngfield, Illinois" is no known city of 15,000 people or more; similar: Springfield, Illinois, United States`},
		{"sprngfield illinois", `"sprngfield illinois" is no known city of 15,000 people or more; similar: Springfield, Illinois, United States`},
		{"Bengaluru, Karnatka, India", `"Bengaluru, Karnatka, India" is no known city of 15,000 people or more; similar: Bengaluru, Karnataka, India`},
		{"Paris, Germany", `"Paris, Germany" is no known city of 15,000 people or more; similar: Paris, Île-de-France, France; Paris, Texas, United States`},
		{"Paris Germany", `"Paris Germany" is no known city of 15,000 people or more; similar: Paris, Île-de-France, France; Paris, Texas, United States`},
		{"Germany, Munich", `"Germany, Munich" is no known city of 15,000 people or more; similar: Munich, Bavaria, Germany`},
		{"Tokyo Metropolis", `"Tokyo Metropolis" is no known city of 15,000 people or more; similar: Tokyo, Japan`},
		{"Qwertyuiop", `"Qwertyuiop" is no known city of 15,000 people or more`},
		{"x", `"x" is no known city of 15,000 people or more`},
		{"", `"" is no known city of 15,000 people or more`},
		{" ,; ", `" ,; " is no known city of 15,000 people or more`},
		{"🙂", `"🙂" is no known city of 15,000 people or more`},

		// Refused unread. "Paris" and its like are found: the fault is what follows.
		{"Paris\n", `"Paris\n" is no known city of 15,000 people or more`},
		{"Paris\x00", `"Paris\x00" is no known city of 15,000 people or more`},
		{"Paris\x1b[2J", `"Paris\x1b[2J" is no known city of 15,000 people or more`},
		{"Paris\xff", `"Paris\xff" is no known city of 15,000 people or more`},
		{long, `"` + long[:maxEchoRunes] + `…" is no known city of 15,000 people or more`},
		{strings.Repeat(" ", maxQueryBytes-4) + "Paris", `"` + strings.Repeat(" ", maxEchoRunes) + `…" is no known city of 15,000 people or more`},
	}
	for _, tt := range tests {
		t.Run(tt.query, func(t *testing.T) {
			got, err := Load().Find(tt.query)
			if err == nil || err.Error() != tt.want {
				t.Errorf("Find(%q) = %s, %v\nwant %s", tt.query, got, err, tt.want)
			}
		})
	}
	t.Run("the twin of the long one", func(t *testing.T) {
		got, err := Load().Find(strings.Repeat(" ", maxQueryBytes-5) + "Paris")
		if want := "Paris, Île-de-France, France"; err != nil || got.String() != want {
			t.Errorf("= %s, %v, want %s", got, err, want)
		}
	})
}

// What a caller branches on is in the errors' fields.
func TestFindErrorFields(t *testing.T) {
	_, err := Load().Find("Springfield")
	var ambiguous *AmbiguousError
	if !errors.As(err, &ambiguous) || ambiguous.Query != "Springfield" || len(ambiguous.Candidates) != 5 || ambiguous.More != 3 {
		t.Errorf("Springfield: %#v", err)
	}
	_, err = Load().Find("Kansas, USA")
	var area *AreaError
	if !errors.As(err, &area) || area.Query != "Kansas, USA" || list(area.Largest[:1]) != "Wichita, Kansas, United States" {
		t.Errorf("Kansas, USA: %#v", err)
	}
	if got := strings.Join(area.Zones, " "); got != "America/Chicago" {
		t.Errorf("zones of Kansas = %s", got)
	}
	_, err = Load().Find("Londn")
	var unknown *UnknownError
	if !errors.As(err, &unknown) || unknown.Query != "Londn" || list(unknown.Similar) != "London, England, United Kingdom; London, Ontario, Canada" {
		t.Errorf("Londn: %#v", err)
	}
}
