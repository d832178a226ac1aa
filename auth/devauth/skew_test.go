package devauth_test

import (
	"testing"
	"time"
)

func TestSkew(t *testing.T) {
	s := start(t, testConfig())
	tests := []struct {
		name string
		by   time.Duration
	}{
		{"none", 0},
		{"ahead", 90 * time.Second},
		{"behind", -48 * time.Hour},
		{"off again", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := s.SetSkew(tt.by); err != nil {
				t.Fatal(err)
			}
			iat := fixedNow.Add(tt.by).Unix()
			_, claims := issued(t, s, form(""))
			if claims["iat"] != float64(iat) || claims["exp"] != float64(iat+3600) {
				t.Errorf("token: iat = %v, exp = %v; want %d and an hour later", claims["iat"], claims["exp"], iat)
			}
			own := s.Claims("agent", nil, nil)
			if own["iat"] != iat || own["exp"] != iat+3600 {
				t.Errorf("Claims: iat = %v, exp = %v; want %d and an hour later", own["iat"], own["exp"], iat)
			}
		})
	}
}
