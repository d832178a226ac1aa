# Written by: mcp-server access list --format terraform
# It manages all permissions of the API: one that is not in it is removed.
variable "audience" {
  description = "The identifier of the API at Auth0: auth.audience of the server"
  type        = string
}

resource "auth0_resource_server_scopes" "mcp_server" {
  resource_server_identifier = var.audience

  scopes {
    name        = "notes:read"
    description = "Call write_notes (Write notes)"
  }

  scopes {
    name        = "notes:write"
    description = "Call write_notes (Write notes)"
  }

  scopes {
    name        = "prompt:daily"
    description = "Use the prompt daily (Daily notes)"
  }

  scopes {
    name        = "tool:purge_notes"
    description = "Call purge_notes (Purge)"
  }

  scopes {
    name        = "tool:read_notes"
    description = "Call read_notes (Read notes)"
  }

  scopes {
    name        = "tool:search_notes"
    description = "Call search_notes (Search notes)"
  }
}
