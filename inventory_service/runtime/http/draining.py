"""The end of a server that others go on for: clients are told to come again on another connection."""

import asyncio

from aiohttp import web

DRAIN_S = 1.0
"""Longest time for clients with open connections to ask once more and be told."""
ACCEPTED_S = 0.1
"""By then a connection that was accepted just before the end is among those of the server."""
LOOK_S = 0.02


class Draining:
    """Once begun, every response closes its connection."""

    def __init__(self) -> None:
        self.begun = False

    async def finish(self, _request: web.Request, response: web.StreamResponse) -> None:
        """For `on_response_prepare`, by which time aiohttp has written its own headers."""
        if self.begun:
            response.force_close()
            response.headers["Connection"] = "close"

    async def drain(self, server: web.Server) -> None:
        """Until no connection is left, or for as long as is decent."""
        self.begun = True
        await asyncio.sleep(ACCEPTED_S)
        for _ in range(round(DRAIN_S / LOOK_S)):
            if not server.connections:
                return
            await asyncio.sleep(LOOK_S)
