"""The ceiling: aiohttp and uvloop answering every request with a constant body. Prints `ready URL`."""

import asyncio
import sys

import uvloop
from aiohttp import web


async def serve(body_bytes: int) -> None:
    """Serves a JSON body of so many bytes until ended."""
    body = b'"' + b"x" * (body_bytes - 2) + b'"'

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(body=body, content_type="application/json")

    app = web.Application()
    app.router.add_get("/{rest:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(f"ready http://127.0.0.1:{runner.addresses[0][1]}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
