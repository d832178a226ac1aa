package main

import (
	"encoding/json"
	"io"
	"net/url"
	"strings"
	"text/template"

	"mcp-resource-server/auth"
	"mcp-resource-server/auth/devauth"
	"mcp-resource-server/config"
	"mcp-resource-server/internal/devstate"
)

// devInfo is all that a caller needs.
type devInfo struct {
	MCPURL       string   `json:"mcp_url"`
	MetadataURL  string   `json:"metadata_url"`
	Issuer       string   `json:"issuer"`
	TokenURL     string   `json:"token_url"`
	JWKSURL      string   `json:"jwks_url"`
	ClientID     string   `json:"client_id"`
	ClientSecret string   `json:"client_secret"`
	Scopes       []string `json:"scopes"`
	// ModelURL is the OPENAI_BASE_URL of the stand-in for a model.
	ModelURL string `json:"model_url,omitempty"`
}

func newDevInfo(cfg config.Config, issuer *devauth.Server, client devauth.Client, s *samples) (devInfo, error) {
	mcpURL, err := url.Parse(cfg.HTTP.PublicURL)
	if err != nil {
		return devInfo{}, err
	}
	info := devInfo{
		MCPURL:       cfg.HTTP.PublicURL,
		MetadataURL:  auth.MetadataURL(mcpURL),
		Issuer:       issuer.Issuer(),
		TokenURL:     issuer.TokenURL(),
		JWKSURL:      issuer.JWKSURL(),
		ClientID:     client.ID,
		ClientSecret: client.Secret,
		Scopes:       client.Scopes,
	}
	if s != nil {
		info.ModelURL = s.modelURL()
	}
	return info, nil
}

// state is what `mcpctl --dev` reads.
func (i devInfo) state() devstate.State {
	return devstate.State{
		MCPURL:       i.MCPURL,
		Issuer:       i.Issuer,
		TokenURL:     i.TokenURL,
		ClientID:     i.ClientID,
		ClientSecret: i.ClientSecret,
	}
}

func (i devInfo) json(w io.Writer) error {
	return json.NewEncoder(w).Encode(i) //nolint:gosec // the secret is made up for this run, and printing it is the point
}

var devText = template.Must(template.New("dev").Funcs(template.FuncMap{"join": strings.Join}).Parse(
	`FOR DEVELOPMENT ONLY: an MCP resource server with an authorization server of its own.

MCP URL        {{.MCPURL}}
metadata       {{.MetadataURL}}
issuer         {{.Issuer}}
client id      {{.ClientID}}
client secret  {{.ClientSecret}}
scopes         {{join .Scopes " "}}
{{- if .ModelURL}}
model          {{.ModelURL}}  (a stand-in; the weather is a sample, too)
{{- end}}

Call it from another terminal:

go run ./cmd/mcpctl --dev list
go run ./cmd/mcpctl --dev call get_time city=Bengaluru
{{- if .ModelURL}}
OPENAI_API_KEY=none OPENAI_BASE_URL={{.ModelURL}} go run ./cmd/mcpctl --dev ask "What is the time in Bengaluru?"
{{- end}}

Or with curl, first a token, then a call:

TOKEN=$(curl -s {{.TokenURL}} \
  -d grant_type=client_credentials -d audience={{.MCPURL}} \
  -d client_id={{.ClientID}} -d client_secret={{.ClientSecret}} \
  | sed -E 's/.*"access_token": ?"([^"]+)".*/\1/')

curl -s {{.MCPURL}} -H "Authorization: Bearer $TOKEN" \
  -H 'Content-Type: application/json' -H 'Accept: application/json, text/event-stream' \
  -H 'MCP-Protocol-Version: 2026-07-28' -H 'Mcp-Method: tools/call' -H 'Mcp-Name: calculate_bmi' \
  -d '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{
        "name":"calculate_bmi","arguments":{"weight_kg":70,"height_m":1.75},
        "_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",
                 "io.modelcontextprotocol/clientCapabilities":{}}}}'

Stop with Ctrl-C.
`))

func (i devInfo) text(w io.Writer) error {
	return devText.Execute(w, i)
}
