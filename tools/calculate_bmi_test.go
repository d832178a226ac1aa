package tools

import (
	"fmt"
	"math"
	"testing"
)

func TestCalculateBMI(t *testing.T) {
	tests := []struct {
		name      string
		arguments string
		want      string
	}{
		{"an adult", `{"weight_kg":70,"height_m":1.75}`, `{"bmi":22.86,"category":"normal weight"}`},
		{"whole numbers in another spelling", `{"weight_kg":7e1,"height_m":1.750}`, `{"bmi":22.86,"category":"normal weight"}`},
		{"white space and order", ` { "height_m" : 1.75 , "weight_kg" : 70 } `, `{"bmi":22.86,"category":"normal weight"}`},
		{"the lightest", `{"weight_kg":2,"height_m":0.4}`, `{"bmi":12.5,"category":"severe thinness"}`},
		{"the heaviest", `{"weight_kg":650,"height_m":2.8}`, `{"bmi":82.91,"category":"obesity class III"}`},
		{"the largest index", `{"weight_kg":650,"height_m":0.4}`, `{"bmi":4062.5,"category":"obesity class III"}`},
		// What is shown and what is classified are one number: 24.996 is shown as 25,
		// and "25, normal weight" would contradict the table.
		{"rounds up over a boundary", `{"weight_kg":24.996,"height_m":1}`, `{"bmi":25,"category":"overweight (pre-obesity)"}`},
		{"rounds down below a boundary", `{"weight_kg":24.994,"height_m":1}`, `{"bmi":24.99,"category":"normal weight"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			wantResult(t, CalculateBMI(), tt.arguments, tt.want)
		})
	}
}

// The cut-off points of WHO TRS 894, table 2.1, and TRS 854. At a height of one
// metre the index is the weight.
func TestCalculateBMIBoundaries(t *testing.T) {
	for _, b := range []struct {
		at           float64
		below, above string
	}{
		{16, "severe thinness", "moderate thinness"},
		{17, "moderate thinness", "mild thinness"},
		{18.5, "mild thinness", "normal weight"},
		{25, "normal weight", "overweight (pre-obesity)"},
		{30, "overweight (pre-obesity)", "obesity class I"},
		{35, "obesity class I", "obesity class II"},
		{40, "obesity class II", "obesity class III"},
	} {
		for _, tt := range []struct {
			weight, bmi float64
			category    string
		}{
			{b.at - 0.01, b.at - 0.01, b.below},
			{b.at - 0.006, b.at - 0.01, b.below},
			{b.at - 0.004, b.at, b.above},
			{b.at, b.at, b.above},
			{b.at + 0.004, b.at, b.above},
			{b.at + 0.01, b.at + 0.01, b.above},
		} {
			t.Run(fmt.Sprintf("%.3f", tt.weight), func(t *testing.T) {
				arguments := fmt.Sprintf(`{"weight_kg":%.3f,"height_m":1}`, tt.weight)
				want := fmt.Sprintf(`{"bmi":%.2f,"category":%q}`, tt.bmi, tt.category)
				wantResult(t, CalculateBMI(), arguments, want)
			})
		}
	}
}

// The twins of these calls stand in TestCalculateBMI.
func TestCalculateBMIRefuses(t *testing.T) {
	const (
		weight  = "weight_kg must be between 2 and 650 kilograms"
		height  = "height_m must be between 0.4 and 2.8 metres (not centimetres)"
		schema  = "invalid arguments: validating root: "
		invalid = "invalid arguments: not one valid JSON value"
	)
	tests := []struct {
		name      string
		arguments string
		want      string
	}{
		{"weight zero", `{"weight_kg":0,"height_m":1.75}`, weight},
		{"weight minus zero", `{"weight_kg":-0.0,"height_m":1.75}`, weight},
		{"weight negative", `{"weight_kg":-70,"height_m":1.75}`, weight},
		{"weight just too small", `{"weight_kg":1.99,"height_m":1.75}`, weight},
		{"weight just too large", `{"weight_kg":650.01,"height_m":1.75}`, weight},
		{"900 kg", `{"weight_kg":900,"height_m":1.75}`, weight},
		{"weight in grams", `{"weight_kg":70000,"height_m":1.75}`, weight},
		{"height zero", `{"weight_kg":70,"height_m":0}`, height},
		{"height negative", `{"weight_kg":70,"height_m":-1.75}`, height},
		{"height just too small", `{"weight_kg":70,"height_m":0.39}`, height},
		{"height just too large", `{"weight_kg":70,"height_m":2.81}`, height},
		{"height in centimetres", `{"weight_kg":70,"height_m":175}`, height},
		{"both wrong: the first is named", `{"weight_kg":0,"height_m":175}`, weight},
		{"weight as text", `{"weight_kg":"70","height_m":1.75}`, schema + `validating /properties/weight_kg: type: 70 has type "string", want "number"`},
		{"height as text", `{"weight_kg":70,"height_m":"1.75"}`, schema + `validating /properties/height_m: type: 1.75 has type "string", want "number"`},
		{"weight true", `{"weight_kg":true,"height_m":1.75}`, schema + `validating /properties/weight_kg: type: true has type "boolean", want "number"`},
		{"weight an array", `{"weight_kg":[70],"height_m":1.75}`, schema + `validating /properties/weight_kg: type: [70] has type "array", want "number"`},
		{"weight null", `{"weight_kg":null,"height_m":1.75}`, schema + `validating /properties/weight_kg: type: null has type "null", want "number"`},
		{"height missing", `{"weight_kg":70}`, schema + `required: missing properties: ["height_m"]`},
		{"weight missing", `{"height_m":1.75}`, schema + `required: missing properties: ["weight_kg"]`},
		{"nothing", `{}`, schema + `required: missing properties: ["weight_kg" "height_m"]`},
		{"arguments null", `null`, schema + `required: missing properties: ["weight_kg" "height_m"]`},
		{"no arguments", ``, schema + `required: missing properties: ["weight_kg" "height_m"]`},
		{"an unknown member", `{"weight_kg":70,"height_m":1.75,"age":40}`, schema + `unexpected additional properties ["age"]`},
		// encoding/json would read it as a second weight_kg.
		{"a member in another case", `{"weight_kg":70,"height_m":1.75,"WEIGHT_KG":7}`, schema + `unexpected additional properties ["WEIGHT_KG"]`},
		{"an array", `[70,1.75]`, schema + `type: [70 1.75] has type "array", want "object"`},
		{"a string", `"70"`, schema + `type: 70 has type "string", want "object"`},
		{"weight beyond all numbers", `{"weight_kg":1e400,"height_m":1.75}`, "invalid arguments: a number is too large"},
		{"height beyond all numbers", `{"weight_kg":70,"height_m":-1e400}`, "invalid arguments: a number is too large"},
		{"a large number", `{"weight_kg":1e300,"height_m":1.75}`, weight},
		{"a duplicate member", `{"weight_kg":70,"weight_kg":71,"height_m":1.75}`, invalid},
		{"a duplicate member, escaped", `{"weight_kg":70,"\u0077eight_kg":71,"height_m":1.75}`, invalid},
		{"NaN", `{"weight_kg":NaN,"height_m":1.75}`, invalid},
		{"a leading zero", `{"weight_kg":070,"height_m":1.75}`, invalid},
		{"something after it", `{"weight_kg":70,"height_m":1.75} {}`, invalid},
		{"half of it", `{"weight_kg":70,`, invalid},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			wantShownError(t, CalculateBMI(), tt.arguments, tt.want)
		})
	}
}

// JSON has no NaN and no infinity: only a caller within the program could pass
// one. The comparisons hold all the same.
func TestCalculateBMIRefusesNoNumber(t *testing.T) {
	const (
		weight = "weight_kg must be between 2 and 650 kilograms"
		height = "height_m must be between 0.4 and 2.8 metres (not centimetres)"
	)
	tests := []struct {
		name string
		in   BMIInput
		want string
	}{
		{"weight NaN", BMIInput{WeightKg: math.NaN(), HeightM: 1.75}, weight},
		{"height NaN", BMIInput{WeightKg: 70, HeightM: math.NaN()}, height},
		{"weight infinite", BMIInput{WeightKg: math.Inf(1), HeightM: 1.75}, weight},
		{"weight minus infinite", BMIInput{WeightKg: math.Inf(-1), HeightM: 1.75}, weight},
		{"height infinite", BMIInput{WeightKg: 70, HeightM: math.Inf(1)}, height},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := calculateBMI(t.Context(), Caller{}, tt.in)
			if err == nil || err.Error() != tt.want {
				t.Errorf("error = %v, want %q", err, tt.want)
			}
			if got != (BMIOutput{}) {
				t.Errorf("output = %+v beside an error", got)
			}
		})
	}
	t.Run("the twin", func(t *testing.T) {
		got, err := calculateBMI(t.Context(), Caller{}, BMIInput{WeightKg: 70, HeightM: 1.75})
		if want := (BMIOutput{BMI: 22.86, Category: "normal weight"}); got != want || err != nil {
			t.Errorf("= %+v, %v, want %+v", got, err, want)
		}
	})
}
