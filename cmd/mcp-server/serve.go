package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"mcp-resource-server/config"
	"mcp-resource-server/internal/faults"
	"mcp-resource-server/internal/logging"
	"mcp-resource-server/tools"
)

// defaultConfigFile is read where no --config is given, if it exists.
const defaultConfigFile = "config.yaml"

// configFlags adds the flags by which every command finds the configuration, and
// returns what loads it.
func (p *program) configFlags(cmd *cobra.Command) func() (config.Config, error) {
	file := cmd.Flags().String("config", defaultConfigFile, "configuration file; unless it is named, it may be missing")
	envFile := cmd.Flags().String("env-file", "", "file of NAME=value lines, under the process's own environment")
	config.AddFlags(cmd.Flags())
	return func() (config.Config, error) {
		cfg, err := config.Load(config.Source{
			File:         *file,
			FileOptional: !cmd.Flags().Changed("config"),
			EnvFile:      *envFile,
			Environ:      p.environ,
			Flags:        cmd.Flags(),
		})
		if err != nil {
			return config.Config{}, fmt.Errorf("configuration:\n%w%s", err, unconfigured(err, *file))
		}
		return cfg, nil
	}
}

// unconfigured says what to do where nothing is configured at all, or "".
func unconfigured(err error, file string) string {
	found, _ := errors.AsType[faults.List](err)
	missing := slices.ContainsFunc(found, func(f faults.Fault) bool {
		return f.Path == "auth.issuer" && strings.HasPrefix(f.Message, "is required")
	})
	if !missing {
		return ""
	}
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	return "\nthere is no " + defaultConfigFile + " here: name a file with --config, or set MCPRS_AUTH_ISSUER and MCPRS_AUTH_AUDIENCE"
}

func (p *program) serveCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve MCP to callers with an access token of the configured issuer",
		Args:  cobra.NoArgs,
	}
	load := p.configFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, err := load()
		if err != nil {
			return err
		}
		return p.serve(cmd.Context(), cfg)
	}
	return cmd
}

func (p *program) serve(ctx context.Context, cfg config.Config) error {
	// Whoever reads our lines may end before us. A line is then lost, and counted
	// (package audit); the process MUST NOT go with it.
	signal.Ignore(syscall.SIGPIPE)
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", cfg.HTTP.Addr)
	if err != nil {
		return fmt.Errorf("listening: %w", err)
	}
	a, err := newApp(cfg, runtimeDeps{
		log:       logging.New(p.stderr, cfg.Log),
		now:       time.Now,
		listener:  listener,
		inventory: tools.Everything(cfg.Tools, toolDeps(time.Now)),
		audit:     p.stdout,
	})
	if err != nil {
		return err
	}
	return a.run(ctx)
}
