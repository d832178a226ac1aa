"""One run of the official Python SDK's client against a server: it connects, does what
the plan says, and writes one line of JSON for each step. What it does about a refusal
is the library's own doing: nothing here looks at a status or a challenge.

    python client.py '{"url": …, "issuer": …, "transport": …, "clientId": …, "calls": […]}'

It speaks to both major versions of the SDK, which name some things differently.
"""

import asyncio
import json
import sys
from contextlib import asynccontextmanager
from datetime import timedelta
from importlib.metadata import version

from mcp import ClientSession
from mcp.client.auth.extensions.client_credentials import ClientCredentialsOAuthProvider
from mcp.client.sse import sse_client

MAJOR = int(version("mcp").split(".")[0])
plan = json.loads(sys.argv[1])


def write(**line):
    print(json.dumps(line), flush=True)


def told(error):
    """An error as a program sees it; of a group of one, the one."""
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    of = getattr(error, "error", None)  # the JSON-RPC error of an McpError
    response = getattr(error, "response", None)
    return {
        "name": type(error).__name__,
        "message": str(error),
        "code": getattr(of, "code", None),
        "data": getattr(of, "data", None),
        "status": getattr(response, "status_code", None),
    }


class Memory:
    """Where the SDK keeps its token: for as long as this runs."""

    tokens = client = None

    async def get_tokens(self):
        return self.tokens

    async def set_tokens(self, tokens):
        self.tokens = tokens

    async def get_client_info(self):
        return self.client

    async def set_client_info(self, client):
        self.client = client


def credentials():
    """What the transport is opened with: a token, or the means to get one."""
    if "token" in plan:
        return {"headers": {"Authorization": "Bearer " + plan["token"]}}
    return {
        "auth": ClientCredentialsOAuthProvider(
            server_url=plan["url"],
            storage=Memory(),
            client_id=plan["clientId"],
            client_secret=plan["clientSecret"],
            issuer=plan["issuer"],
        )
    }


@asynccontextmanager
async def streamable():
    if MAJOR == 1:
        from mcp.client.streamable_http import streamablehttp_client

        async with streamablehttp_client(plan["url"], **credentials()) as (read, write_to, _):
            yield read, write_to
        return
    import httpx2
    from mcp.client.streamable_http import streamable_http_client

    async with httpx2.AsyncClient(**credentials()) as client:
        async with streamable_http_client(plan["url"], http_client=client) as streams:
            yield streams[0], streams[1]


def transport():
    if plan["transport"] == "sse":
        return sse_client(plan["url"], **credentials())
    return streamable()


asked, progress = [], []


def answering():
    """What the client of 2.x is told about questions: to fill every form alike."""
    if "answer" not in plan:
        return {}
    from mcp.types import ElicitResult

    async def answer(context, params):
        asked.append(params.message)
        return ElicitResult(action="accept", content=plan["answer"])

    return {"elicitation_callback": answer}


async def progressed(done, total, message):
    progress.append(f"{message} {done:g}")


@asynccontextmanager
async def session():
    """The session, and the protocol version that was agreed on."""
    if MAJOR == 1:
        async with transport() as (read, write_to), ClientSession(read, write_to) as opened:
            yield opened, (await opened.initialize()).protocolVersion
        return
    from mcp.client import Client

    modes = {"modern": "2026-07-28"}
    mode = "legacy" if plan["transport"] == "sse" else modes.get(plan["mode"], plan["mode"])
    async with Client(transport(), mode=mode, **answering()) as client:
        yield client, client.protocol_version


async def call(opened, name):
    patience = plan["patienceMs"] / 1000
    if MAJOR == 1:
        result = await opened.call_tool(name, {}, read_timeout_seconds=timedelta(seconds=patience))
        return write(step=name, isError=result.isError, content=result.structuredContent)
    told = {"progress_callback": progressed} if "answer" in plan else {}
    result = await opened.call_tool(name, {}, read_timeout_seconds=patience, **told)
    write(step=name, isError=result.is_error, content=result.structured_content, asked=asked, progress=progress)


async def main():
    step = "connect"
    try:
        async with session() as (opened, agreed):
            write(step="connect", version=agreed)
            step = "list"
            write(step="list", tools=[tool.name for tool in (await opened.list_tools()).tools])
            for step in plan["calls"]:
                try:
                    await call(opened, step)
                except Exception as e:  # the session may live on
                    write(step=step, error=told(e))
            step = "close"
    except BaseException as e:  # or the transport has gone, and everything with it
        write(step=step, gone=True, error=told(e))


asyncio.run(main())
