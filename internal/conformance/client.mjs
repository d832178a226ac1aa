// Runs mcpctl as the client that the suite looks at: `client.mjs PROGRAM URL`. The suite
// hands the credentials over in one variable, and mcpctl takes each in one of its own.
import { spawnSync } from 'node:child_process'

const [program, url] = process.argv.slice(2)
const { client_id, client_secret } = JSON.parse(process.env.MCP_CONFORMANCE_CONTEXT)
const { status } = spawnSync(program, ['list', '--url', url], {
  stdio: 'inherit',
  env: { ...process.env, MCP_CLIENT_ID: client_id, MCP_CLIENT_SECRET: client_secret },
})
process.exit(status ?? 1)
