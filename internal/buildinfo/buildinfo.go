// Package buildinfo tells which build of the program this is, from what the Go
// toolchain stamped into it.
package buildinfo

import (
	"runtime/debug"
	"strings"
)

// Info is what is known of the build. Fields are "" where the toolchain stamped
// nothing, as in a build outside a checkout.
type Info struct {
	// Version is the module's version, or "devel".
	Version string
	// Revision is the commit, with "+dirty" where the checkout had changes.
	Revision string
	// Time is when the commit was made, RFC 3339.
	Time string
	// Go is the toolchain's version.
	Go string
}

// version is set by the linker (-X) where there is no checkout for the toolchain to
// stamp it from: in the container's build.
var version string

// Read returns the build of the running program.
func Read() Info {
	bi, ok := debug.ReadBuildInfo()
	if !ok {
		bi = &debug.BuildInfo{}
	}
	info := from(bi)
	if version != "" {
		info.Version = version
	}
	return info
}

func from(bi *debug.BuildInfo) Info {
	info := Info{Version: strings.Trim(bi.Main.Version, "()"), Go: bi.GoVersion}
	if info.Version == "" {
		info.Version = "devel"
	}
	dirty := false
	for _, s := range bi.Settings {
		switch s.Key {
		case "vcs.revision":
			info.Revision = s.Value
		case "vcs.time":
			info.Time = s.Value
		case "vcs.modified":
			dirty = s.Value == "true"
		}
	}
	if dirty && info.Revision != "" {
		info.Revision += "+dirty"
	}
	return info
}

// String gives one line: version, revision, time and toolchain.
func (i Info) String() string {
	parts := []string{i.Version}
	for _, p := range []string{i.Revision, i.Time, i.Go} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	return strings.Join(parts, " ")
}
