package places

import "testing"

func BenchmarkFind(b *testing.B) {
	table := Load()
	for _, bb := range []struct{ name, query string }{
		{"Hit", "Bengaluru, Karnataka, India"},
		{"Ambiguous", "Springfield"},
		{"Area", "India"},
		{"Unknown", "Bengaloru"},
		{"UnknownPrefix", "San F"},
		{"UnknownLong", "paris paris paris paris paris paris paris paris paris paris paris paris paris paris x"},
	} {
		b.Run(bb.name, func(b *testing.B) {
			for b.Loop() {
				if got, err := table.Find(bb.query); err == nil && got.Name == "" {
					b.Fatal("no name")
				}
			}
		})
	}
}

func BenchmarkBuild(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := build(embedded); err != nil {
			b.Fatal(err)
		}
	}
}
