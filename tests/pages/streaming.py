"""The twin's streams: the answer now, and whenever a test has changed it, as server-sent events."""

import asyncio
from collections.abc import Callable

from aiohttp import web
from aiohttp_sse import EventSourceResponse, sse_response

RETRY_MS = 20
"""How soon a browser comes back: tests do not wait."""
Words = asyncio.Queue[str | None]
"""To one stream: an empty word wakes it, none cuts it, any other is the problem that ends it."""


class Streams:
    """`asked`: the queries of all that there were. `status`: what new ones get. `brief`: each ends as it begins."""

    def __init__(self, answer: Callable[[web.Request], web.Response]) -> None:
        self._answer = answer
        self._open: dict[Words, dict[str, str]] = {}
        self.asked: list[dict[str, str]] = []
        self.status, self.brief = 200, False

    @property
    def open(self) -> list[dict[str, str]]:
        """The queries of those that are open."""
        return list(self._open.values())

    def wake(self) -> None:
        """They look at their answers anew."""
        self._say("")

    def cut(self) -> None:
        """They end; whoever hears them comes back."""
        self._say(None)

    def end(self, problem: str) -> None:
        """They end for good."""
        self._say(problem)

    async def opened(self) -> None:
        """Until somebody hears one."""
        async with asyncio.timeout(20):
            while not self._open:
                await asyncio.sleep(0.01)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(dict(request.query))
        if self.status != 200:
            return web.Response(status=self.status)
        words: Words = asyncio.Queue()
        self._open[words] = dict(request.query)
        try:
            async with sse_response(request, sep="\n") as response:
                await self._run(request, response, words)
            return response
        finally:
            del self._open[words]

    async def _run(self, request: web.Request, response: EventSourceResponse, words: Words) -> None:
        told = ""
        word: str | None = ""
        while word == "":
            answer = self._answer(request)
            if answer.headers["ETag"] != told:
                told = answer.headers["ETag"]
                await response.send(answer.text or "", id=told, event="availability", retry=RETRY_MS)
            word = None if self.brief else await words.get()
        if word:
            await response.send(word, event="problem")

    def _say(self, word: str | None) -> None:
        for words in self._open:
            words.put_nowait(word)
