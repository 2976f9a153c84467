"""One connection: slow headers are cut off, and even a request that is no HTTP gets a problem.

What is asked most goes by a lane of its own: a request that the parser has read while nothing else is under way is
answered outside of aiohttp's task, which takes several objects and turns of the loop for each.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import structlog
from aiohttp import web
from aiohttp.http import RawRequestMessage
from aiohttp.streams import EMPTY_PAYLOAD
from aiohttp.web_request import BaseRequest

from inventory_service.runtime.http.problems import http_problem, problem_response
from inventory_service.runtime.http.protection import protect
from inventory_service.runtime.http.quick import Answered

error_log = structlog.get_logger("nearshelf.error")

Lane = Callable[[RawRequestMessage, Answered, str], bool]
"""As QuickHandler.take."""


class Connection(web.RequestHandler):
    """aiohttp's, which by itself waits for headers as long as for the next request, and answers in plain text."""

    __slots__ = ("_began", "_headers_within_s", "_in_lane", "_lane", "_peer", "_watch")

    def __init__(
        self,
        manager: web.Server,
        *,
        loop: asyncio.AbstractEventLoop,
        headers_within_s: float,
        lane: Lane | None,
        **options: Any,
    ) -> None:
        super().__init__(manager, loop=loop, **options)
        self._headers_within_s, self._lane = headers_within_s, lane
        self._in_lane, self._peer = False, ""
        self._began: float | None = None
        self._watch: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        peer = transport.get_extra_info("peername")
        self._peer = str(peer[0]) if isinstance(peer, tuple) else ""

    def data_received(self, data: bytes) -> None:
        waiter = self._waiter
        if waiter is None or waiter.done() or self._lane is None:
            super().data_received(data)
        else:
            self._waiter = None
            super().data_received(data)
            self._waiter = waiter
            if not self._in_lane and self._messages and not self._taken():
                waiter.set_result(None)
        if self._waiter is None or self._messages:
            self._began = None
        elif self._began is None:
            self._began = self._loop.time()
            self._look_again_in(self._headers_within_s)

    def _taken(self) -> bool:
        """Whether the one request that stands here goes by the lane; it stands until it is answered."""
        assert self._lane is not None
        message, payload = self._messages[0]
        if len(self._messages) > 1 or payload is not EMPTY_PAYLOAD or self._upgraded or self._paused:
            return False
        if not isinstance(message, RawRequestMessage) or not self._lane(message, self._answered, self._peer):
            return False
        self._in_lane = self._request_in_progress = True
        self._next_keepalive_close_time = self._loop.time() + self._keepalive_timeout
        return True

    def _answered(self, response: bytes | None) -> None:
        self._in_lane = self._request_in_progress = False
        if self._handler_waiter is not None and not self._handler_waiter.done():
            self._handler_waiter.set_result(None)
        if self.transport is None or self._parser is None:
            return
        if response is not None:
            self._messages.popleft()
            self._parser.message_consumed()
            self.transport.write(response)
        if self._messages and self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def connection_lost(self, exc: BaseException | None) -> None:
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
        super().connection_lost(exc)

    def handle_error(
        self, request: BaseRequest, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> web.StreamResponse:
        """For what never reached a handler: `message` and `exc` are for the log only."""
        if status >= 500:
            error_log.error("connection failed", status=status, exc_info=exc)
        else:
            reason, _, _what_was_sent = (message or "").partition("\n")
            error_log.debug("connection refused", status=status, reason=reason)
        if request.writer.output_size > 0:
            raise ConnectionError("the response had begun already")
        response = problem_response(http_problem(status), {})
        protect(response.headers, response.content_type)
        response.force_close()
        return response

    def _look_again_in(self, delay_s: float) -> None:
        if self._watch is None:
            self._watch = self._loop.call_later(delay_s, self._cut_off_if_slow)

    def _cut_off_if_slow(self) -> None:
        self._watch = None
        if self._began is None:
            return
        left_s = self._began + self._headers_within_s - self._loop.time()
        if left_s > 0:
            self._look_again_in(left_s)
        else:
            self.force_close()
