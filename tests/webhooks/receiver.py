"""A subscriber's server on loopback: it keeps what arrives, and answers as it is told to."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import web
from standardwebhooks import Webhook as Verifier

WITHIN_S = 60.0


@dataclass(frozen=True)
class Arrival:
    """One request, byte for byte."""

    headers: dict[str, str]
    body: bytes

    @property
    def event_id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def event(self) -> Any:
        return orjson.loads(self.body)

    @property
    def data(self) -> Any:
        return self.event["data"]

    def verified(self, secret: str) -> Any:
        """Raises WebhookVerificationError."""
        return Verifier(secret).verify(self.body, self.headers)


@dataclass
class Receiver:
    """`answers`: statuses, or responses, of the next requests; then 204. While `hanging` is set nobody is answered."""

    url: str = ""
    arrivals: list[Arrival] = field(default_factory=list)
    answers: deque[int | web.Response] = field(default_factory=deque)
    hanging: bool = False

    async def take(self, request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.arrivals.append(Arrival(headers, await request.read()))
        while self.hanging:
            await asyncio.sleep(0.05)
        answer = self.answers.popleft() if self.answers else 204
        return web.Response(status=answer) if isinstance(answer, int) else answer

    async def gets(self, count: int) -> list[Arrival]:
        """Waits until so many have arrived."""
        await sooner_or_later(lambda: len(self.arrivals) >= count)
        return self.arrivals


@asynccontextmanager
async def receiving(port: int = 0) -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/hook", receiver.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield receiver
    finally:
        receiver.hanging = False
        await runner.cleanup()


async def sooner_or_later(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(WITHIN_S):
        while not holds():
            await asyncio.sleep(0.02)
