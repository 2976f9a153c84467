"""GET /v1/availability/stream: the answer of /v1/availability now, and whenever it differs, as server-sent events."""

import asyncio
import random
import secrets
import socket
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import orjson
from aiohttp import web
from aiohttp_sse import EventSourceResponse

from geo.point import Point
from inventory_service.domain.errors import NearshelfError, UnavailableError
from inventory_service.live.streams import Sight, Streams, Watch
from inventory_service.runtime.http.errors import BusyError
from inventory_service.runtime.http.middlewares import BEGAN_AFTER_S, error_log
from inventory_service.runtime.http.problems import http_problem, problem_of
from inventory_service.web.parts import DEADLINE
from inventory_service.web.queries import AvailabilityQuery
from inventory_service.web.replying import Reply

PATH = "/v1/availability/stream"
SUMMARY = "The answer of /v1/availability now, and again whenever it differs, as server-sent events."
LIKELY = frozenset(("in_stock", "limited_availability"))
HEARTBEAT_S = 15.0
UNREAD_FOR_S = 10.0
"""Who takes nothing of what was sent for so long is dropped."""
UNREAD_BYTES = 32 * 1024
"""About so much of what is unread is held for one, by the kernel and by us, until it counts as that."""
LIFE_DIFFERS = 0.1
"""By so large a share of its life a stream may end sooner: those that began together do not come back together."""
PAUSE_S = 0.25
"""Between two looks of one stream: of many changes at once it tells the last."""
TRY_AGAIN_S = 5.0
RETRY_MS, RETRY_DIFFERS_MS = 2_000, 3_000
"""How long a browser waits before it comes back; not all after the same time, where a server has gone."""

Look = Callable[[], Awaitable[Reply]]


@dataclass
class Stream:
    """One stream, from its first event to its end."""

    query: AvailabilityQuery
    look: Look
    watch: Watch
    streams: Streams
    waiting_bytes: Callable[[], int]
    """What the kernel has not taken yet of what was sent."""
    deadline_s: float
    life_s: float
    unread: bool = False
    _told: str = ""

    async def first(self) -> Reply:
        """Raises NearshelfError, TimeoutError."""
        async with asyncio.timeout(self.deadline_s), self.streams.turns:
            return self._seen(await self.look())

    async def run(self, response: EventSourceResponse, reply: Reply) -> None:
        """Raises TimeoutError where the client reads nothing, ConnectionError where it has gone."""
        until_s = time.monotonic() + self.life_s * random.uniform(1.0 - LIFE_DIFFERS, 1.0)  # noqa: S311
        await self._tell(response, reply, RETRY_MS + secrets.randbelow(RETRY_DIFFERS_MS))
        while (left_s := until_s - time.monotonic()) > 0 and not self.watch.ended:
            await self.watch.woken(left_s)
            if self.watch.ended or time.monotonic() >= until_s:
                return
            try:
                new = await self.first()
            except (UnavailableError, BusyError, TimeoutError):
                asyncio.get_running_loop().call_later(TRY_AGAIN_S, self.watch.wake)
                continue
            except NearshelfError as error:
                await self._end(response, problem_of(error).model_dump_json())
                return
            except Exception:
                error_log.exception("stream failed", route=PATH)
                await self._end(response, http_problem(500).model_dump_json())
                return
            if new.etag != self._told:
                await self._tell(response, new)
            await asyncio.sleep(PAUSE_S)

    async def _tell(self, response: EventSourceResponse, reply: Reply, retry_ms: int | None = None) -> None:
        self._told, self.unread = reply.etag, True
        await response.send(reply.body.decode(), id=reply.etag, event="availability", retry=retry_ms)
        self.unread = self.waiting_bytes() > 0
        self.streams.events += 1

    async def _end(self, response: EventSourceResponse, problem: str) -> None:
        await response.send(problem, event="problem")
        self.streams.events += 1

    def _seen(self, reply: Reply) -> Reply:
        if reply.etag != self._told:
            self.streams.look(self.watch, sight_of(orjson.loads(reply.body), self.query))
        return reply


def sight_of(document: dict[str, Any], query: AvailabilityQuery) -> Sight:
    """What the answer depends on. Where nothing is likely, any store could be the nearest likely one beyond; where
    there are as many likely ones as are wanted, none behind them matters.
    """
    product_id, origin = document["product"]["id"], Point(document["origin"]["lat"], document["origin"]["lon"])
    results = document["results"]
    words = [result.get("availability") for result in results]
    if not results or words[0] not in LIKELY:
        return Sight(product_id, origin)
    full = len(results) == query.limit and words[-1] in LIKELY
    return Sight(product_id, origin, results[-1].get("distance_m", query.radius_m) if full else query.radius_m)


async def told(request: web.Request, stream: Stream) -> web.StreamResponse:
    """Raises NearshelfError, TimeoutError before anything is sent.

    Who reads nothing is dropped by us or, a moment earlier, by the kernel, which ends the handler; that is counted
    where something waited to be sent.
    """
    began_s, first = time.perf_counter(), await stream.first()
    response = EventSourceResponse(sep="\n", ping_interval=HEARTBEAT_S, send_timeout=UNREAD_FOR_S)
    response.headers.update({"Cache-Control": "no-store", "Connection": "close"})
    response.force_close()
    _hold_little(request)
    await response.prepare(request)
    request[DEADLINE].reschedule(None)
    request[BEGAN_AFTER_S] = time.perf_counter() - began_s
    try:
        async with response:
            await stream.run(response, first)
    except TimeoutError:
        stream.streams.dropped += 1
    except (asyncio.CancelledError, ConnectionError):
        stream.streams.dropped += stream.unread
        raise
    return response


def _hold_little(request: web.Request) -> None:
    """The kernel would take megabytes for somebody who reads nothing."""
    transport = request.transport
    if transport is None:
        raise ConnectionResetError("The client has gone.")
    connection = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, UNREAD_BYTES)
    transport.set_write_buffer_limits(UNREAD_BYTES)
