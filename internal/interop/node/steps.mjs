// What the programs here have in common: they read a plan, go through its steps, and
// write one line of JSON for each. What a client does about a refusal is the library's
// own doing: nothing here looks at a status or a challenge.
export const plan = JSON.parse(process.argv[2]);

const write = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

// An error as a program sees it. Causes and stacks are for people.
const told = (e) => ({ name: e.name, message: e.message, code: e.code, status: e.data?.status ?? e.statusCode, data: e.data });

// steps goes through the plan with a client: connect returns the version that was agreed
// on, list the names of the tools, call a result.
export async function steps({ connect, list, call, close }) {
  try {
    write({ step: 'connect', version: await connect() });
    write({ step: 'list', tools: await list() });
  } catch (e) {
    write({ step: 'connect', error: told(e) });
    process.exit(0);
  }
  for (const name of plan.calls) {
    try {
      const result = await call(name);
      write({ step: name, isError: result.isError === true, content: result.structuredContent });
    } catch (e) {
      write({ step: name, error: told(e) });
    }
  }
  await close();
}
