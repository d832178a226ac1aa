# Written by: mcp-server access list --format terraform
# It manages all permissions of the API: one that is not in it is removed.
resource "auth0_resource_server_scopes" "mcp_server" {
  resource_server_identifier = "https://mcp.example.com/mcp"

  scopes {
    name        = "desk:a"
    description = "Call write_notes (Write notes)"
  }

  scopes {
    name        = "desk:b"
    description = "Call write_notes (Write notes)"
  }

  scopes {
    name        = "notes"
    description = "Needed for every request"
  }

  scopes {
    name        = "notes:admin"
    description = "Includes notes:write, notes:purge"
  }

  scopes {
    name        = "notes:guest"
    description = "Call read_notes (Read notes)"
  }

  scopes {
    name        = "notes:list"
    description = "Use completion/complete for daily (Daily notes); use completion/complete for notes://all (The notes); use tools/list"
  }

  scopes {
    name        = "notes:purge"
    description = "Call purge_notes (Purge); read notes://secret (The notes)"
  }

  scopes {
    name        = "notes:read"
    description = "Call read_notes (Read notes)"
  }

  scopes {
    name        = "notes:write"
    description = "Call write_notes (Write notes); includes notes:read"
  }

  scopes {
    name        = "tool:search_notes"
    description = "Call search_notes (Search notes)"
  }
}
