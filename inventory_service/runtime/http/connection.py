"""One connection: slow headers are cut off, and even a request that is no HTTP gets a problem."""

import asyncio
from typing import Any

import structlog
from aiohttp import web
from aiohttp.web_request import BaseRequest

from inventory_service.runtime.http.problems import http_problem, problem_response
from inventory_service.runtime.http.protection import protect

error_log = structlog.get_logger("nearshelf.error")


class Connection(web.RequestHandler):
    """aiohttp's, which by itself waits for headers as long as for the next request, and answers in plain text."""

    __slots__ = ("_began", "_headers_within_s", "_watch")

    def __init__(
        self, manager: web.Server, *, loop: asyncio.AbstractEventLoop, headers_within_s: float, **options: Any
    ) -> None:
        super().__init__(manager, loop=loop, **options)
        self._headers_within_s = headers_within_s
        self._began: float | None = None
        self._watch: asyncio.TimerHandle | None = None

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._waiter is None or self._messages:
            self._began = None
        elif self._began is None:
            self._began = self._loop.time()
            self._look_again_in(self._headers_within_s)

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
