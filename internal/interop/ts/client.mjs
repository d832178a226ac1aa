// One run of the official TypeScript client against a server: it connects, does what
// the plan says, and writes one line of JSON for each step. What it does about a
// refusal is the library's own doing: nothing here looks at a status or a challenge.
//
//   node client.mjs '{"url": …, "issuer": …, "mode": …, "clientId": …, "calls": […]}'
import { Client, ClientCredentialsProvider, SSEClientTransport, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

const plan = JSON.parse(process.argv[2]);
const write = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

// An error as a program sees it. Causes and stacks are for people.
const told = (e) => ({ name: e.name, message: e.message, code: e.code, status: e.data?.status, data: e.data });

const options = plan.token
  ? { requestInit: { headers: { Authorization: `Bearer ${plan.token}` } } }
  : {
      authProvider: new ClientCredentialsProvider({
        clientId: plan.clientId,
        clientSecret: plan.clientSecret,
        expectedIssuer: plan.issuer,
      }),
    };

const Transport = plan.transport === 'sse' ? SSEClientTransport : StreamableHTTPClientTransport;
const client = new Client(
  { name: 'interop', version: '1' },
  {
    versionNegotiation: { mode: plan.mode === 'modern' ? { pin: '2026-07-28' } : plan.mode },
    capabilities: plan.answer ? { elicitation: { form: {} } } : {},
  },
);

let asked = [];
let progress = [];
if (plan.answer) {
  client.setRequestHandler('elicitation/create', (request) => {
    asked.push(request.params.message);
    return { action: 'accept', content: plan.answer };
  });
}

try {
  await client.connect(new Transport(new URL(plan.url), options));
  write({ step: 'connect', version: client.getNegotiatedProtocolVersion() });
  write({ step: 'list', tools: (await client.listTools()).tools.map((tool) => tool.name) });
} catch (e) {
  write({ step: 'connect', error: told(e) });
  process.exit(0);
}
for (const name of plan.calls) {
  try {
    [asked, progress] = [[], []];
    const onprogress = plan.answer && ((step) => progress.push(`${step.message} ${step.progress}`));
    const result = await client.callTool({ name, arguments: {} }, { timeout: plan.patienceMs, onprogress });
    write({ step: name, isError: result.isError === true, content: result.structuredContent, asked, progress });
  } catch (e) {
    write({ step: name, error: told(e) });
  }
}
await client.close();
