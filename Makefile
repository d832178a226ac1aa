# Developers' commands. `make help` lists them; .ci/run runs every check at once.

TOOL := go tool -modfile=.ci/tools.mod
BIN := bin

# The packages whose tests own generated files (golden files, schemas, documents).
# Their tests take the flag -update.
GENERATING := ./config ./tools ./server ./auth ./cmd/mcp-server

.DEFAULT_GOAL := help
.PHONY: help build run test race fuzz fmt lint generate verify smoke smoke-auth0 guide conformance interop nginx container drill check

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## the programs, into bin/
	go build -buildvcs=auto -o $(BIN)/ ./cmd/...

run: ## the server with its development issuer, on loopback addresses
	go run ./cmd/mcp-server dev

test: ## all tests
	go test ./...

race: ## all tests with the race detector
	go test -race ./...

fuzz: ## every fuzz target for FUZZTIME (1m), or one: make fuzz PKG=./auth FUZZ=FuzzClaims
ifdef FUZZ
	go test -run '^$$' -fuzz '^$(FUZZ)$$' -fuzztime $(or $(FUZZTIME),1m) $(or $(PKG),$(error PKG=./package is needed, too))
else
	FUZZTIME=$(or $(FUZZTIME),1m) bash .ci/fuzz
endif

drill: ## rotation, revocation, outage and a slow issuer under load, with figures (about 7 min)
	go run ./internal/drill $(DRILL)

fmt: ## format all Go files
	$(TOOL) golangci-lint fmt

lint: ## the pinned linters
	$(TOOL) golangci-lint run ./...

generate: ## write golden files and generated documents anew
	go test $(GENERATING) -count=1 -run 'Generated|Golden' -update

verify: ## fail if a generated file is out of date
	bash .ci/verify

smoke: ## start the server, get a token, call tools, ask a model, stop it
	bash .ci/smoke

smoke-auth0: ## the same against an Auth0 tenant: AUTH0_ISSUER, AUTH0_AUDIENCE, AUTH0_CLIENT_ID, AUTH0_CLIENT_SECRET
	bash .ci/smoke-auth0

guide: ## the guide to a tool, followed in a copy: its blocks pasted, the tests run
	bash .ci/guide

conformance: ## the official conformance suite, both eras, with authentication on; installs it into .conformance/
	bash .ci/conformance

nginx: ## the server behind a real nginx: streams, silence, a path prefix (80 s)
	bash .ci/nginx

interop: ## clients of other makes against the server; installs them into .interop/ (INTEROP=-update writes the table in docs/clients.md)
	bash .ci/interop $(INTEROP)

container: ## build the image without a registry, and prove it
	bash deploy/container/prove

check: ## everything that CI checks
	bash .ci/run
