"""One run of FastMCP's client against a server. What it does about a refusal is the
library's own doing: nothing here looks at a status or a challenge.

    python fastmcp_client.py '{"url": …, "mode": …, "token": …, "calls": […]}'
"""

import asyncio
import json
import sys

from fastmcp import Client
from fastmcp.client.transports import StreamableHttpTransport

plan = json.loads(sys.argv[1])


def write(**line):
    print(json.dumps(line), flush=True)


def told(error):
    """An error as a program sees it; of a group of one, the one."""
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    of = getattr(error, "error", None)  # the JSON-RPC error
    response = getattr(error, "response", None)
    return {
        "name": type(error).__name__,
        "message": str(error),
        "code": getattr(of, "code", None),
        "data": getattr(of, "data", None),
        "status": getattr(response, "status_code", None),
    }


async def main():
    step = "connect"
    try:
        modes = {"modern": "2026-07-28"}
        transport = StreamableHttpTransport(plan["url"], auth=plan["token"])
        async with Client(transport, mode=modes.get(plan["mode"], plan["mode"])) as client:
            write(step="connect", version=client.protocol_version)
            step = "list"
            write(step="list", tools=[tool.name for tool in await client.list_tools()])
            for step in plan["calls"]:
                try:
                    result = await client.call_tool(step, {}, timeout=plan["patienceMs"] / 1000)
                    write(step=step, isError=result.is_error, content=result.structured_content)
                except Exception as e:  # the session may live on
                    write(step=step, error=told(e))
            step = "close"
    except BaseException as e:  # or the transport has gone, and everything with it
        write(step=step, gone=True, error=told(e))


asyncio.run(main())
