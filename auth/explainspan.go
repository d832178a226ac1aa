package auth

import (
	"fmt"
	"math"
	"time"
)

func showTime(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// span writes how long something lasts, as exactly as somebody reads it.
func span(d time.Duration) string {
	d = d.Abs()
	switch {
	case d < time.Second:
		return "less than a second"
	case d < 2*time.Minute:
		return fmt.Sprintf("%d s", int(math.Round(d.Seconds())))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
	default:
		return fmt.Sprintf("%d days", int(d.Hours()/24))
	}
}

// fromNow says when t is, seen from now.
func fromNow(t, now time.Time) string {
	switch d := t.Sub(now); {
	case d > 0:
		return "in " + span(d)
	case d < 0:
		return span(d) + " ago"
	default:
		return "now"
	}
}
