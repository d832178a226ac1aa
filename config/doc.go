// Package config composes the settings that each package owns into one Config,
// and loads it: strictly, from a file, the environment and flags.
//
// It owns how a setting gets its value, never what the value means: fields,
// defaults, comments and checks stand beside their use, in auth, server, tools
// and internal/logging. A field that is added there is a key of the file, an
// environment variable, a flag and an entry of the reference without a line
// of code here.
//
// # How a value is found
//
// The struct is walked once into a list of keys. Each source gives a layer of
// values for these keys: the file is read as a YAML tree and held against them
// node by node, environment and flags are parsed by the type of their key. The
// layers are merged by viper, and mapstructure fills the struct. Nothing is
// coerced on the way: not a number to a string, not "yes" to true, and a
// duration has a unit.
//
// A value that does not fit is a fault under the path of its key. All faults of
// all sources are returned together, with those of Validate, so that an
// operator corrects a deployment once. A fault of this package MUST NOT hold a
// value: what stands at the wrong key may be a secret.
package config
