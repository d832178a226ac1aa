package config

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/go-viper/mapstructure/v2"
	"github.com/spf13/pflag"
	"github.com/spf13/viper"

	"mcp-resource-server/internal/faults"
)

// Source says where the configuration comes from. Later ones win:
// defaults < File < EnvFile < Environ < Flags.
type Source struct {
	// The path of the YAML file. Empty: none.
	File string
	// Whether File may be missing, as the default config.yaml may.
	FileOptional bool
	// The path of a file of NAME=value lines. Empty: none; a missing one is an
	// error. It sets nothing in the process's own environment.
	EnvFile string
	// The process's variables in the form of os.Environ.
	Environ []string
	// The flags of AddFlags, of which only those count that were set. Nil: none.
	Flags *pflag.FlagSet
	// Only are the sections, or keys, that have to be right, by their paths. The others
	// are read as far as they can be: a key of theirs that cannot be read has its
	// default, and what they hold may be wrong. What belongs to no section is a fault
	// still: it may be a misspelt one. Empty: all.
	Only []string
	// Fix changes what was read before it is validated, for a program that decides
	// some of it itself. Nil: nothing is changed.
	Fix func(*Config)
}

// judges reports whether a fault at path, which is a key's or the name of a variable
// that nobody knows, is one of those that count.
func (src Source) judges(path string) bool {
	belongs := func(to string) bool { return within(path, to) || strings.HasPrefix(path, envName(to)+"_") }
	if len(src.Only) == 0 || slices.ContainsFunc(src.Only, belongs) {
		return true
	}
	return !slices.ContainsFunc(schema(Default()), func(k *key) bool { return belongs(k.path) })
}

// judged are the faults of l that count.
func (src Source) judged(l faults.List) faults.List {
	return slices.DeleteFunc(slices.Clone(l), func(f faults.Fault) bool { return !src.judges(f.Path) })
}

// merge reads all sources into a struct, of which keys is the schema. The list
// has the faults of all sources; where it is not empty, a key with a fault has
// its default in the struct. An error says that a file cannot be read at all.
func merge(keys []*key, src Source, into any) (faults.List, error) {
	fromFile, found, err := readFile(keys, src)
	if err != nil {
		return nil, fmt.Errorf("reading the configuration file: %w", err)
	}
	vars, err := variables(src)
	if err != nil {
		return nil, err
	}
	fromEnv, l := environment(keys, vars)
	found = append(found, l...)
	typed, l := fromFlags(keys, src.Flags)
	found = append(found, l...)

	maps.Copy(fromEnv, typed)
	settings, err := settle(keys, fromFile, fromEnv)
	if err != nil {
		return nil, err
	}
	found = append(found, readSecrets(keys, settings, "")...)
	return found, decode(settings, into)
}

// readFile returns the values of the file as sections within sections.
func readFile(keys []*key, src Source) (map[string]any, faults.List, error) {
	if src.File == "" {
		return nil, nil, nil
	}
	raw, err := readLimited(src.File, maxFileBytes)
	if errors.Is(err, fs.ErrNotExist) && src.FileOptional {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	root, err := parseYAML(raw)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", src.File, err)
	}
	if root == nil {
		return nil, nil, nil
	}
	var r fileReader
	values := r.section(root, keys, "")
	return values, r.faults, nil
}

// settle lays the layers over each other: defaults < file < override. Viper gets
// values that are checked and typed, and no source of its own: it reads neither
// the environment nor a file, because it ignores what it does not know there.
func settle(keys []*key, file map[string]any, override layer) (map[string]any, error) {
	v := viper.NewWithOptions()
	setDefaults(v, keys)
	if err := v.MergeConfigMap(file); err != nil {
		return nil, fmt.Errorf("merging the configuration file: %w", err)
	}
	for path, value := range override {
		v.Set(path, value)
	}
	return v.AllSettings(), nil
}

func setDefaults(v *viper.Viper, keys []*key) {
	for _, k := range keys {
		if k.kind == kindSection {
			setDefaults(v, k.keys)
			continue
		}
		v.SetDefault(k.path, k.def)
	}
}

// decode fills the struct. It neither coerces nor leaves a setting over, unlike
// viper's own Unmarshal. The values were checked against the struct's own
// keys, so an error is ours; mapstructure's text would quote values.
func decode(settings map[string]any, into any) error {
	d, err := mapstructure.NewDecoder(&mapstructure.DecoderConfig{Result: into, ErrorUnused: true})
	if err != nil {
		return fmt.Errorf("decoding the configuration: %w", err)
	}
	if d.Decode(settings) != nil {
		return errors.New("decoding the configuration: a checked value does not fit its field")
	}
	return nil
}
