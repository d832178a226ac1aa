package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"mcp-resource-server/internal/faults"
	"mcp-resource-server/tools"
)

// sample has every shape that a key can have. The loader is tested with it
// where Config has no such key.
type sample struct {
	Text     string        `mapstructure:"text"`
	Switch   bool          `mapstructure:"switch"`
	Count    int           `mapstructure:"count"`
	Size     int64         `mapstructure:"size"`
	Wait     time.Duration `mapstructure:"wait"`
	List     []string      `mapstructure:"list"`
	Nested   nested        `mapstructure:"nested"`
	Entries  []entry       `mapstructure:"entries"`
	Password string        `mapstructure:"password" secret:"true"`
}

type nested struct {
	Text string `mapstructure:"text"`
	// A key whose variable looks like one that Kubernetes injects.
	Port int `mapstructure:"port"`
}

type entry struct {
	Name   string   `mapstructure:"name"`
	Tags   []string `mapstructure:"tags"`
	Secret string   `mapstructure:"secret" secret:"true"`
}

func defaultSample() sample {
	return sample{
		Text: "default", Switch: true, Count: 1, Size: 2, Wait: 90 * time.Second,
		List: []string{"x", "y"}, Nested: nested{Text: "default", Port: 80},
	}
}

// mergeSample reads src into a sample.
func mergeSample(t *testing.T, src Source) (sample, faults.List) {
	t.Helper()
	var got sample
	l, err := merge(schema(defaultSample()), src, &got)
	if err != nil {
		t.Fatalf("merge: %v", err)
	}
	return got, l
}

// sampleFlags returns the flags of a sample after args were typed.
func sampleFlags(t *testing.T, args ...string) *pflag.FlagSet {
	t.Helper()
	fs := pflag.NewFlagSet("test", pflag.ContinueOnError)
	addFlags(fs, schema(defaultSample()))
	if err := fs.Parse(args); err != nil {
		t.Fatal(err)
	}
	return fs
}

// typedFlags is sampleFlags for the flags of Config.
func typedFlags(t *testing.T, args ...string) *pflag.FlagSet {
	t.Helper()
	fs := pflag.NewFlagSet("test", pflag.ContinueOnError)
	AddFlags(fs)
	if err := fs.Parse(args); err != nil {
		t.Fatal(err)
	}
	return fs
}

func writeFile(t testing.TB, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// toolNames are the names of all tools as a fault lists them: whoever adds a tool
// has no test to mend.
func toolNames() string {
	var names []string
	for _, t := range tools.Everything(tools.DefaultConfig(), tools.Deps{}).Tools {
		names = append(names, t.Name())
	}
	return strings.Join(names, ", ")
}
