package tools

import (
	"context"
	"math"
)

// BMIInput is what calculate_bmi takes.
type BMIInput struct {
	WeightKg float64 `json:"weight_kg" jsonschema:"body weight in kilograms, between 2 and 650"`
	HeightM  float64 `json:"height_m" jsonschema:"body height in metres, between 0.4 and 2.8"`
}

// BMIOutput is what calculate_bmi gives.
type BMIOutput struct {
	BMI      float64 `json:"bmi" jsonschema:"body mass index in kg/m², rounded to two decimals"`
	Category string  `json:"category" jsonschema:"the WHO category of an adult with this index"`
}

// CalculateBMI returns the tool calculate_bmi.
func CalculateBMI() Tool {
	return Define("calculate_bmi", Options{
		Title: "Body mass index",
		Description: "Calculates the body mass index (BMI) of an adult from weight in kilograms and height in metres, " +
			"and names the WHO category. The categories do not apply to children.",
		Annotations: Annotations{ReadOnly: true, Closed: true},
		Icons:       ownIcon("calculate_bmi"),
	}, calculateBMI)
}

// The bounds are a little beyond the lightest, heaviest, shortest and tallest
// people on record: outside them stand mistaken units.
const (
	minWeightKg, maxWeightKg = 2, 650
	minHeightM, maxHeightM   = 0.4, 2.8
)

func calculateBMI(_ context.Context, _ Caller, in BMIInput) (BMIOutput, error) {
	// The comparisons are written so that NaN fails them.
	if !(in.WeightKg >= minWeightKg && in.WeightKg <= maxWeightKg) {
		return BMIOutput{}, Errorf("weight_kg must be between %v and %v kilograms", minWeightKg, maxWeightKg)
	}
	if !(in.HeightM >= minHeightM && in.HeightM <= maxHeightM) {
		return BMIOutput{}, Errorf("height_m must be between %v and %v metres (not centimetres)", minHeightM, maxHeightM)
	}
	// WHO tabulates the index with two decimals (18.50–24.99): what is shown and
	// what is classified are the same number.
	bmi := math.Round(in.WeightKg/(in.HeightM*in.HeightM)*100) / 100
	return BMIOutput{BMI: bmi, Category: bmiCategory(bmi)}, nil
}

// bmiCategory names the WHO category (WHO Technical Report Series 894, table 2.1;
// grades of thinness: WHO TRS 854).
func bmiCategory(bmi float64) string {
	switch {
	case bmi < 16:
		return "severe thinness"
	case bmi < 17:
		return "moderate thinness"
	case bmi < 18.5:
		return "mild thinness"
	case bmi < 25:
		return "normal weight"
	case bmi < 30:
		return "overweight (pre-obesity)"
	case bmi < 35:
		return "obesity class I"
	case bmi < 40:
		return "obesity class II"
	default:
		return "obesity class III"
	}
}
