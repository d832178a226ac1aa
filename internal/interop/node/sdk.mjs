// One run of the official TypeScript SDK 1.x, which speaks the legacy era, against a
// server: over HTTP, or through mcp-remote as a host does that starts local programs only.
//
//   node sdk.mjs '{"url": …, "issuer": …, "clientId": …, "calls": […], "remote": ["--protocol", "auto"]}'
import { ClientCredentialsProvider } from '@modelcontextprotocol/sdk/client/auth-extensions.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { plan, steps } from './steps.mjs';

const here = dirname(fileURLToPath(import.meta.url));

const overHTTP = () =>
  new StreamableHTTPClientTransport(
    new URL(plan.url),
    plan.token
      ? { requestInit: { headers: { Authorization: `Bearer ${plan.token}` } } }
      : {
          authProvider: new ClientCredentialsProvider({
            clientId: plan.clientId,
            clientSecret: plan.clientSecret,
            expectedIssuer: plan.issuer,
          }),
        },
  );

// The arguments are those of docs/clients.md, secrets in the environment.
function throughRemote() {
  const args = [plan.url, '--transport', 'http-only', ...plan.remote];
  if (plan.token) args.push('--header', 'Authorization:${AUTH_HEADER}');
  else {
    const client = { client_id: plan.clientId, client_secret: '${MCP_CLIENT_SECRET}' };
    args.push('--client-credentials', '--static-oauth-client-info', JSON.stringify(client));
  }
  return new StdioClientTransport({
    command: join(here, 'node_modules', '.bin', 'mcp-remote'),
    args,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      AUTH_HEADER: `Bearer ${plan.token}`,
      MCP_CLIENT_SECRET: plan.clientSecret,
    },
    stderr: 'inherit',
  });
}

const transport = plan.remote ? throughRemote() : overHTTP();
let agreed;
transport.setProtocolVersion = ((set) => (version) => {
  agreed = version;
  set?.call(transport, version);
})(transport.setProtocolVersion);

const client = new Client({ name: 'interop', version: '1' });
await steps({
  connect: async () => {
    await client.connect(transport);
    return agreed;
  },
  list: async () => (await client.listTools()).tools.map((tool) => tool.name),
  call: (name) => client.callTool({ name, arguments: {} }, undefined, { timeout: plan.patienceMs }),
  close: () => client.close(),
});
