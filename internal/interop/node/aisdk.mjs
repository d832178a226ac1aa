// One run of the AI SDK's MCP client against a server, through the tools that it hands to
// a model: without a model.
//
//   node aisdk.mjs '{"url": …, "mode": …, "token": …, "calls": […]}'
import { createMCPClient } from '@ai-sdk/mcp';
import { plan, steps } from './steps.mjs';

let client, tools;
await steps({
  connect: async () => {
    client = await createMCPClient({
      transport: { type: 'http', url: plan.url, headers: { Authorization: `Bearer ${plan.token}` } },
      protocolVersionDiscovery: plan.mode !== 'legacy',
    });
    return client.initializeResult.protocolVersion;
  },
  list: async () => {
    tools = await client.tools();
    return Object.keys(tools);
  },
  call: (name) => tools[name].execute({}, { toolCallId: name, messages: [] }),
  close: () => client.close(),
});
