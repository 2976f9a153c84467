"""The end of a server that others go on for: clients are told to come again on another connection."""

import asyncio
from collections.abc import Callable

from aiohttp import web

DRAIN_S = 1.0
"""Longest time for clients with open connections to ask once more and be told."""
ACCEPTED_S = 0.1
"""By then a connection that was accepted just before the end is among those of the server."""
LOOK_S = 0.02
AT_THE_END: web.AppKey[Callable[[], None]] = web.AppKey("at_the_end")
"""Ends responses that would go on for long; called once no more connections are taken."""


class Draining:
    """Once begun, every response closes its connection."""

    def __init__(self, at_the_end: Callable[[], None] | None) -> None:
        self.begun, self._at_the_end = False, at_the_end

    async def finish(self, _request: web.Request, response: web.StreamResponse) -> None:
        """For `on_response_prepare`, by which time aiohttp has written its own headers."""
        if self.begun:
            response.force_close()
            response.headers["Connection"] = "close"

    async def drain(self, server: web.Server) -> None:
        """Until no connection is left, or for as long as is decent."""
        self.begun = True
        if self._at_the_end is not None:
            self._at_the_end()
        await asyncio.sleep(ACCEPTED_S)
        for _ in range(round(DRAIN_S / LOOK_S)):
            if not server.connections:
                return
            await asyncio.sleep(LOOK_S)
