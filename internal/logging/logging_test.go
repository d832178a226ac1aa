package logging_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"mcp-resource-server/internal/logging"
)

func TestNew(t *testing.T) {
	for _, tt := range []struct {
		name string
		c    logging.Config
		want string // "" for nothing
	}{
		{"json", logging.Config{Level: "info", Format: "json"}, `"level":"INFO","msg":"hello","took":"1.5s"}`},
		{"text", logging.Config{Level: "debug", Format: "text"}, "level=INFO msg=hello took=1.5s"},
		{"below the level", logging.Config{Level: "warn", Format: "text"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			logging.New(&out, tt.c).Info("hello", "took", 1500*time.Millisecond)
			if got := strings.TrimSpace(out.String()); !strings.HasSuffix(got, tt.want) || (got == "") != (tt.want == "") {
				t.Errorf("got %s", got)
			}
		})
	}
}

func TestValidate(t *testing.T) {
	if err := logging.DefaultConfig().Validate().Err(); err != nil {
		t.Errorf("the defaults: %v", err)
	}
	err := logging.Config{Level: "loud", Format: "xml"}.Validate().Err()
	if want := "level: must be debug, info, warn or error\nformat: must be json or text"; err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}
