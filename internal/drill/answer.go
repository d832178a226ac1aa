package main

import (
	"encoding/json"
	"math"
	"mime"
	"strings"
)

// rightResult reports whether a body is the result of the valid call number n, and
// of no other. The body is JSON or a stream of one event, as the server likes.
func rightResult(body []byte, contentType string, n int) bool {
	mediaType, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return false
	}
	if mediaType == "text/event-stream" {
		body = eventData(body)
	} else if mediaType != "application/json" {
		return false
	}
	var answer struct {
		ID     *int `json:"id"`
		Result *struct {
			IsError bool `json:"isError"`
			Content *struct {
				BMI      float64 `json:"bmi"`
				Category string  `json:"category"`
			} `json:"structuredContent"`
		} `json:"result"`
	}
	if json.Unmarshal(body, &answer) != nil || answer.ID == nil || answer.Result == nil || answer.Result.Content == nil {
		return false
	}
	got := *answer.Result.Content
	return *answer.ID == n && !answer.Result.IsError && got.BMI == bmi(n) && got.Category == "normal weight"
}

// bmi is what the call number n has to give.
func bmi(n int) float64 {
	return math.Round(float64(weightKg(n))/(heightM*heightM)*100) / 100
}

// eventData is the data of the last event of a stream (HTML Standard §9.2.6).
func eventData(stream []byte) []byte {
	var last, event []string
	for line := range strings.Lines(string(stream)) {
		line = strings.TrimRight(line, "\r\n")
		if line == "" && event != nil {
			last, event = event, nil
		}
		if data, ok := strings.CutPrefix(line, "data:"); ok {
			event = append(event, strings.TrimPrefix(data, " "))
		}
	}
	return []byte(strings.Join(last, "\n"))
}
