"""What a sender of events hears: one tally at the end, or a line a batch while it is still sending."""

import asyncio
from typing import Any, Protocol

import orjson
from aiohttp import web

from inventory_service.domain.errors import NearshelfError
from inventory_service.domain.feed import Loaded
from inventory_service.runtime.http.errors import TooSlowError
from inventory_service.runtime.http.problems import Problem, problem_headers, problem_of, problem_response
from store_sync.receiver.tallies import NOTHING, as_json, reply

HEADERS = {"Content-Type": "application/x-ndjson", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
Rejection = dict[str, Any]


class EventReply(Protocol):
    """Told of every batch, and of the end."""

    async def committed(self, line: int, loaded: Loaded) -> None:
        """All up to `line` is stored."""

    async def failed(self, error: NearshelfError) -> web.StreamResponse: ...

    async def finished(self) -> web.StreamResponse: ...


class Tallied:
    """One tally at the end."""

    def __init__(self, request: web.Request, told_rejections: int) -> None:
        self._request, self._told_rejections = request, told_rejections
        self._line, self._loaded = 0, NOTHING
        self._rejections: list[Rejection] = []

    async def committed(self, line: int, loaded: Loaded) -> None:
        self._line, self._loaded = line, self._loaded.joined(loaded)
        self._rejections += _rejections(loaded, self._told_rejections - len(self._rejections))

    async def failed(self, error: NearshelfError) -> web.StreamResponse:
        return problem_response(_problem(error, self._line), problem_headers(error, self._request.raw_path))

    async def finished(self) -> web.StreamResponse:
        return reply({**as_json(self._loaded), "rejections": self._rejections})


class Acknowledged:
    """A line a batch; the response begins with the first, so that what fails before has a status of its own."""

    def __init__(self, request: web.Request, told_rejections: int, silent_s: float) -> None:
        self._request, self._told_rejections, self._silent_s = request, told_rejections, silent_s
        self._line, self._loaded = 0, NOTHING
        self._response = web.StreamResponse(headers=HEADERS)

    async def committed(self, line: int, loaded: Loaded) -> None:
        self._line, self._loaded = line, self._loaded.joined(loaded)
        await self._write(
            {"line": line, **as_json(loaded), "rejections": _rejections(loaded, self._told_rejections)},
        )

    async def failed(self, error: NearshelfError) -> web.StreamResponse:
        problem = _problem(error, self._line)
        if not self._response.prepared:
            return problem_response(problem, problem_headers(error, self._request.raw_path))
        await self._write({"line": self._line, "problem": problem.model_dump()})
        self._response.force_close()
        return self._response

    async def finished(self) -> web.StreamResponse:
        await self._write({"line": self._line, **as_json(self._loaded), "finished": True})
        return self._response

    async def _write(self, document: dict[str, Any]) -> None:
        """Raises TooSlowError where the sender does not read what we tell it."""
        try:
            async with asyncio.timeout(self._silent_s):
                if not self._response.prepared:
                    await self._response.prepare(self._request)
                await self._response.write(orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE))
        except TimeoutError:
            raise TooSlowError("The acknowledgements are not read.") from None


def _rejections(loaded: Loaded, at_most: int) -> list[Rejection]:
    """The first lines that were refused."""
    return [
        {"line": one.line, "field": one.field, "reason": one.reason, "detail": one.detail}
        for one in loaded.refusals[:at_most]
    ]


def _problem(error: NearshelfError, line: int) -> Problem:
    problem = problem_of(error)
    return problem.model_copy(update={"detail": f"{problem.detail} Lines up to {line} are stored."})
