package weather

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"mcp-resource-server/internal/sampleweather"
)

// counted is a service that counts how often it was asked, with the clock of a
// bubble.
type counted struct {
	asked   atomic.Int32
	handler http.Handler
}

func newCounted() *counted { return &counted{handler: sampleweather.Handler(nil)} }

func (c *counted) Do(r *http.Request) (*http.Response, error) {
	c.asked.Add(1)
	return through(c.handler).Do(r)
}

func (c *counted) want(t *testing.T, when string, n int32) {
	t.Helper()
	if got := c.asked.Load(); got != n {
		t.Errorf("%s: asked %d times, want %d", when, got, n)
	}
}

// Five seconds for each try, whether the service says nothing or its body stops.
func TestTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var tries int
		c := client(t, Options{HTTP: doer(func(r *http.Request) (*http.Response, error) {
			tries++
			<-r.Context().Done()
			return nil, keyInURL(r.Context().Err())
		})})
		start := time.Now()
		_, err := c.dubai(t.Context())
		if want := "the weather service is unavailable: no answer in time"; text(err) != want || !errors.Is(err, ErrUnavailable) {
			t.Errorf("err = %v, want %s", err, want)
		}
		if took := time.Since(start); tries != 2 || took != 2*tryTimeout+retryPause {
			t.Errorf("%d tries in %v", tries, took)
		}
	})
}

// The twin: a service that is slow, but not too slow.
func TestSlowIsFine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := newCounted()
		c := client(t, Options{HTTP: doer(func(r *http.Request) (*http.Response, error) {
			time.Sleep(tryTimeout - time.Millisecond)
			if err := r.Context().Err(); err != nil {
				return nil, err
			}
			return service.Do(r)
		})})
		if _, err := c.dubai(t.Context()); err != nil {
			t.Error(err)
		}
		service.want(t, "once", 1)
	})
}

func TestCacheByTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := newCounted()
		c := client(t, Options{HTTP: service})
		for _, step := range []struct {
			name  string
			after time.Duration
			want  int32
		}{
			{"at first", 0, 1},
			{"at once", 0, 1},
			{"just before it is old", freshFor - time.Nanosecond, 1},
			{"when it is", time.Nanosecond, 2},
			{"and again", freshFor - time.Nanosecond, 2},
		} {
			time.Sleep(step.after)
			if r, err := c.dubai(t.Context()); err != nil || r.Temperature != 30.4 {
				t.Errorf("%s: %+v, %v", step.name, r, err)
			}
			service.want(t, step.name, step.want)
		}
	})
}

// What is one question, and what is another.
func TestCacheByQuestion(t *testing.T) {
	tests := []struct {
		name                string
		latitude, longitude float64
		units               Units
		want                int32
	}{
		{"the same", 25.07725, 55.30927, Metric, 1},
		{"what rounds to the same", 25.0849, 55.3051, Metric, 1},
		{"what does not, by latitude", 25.0851, 55.30927, Metric, 2},
		{"what does not, by longitude", 25.07725, 55.3049, Metric, 2},
		{"other units", 25.07725, 55.30927, Imperial, 2},
		{"the other hemisphere", -25.07725, 55.30927, Metric, 2},
	}
	for _, tt := range tests {
		bubble(t, tt.name, func(t *testing.T) {
			service := newCounted()
			c := client(t, Options{HTTP: service})
			if _, err := c.Current(t.Context(), dubaiLatitude, dubaiLongitude, Metric); err != nil {
				t.Fatal(err)
			}
			if _, err := c.Current(t.Context(), tt.latitude, tt.longitude, tt.units); err != nil {
				t.Fatal(err)
			}
			service.want(t, "twice", tt.want)
		})
	}
}

func TestDecimal(t *testing.T) {
	for degrees, want := range map[float64]string{
		0: "0.00", -0.001: "0.00", 0.001: "0.00", 55.30927: "55.31", -55.30927: "-55.31", 90: "90.00", -180: "-180.00", 1e-300: "0.00",
	} {
		if got := decimal(degrees); got != want {
			t.Errorf("decimal(%v) = %s, want %s", degrees, got, want)
		}
	}
}

// A caller may change what it was given.
func TestReportIsTheCallersOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := client(t, Options{HTTP: newCounted()})
		first, err := c.dubai(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		pristine := first.clone()
		for range 2 { // from the flight, and from the cache
			for _, p := range []*float64{
				first.FeelsLike, first.Humidity, first.WindSpeed, first.WindDirection, first.Precipitation, first.Pressure, first.CloudCover,
			} {
				*p = -1
			}
			*first.IsDay = !*first.IsDay
			if first, err = c.dubai(t.Context()); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(pristine, first); d != "" {
				t.Error(d)
			}
		}
	})
}

// An error about one moment is not remembered.
func TestUnavailableIsAskedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := newCounted()
		service.handler = status(http.StatusNotFound, "")
		c := client(t, Options{HTTP: service})
		if _, err := c.dubai(t.Context()); !errors.Is(err, ErrRefused) {
			t.Errorf("err = %v", err)
		}
		service.handler = sampleweather.Handler(nil)
		if _, err := c.dubai(t.Context()); err != nil {
			t.Error(err)
		}
		service.want(t, "twice", 2)
	})
}

// A refused key and a reached limit are about the client: for a minute no place is
// asked for, and what is remembered is still given.
func TestHold(t *testing.T) {
	tests := []struct {
		name string
		code int
		want error
	}{
		{"key", http.StatusUnauthorized, ErrKeyRefused},
		{"limit", http.StatusTooManyRequests, ErrLimited},
	}
	for _, tt := range tests {
		bubble(t, tt.name, func(t *testing.T) {
			service := newCounted()
			c := client(t, Options{HTTP: service})
			if _, err := c.dubai(t.Context()); err != nil {
				t.Fatal(err)
			}
			good := service.handler
			service.handler = status(tt.code, "")
			oslo := func(when string, want error, asked int32) {
				t.Helper()
				if _, err := c.Current(t.Context(), 59.91273, 10.74609, Metric); !errors.Is(err, want) {
					t.Errorf("%s: err = %v, want %v", when, err, want)
				}
				service.want(t, when, asked)
			}
			oslo("the first time", tt.want, 2)
			service.handler = good
			oslo("at once", tt.want, 2)
			if _, err := c.dubai(t.Context()); err != nil {
				t.Errorf("what is remembered: %v", err)
			}
			time.Sleep(holdFor - time.Nanosecond)
			oslo("just before the minute is over", tt.want, 2)
			time.Sleep(time.Nanosecond)
			oslo("when it is", nil, 3)
		})
	}
}

// slow answers after a second, unless its request ends before.
func slow(s *counted) doer {
	return func(r *http.Request) (*http.Response, error) {
		select {
		case <-r.Context().Done():
			return nil, r.Context().Err()
		case <-time.After(time.Second):
			return s.Do(r)
		}
	}
}

// Many callers at the same time are one request, and the first of them takes it
// with it as little as any other does.
func TestSharedFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const callers = 50
		service := newCounted()
		c := client(t, Options{HTTP: slow(service)})
		hasty, giveUp := context.WithCancel(t.Context())
		errs := make(chan error, callers+1)
		start := time.Now()
		go func() {
			_, err := c.dubai(hasty)
			if time.Since(start) != 100*time.Millisecond {
				t.Errorf("the one that gave up waited for %v", time.Since(start))
			}
			errs <- err
		}()
		synctest.Wait()
		for range callers {
			go func() {
				r, err := c.dubai(t.Context())
				if err == nil && r.Temperature != 30.4 {
					err = fmt.Errorf("%+v", r)
				}
				errs <- err
			}()
		}
		time.Sleep(100 * time.Millisecond)
		giveUp()
		if err := <-errs; !errors.Is(err, context.Canceled) {
			t.Errorf("the one that gave up: %v", err)
		}
		for range callers {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
		if took := time.Since(start); took != time.Second {
			t.Errorf("it took %v", took)
		}
		service.want(t, "all of them", 1)
	})
}

// What nobody waits for any more is remembered when it comes.
func TestAllGiveUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := newCounted()
		c := client(t, Options{HTTP: slow(service)})
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if _, err := c.dubai(ctx); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, ErrUnavailable) {
			t.Errorf("err = %v", err)
		}
		time.Sleep(2 * time.Second)
		if _, err := c.dubai(t.Context()); err != nil {
			t.Error(err)
		}
		if _, err := c.dubai(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a caller whose time is over: %v", err)
		}
		service.want(t, "both", 1)
	})
}

// Two flights for one place that overlap in the cache's eyes ask once: the second
// looks again before it asks.
func TestRefreshLooksAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := newCounted()
		c := client(t, Options{HTTP: service})
		q, err := newQuery(dubaiLatitude, dubaiLongitude, Metric)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if r, err := c.refresh(t.Context(), q); err != nil || r.Temperature != 30.4 {
				t.Errorf("%+v, %v", r, err)
			}
		}
		service.want(t, "twice", 1)
	})
}

func TestCacheIsBounded(t *testing.T) {
	var c cache
	start := today()
	place := func(n int) query { return query{fmt.Sprint(n), "0.00", Metric} }
	for n := range maxEntries {
		c.put(place(n), answer{}, start.Add(time.Duration(n)*time.Millisecond))
	}
	now := start.Add(maxEntries * time.Millisecond)
	has := func(n int) bool { _, ok := c.get(place(n), now); return ok }

	c.put(place(5), answer{}, now) // not a new one
	if len(c.entries) != maxEntries || !has(0) {
		t.Errorf("%d entries after one was renewed", len(c.entries))
	}
	c.put(place(maxEntries), answer{}, now)
	if len(c.entries) != maxEntries || has(0) || !has(1) || !has(5) || !has(maxEntries) {
		t.Errorf("%d entries: the oldest goes, and it alone", len(c.entries))
	}
	// Places 1 to 499 but 5 are over, and so are gone once there is a new one.
	now = start.Add(freshFor + 499*time.Millisecond)
	c.put(place(maxEntries+1), answer{}, now)
	if want := maxEntries - 498 + 1; len(c.entries) != want || has(499) || !has(500) || !has(5) {
		t.Errorf("%d entries, want %d: what is over goes", len(c.entries), want)
	}
}

// The pause before the second try ends with the request's context.
func TestPauseEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := newCounted()
		service.handler = status(http.StatusInternalServerError, "")
		c := client(t, Options{HTTP: service})
		ctx, cancel := context.WithTimeout(t.Context(), retryPause/2)
		defer cancel()
		start := time.Now()
		_, err := c.fetch(ctx, "https://weather.example")
		if want := "the weather service is unavailable: status 500"; text(err) != want || !errors.Is(err, ErrUnavailable) {
			t.Errorf("err = %v, want %s", err, want)
		}
		if took := time.Since(start); took != retryPause/2 {
			t.Errorf("it took %v", took)
		}
		service.want(t, "once", 1)
	})
}
