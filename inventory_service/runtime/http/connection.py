"""One connection: who lets us wait is told apart from who is answered, and even what is no HTTP gets a problem.

What is asked most goes by a lane of its own: a request that the parser has read while nothing else is under way is
answered outside of aiohttp's task, which takes several objects and turns of the loop for each.
"""

import asyncio
from collections.abc import Callable
from typing import Any, cast

import structlog
from aiohttp import web
from aiohttp.http import RawRequestMessage
from aiohttp.http_exceptions import LineTooLong
from aiohttp.streams import EMPTY_PAYLOAD
from aiohttp.web_request import BaseRequest

from inventory_service.runtime.http.crowd import Crowd
from inventory_service.runtime.http.cuts import Cuts, Reason
from inventory_service.runtime.http.limits import Limits
from inventory_service.runtime.http.problems import http_problem, problem_response
from inventory_service.runtime.http.protection import protect
from inventory_service.runtime.http.quick import Answered, Asked
from inventory_service.runtime.http.repeats import Pattern, Repeat

error_log = structlog.get_logger("nearshelf.error")

Lane = Callable[[Asked, Answered, str], bool]
"""As QuickHandler.take."""
LEAST_BYTES_PER_S = 1_000
"""Who takes an answer more slowly than this takes next to nothing of it."""


class Connection(web.RequestHandler):
    """aiohttp's, which by itself waits for headers and for answers to be read without end, and errs in plain text."""

    __slots__ = (
        "_began",
        "_crowd",
        "_cuts",
        "_held",
        "_held_first",
        "_in_lane",
        "_lane",
        "_limits",
        "_pattern",
        "_unfinished_bytes",
        "_unread",
        "_wire",
        "address",
    )

    def __init__(
        self,
        manager: web.Server,
        *,
        loop: asyncio.AbstractEventLoop,
        limits: Limits,
        crowd: Crowd,
        cuts: Cuts,
        lane: Lane | None,
        **options: Any,
    ) -> None:
        super().__init__(manager, loop=loop, keepalive_timeout=limits.keepalive_s, **options)
        self._limits, self._crowd, self._cuts, self._lane = limits, crowd, cuts, lane
        self._in_lane = False
        self._pattern: Pattern | None = None
        self._held, self._held_first = b"", 0
        self._began: float | None = None
        self._unfinished_bytes = 0
        self._wire: asyncio.Transport | None = None
        self._unread: tuple[int, float] | None = None
        self.address = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._wire = cast(asyncio.Transport, transport)
        peer = transport.get_extra_info("peername")
        self.address = str(peer[0]) if isinstance(peer, tuple) else ""
        self._crowd.join(self)

    def data_received(self, data: bytes) -> None:
        if self._held:
            self._hold(data)
            return
        waiter = self._waiter
        if waiter is None or waiter.done() or self._lane is None:
            super().data_received(data)
        else:
            repeat = self._repeat(data)
            if repeat is not None and self._repeat_taken(repeat, data):
                return
            self._waiter = None
            super().data_received(data)
            self._waiter = waiter
            if not self._in_lane and self._messages and (repeat is not None or not self._taken(data)):
                waiter.set_result(None)
        if self._waiter is None or self._messages:
            self._began = None
        else:
            self._unfinished(len(data))

    def _unfinished(self, more_bytes: int) -> None:
        """Part of a head has come."""
        if self._began is None:
            self._began, self._unfinished_bytes = self._loop.time(), 0
        self._unfinished_bytes += more_bytes
        if self._unfinished_bytes > self._limits.head_bytes:
            self._cuts.count("large_head")
            self.force_close()

    def _repeat(self, data: bytes) -> Repeat | None:
        """One more request like the one before, where nothing stands before it."""
        if self._pattern is None or self._in_lane or self._began is not None or self._messages or self._paused:
            return None
        if self._upgraded or self._force_close or self._close:
            return None
        return self._pattern.request(data)

    def _repeat_taken(self, request: Repeat, data: bytes) -> bool:
        """Whether it goes by the lane; it is held until it is answered."""
        assert self._lane is not None
        if not self._lane(request, self._answered, self.address):
            return False
        self._held, self._held_first = data, len(data)
        self._begin_lane()
        return True

    def _hold(self, data: bytes) -> None:
        """What comes while a repeat is under way has to wait: the parser has not seen that one."""
        self._held += data
        if self.transport is not None:
            self.transport.pause_reading()

    def _begin_lane(self) -> None:
        self._in_lane = self._request_in_progress = True
        self._next_keepalive_close_time = self._loop.time() + self._keepalive_timeout

    def _taken(self, data: bytes) -> bool:
        """Whether the one request that stands here goes by the lane; it stands until it is answered.

        `data`: what came last.
        """
        assert self._lane is not None
        message, payload = self._messages[0]
        if len(self._messages) > 1 or payload is not EMPTY_PAYLOAD or self._upgraded or self._paused:
            return False
        if not isinstance(message, RawRequestMessage) or not self._lane(message, self._answered, self.address):
            return False
        self._pattern = Pattern.of(data, message)
        self._begin_lane()
        return True

    def _answered(self, response: bytes | None) -> None:
        self._in_lane = self._request_in_progress = False
        held, self._held = self._held, b""
        if self._handler_waiter is not None and not self._handler_waiter.done():
            self._handler_waiter.set_result(None)
        if self.transport is None or self._parser is None:
            return
        if held:
            self._answered_repeat(response, held)
            return
        if response is not None:
            self._messages.popleft()
            self._parser.message_consumed()
            self.transport.write(response)
        if self._messages and self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _answered_repeat(self, response: bytes | None, held: bytes) -> None:
        """The parser gets what it has not seen: all of it where the usual way is to be taken, else what came since."""
        assert self.transport is not None
        if len(held) > self._held_first:
            self.transport.resume_reading()
        if response is None:
            super().data_received(held)
            return
        self.transport.write(response)
        if len(held) > self._held_first:
            self.data_received(held[self._held_first :])

    def connection_lost(self, exc: BaseException | None) -> None:
        self._crowd.leave(self)
        super().connection_lost(exc)

    def _process_keepalive(self) -> None:
        """aiohttp's own end of a connection on which nothing is asked."""
        open_before = not self._force_close
        super()._process_keepalive()
        if open_before and self._force_close:
            self._cuts.count("idle")

    def waiting_since(self) -> float | None:
        """As Member's."""
        if self._waiter is None or self._waiter.done() or self._in_lane:
            return None
        return self._began or self._next_keepalive_close_time - self._keepalive_timeout

    def overdue(self, now: float) -> Reason | None:
        """As Member's."""
        since = self.waiting_since()
        asking = self._began is not None or self._request_count == 0
        within_s = self._limits.headers_within_s if asking else self._limits.keepalive_s
        if since is not None and now - since > within_s:
            return "slow_head" if asking else "idle"
        return "unread" if self._reads_nothing(now) else None

    def cut(self) -> None:
        """As Member's."""
        self.force_close()
        if self._wire is not None:
            self._wire.abort()

    def _reads_nothing(self, now: float) -> bool:
        size = 0 if self._wire is None else self._wire.get_write_buffer_size()
        if size == 0 or self._unread is None:
            self._unread = (size, now) if size else None
            return False
        before, since = self._unread
        if now - since < self._limits.unread_s:
            return False
        self._unread = size, now
        return size > before - LEAST_BYTES_PER_S * (now - since)

    def handle_error(
        self, request: BaseRequest, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> web.StreamResponse:
        """For what never reached a handler: `message` and `exc` are for the log only."""
        if status >= 500:
            error_log.error("connection failed", status=status, exc_info=exc)
        else:
            reason, _, _what_was_sent = (message or "").partition("\n")
            error_log.debug("connection refused", status=status, reason=reason)
            self._cuts.count("large_head" if isinstance(exc, LineTooLong) else "malformed")
        if request.writer.output_size > 0:
            raise ConnectionError("the response had begun already")
        response = problem_response(http_problem(status), {})
        protect(response.headers, response.content_type)
        response.force_close()
        response.headers["Connection"] = "close"
        return response
