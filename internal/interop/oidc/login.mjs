// One login of the official TypeScript client, as a program for people does it: it
// opens a browser where the client says, waits for the redirect, and hands on what
// came with it. What is registered, asked for and sent is the library's own doing.
// Or, with "remote", mcp-remote does all that, as a local program of a host.
//
//   node login.mjs '{"url": …, "mode": …, "calls": […], "metadataUrl": …, "remote": [program, argument …]}'
import { Client, StreamableHTTPClientTransport, UnauthorizedError } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';

const plan = JSON.parse(process.argv[2]);
const write = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const told = (e) => ({ name: e.name, message: e.message, code: e.code, status: e.data?.status, data: e.data });

const callback = createServer();
callback.listen(0, '127.0.0.1');
await once(callback, 'listening');
const redirectUrl = `http://127.0.0.1:${callback.address().port}/callback`;
const redirected = new Promise((resolve) => {
  callback.on('request', (req, res) => {
    res.end('You may close this page.');
    resolve(new URL(req.url, redirectUrl).searchParams);
  });
});

// Where the client keeps what it has: for as long as this runs.
class Memory {
  redirectUrl = redirectUrl;
  clientMetadataUrl = plan.metadataUrl;
  clientMetadata = {
    client_name: 'interop',
    redirect_uris: [redirectUrl],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    application_type: 'native',
  };
  sent = crypto.randomUUID();
  state = () => this.sent;
  clientInformation = () => this.client;
  saveClientInformation = (client) => { this.client = client; };
  tokens = () => this.held;
  saveTokens = (tokens) => { this.held = tokens; };
  codeVerifier = () => this.verifier;
  saveCodeVerifier = (verifier) => { this.verifier = verifier; };
  discoveryState = () => this.discovered;
  saveDiscoveryState = (state) => { this.discovered = state; };
  redirectToAuthorization = (url) => {
    spawn('xdg-open', [String(url)], { stdio: ['ignore', 'ignore', 'inherit'] });
  };
}

const negotiation = { mode: plan.mode === 'modern' ? { pin: '2026-07-28' } : plan.mode };
const client = () => new Client({ name: 'interop', version: '1' }, { versionNegotiation: negotiation });

async function login() {
  const authProvider = new Memory();
  const open = () => new StreamableHTTPClientTransport(new URL(plan.url), { authProvider });
  const first = open();
  try {
    await client().connect(first);
    throw new Error('let in without a login');
  } catch (e) {
    if (!(e instanceof UnauthorizedError)) throw e;
  }
  const answer = await redirected;
  if (answer.get('state') !== authProvider.sent) throw new Error('a foreign redirect');
  await first.finishAuth(answer);
  const connected = client();
  await connected.connect(open());
  return connected;
}

async function throughRemote() {
  const [command, ...args] = plan.remote;
  const connected = client();
  await connected.connect(new StdioClientTransport({ command, args, env: process.env, stderr: 'inherit' }));
  return connected;
}

let connected;
try {
  connected = await (plan.remote ? throughRemote() : login());
  write({ step: 'connect', version: connected.getNegotiatedProtocolVersion() });
  write({ step: 'list', tools: (await connected.listTools()).tools.map((tool) => tool.name) });
} catch (e) {
  write({ step: 'connect', error: told(e) });
  process.exit(0);
}
for (const name of plan.calls) {
  try {
    const result = await connected.callTool({ name, arguments: {} }, { timeout: plan.patienceMs });
    write({ step: name, isError: result.isError === true, content: result.structuredContent });
  } catch (e) {
    write({ step: name, error: told(e) });
  }
}
await connected.close();
process.exit(0);
