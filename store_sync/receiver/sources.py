"""`GET /v1/sources…`: what came from each source, how far behind it is, and each line that was refused."""

import asyncio
import re
from typing import Any

from aiohttp import web

from inventory_service.domain.errors import FieldFault, InputError, NotFoundError
from inventory_service.storage import diagnostics, loads
from inventory_service.storage.postgres import connected
from store_sync.receiver import asking
from store_sync.receiver.parts import PARTS, Parts
from store_sync.receiver.tallies import reply
from store_sync.sources.showing import with_declared

LIMIT, MOST = 100, 1_000
NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)


async def listed(request: web.Request) -> web.StreamResponse:
    """The key's sources."""
    parts = request.app[PARTS]
    key = await parts.keys.sender(request.headers)
    retailer = asking.retailer_of(key, asking.parameters(request, "retailer"))
    return reply({"results": await _overview(parts, retailer), "next": None})


async def one(request: web.Request) -> web.StreamResponse:
    parts = request.app[PARTS]
    key = await parts.keys.sender(request.headers)
    sender = asking.sender(request, key, asking.parameters(request, "retailer"))
    for row in await _overview(parts, sender.retailer):
        if row["source"] == sender.source:
            return reply(row)
    raise NotFoundError(
        f"{sender.retailer} has no source {sender.source}: it is not declared, and nothing has come from it."
    )


async def rejected(request: web.Request) -> web.StreamResponse:
    """Refused lines, oldest first; `next` is the cursor of the following page."""
    parts = request.app[PARTS]
    key = await parts.keys.sender(request.headers)
    asked = asking.parameters(request, "retailer", "load", "limit", "cursor")
    sender = asking.sender(request, key, asked)
    limit = _number(asked, "limit", LIMIT, MOST)
    async with asyncio.timeout(parts.bounds.asking_s):
        async with connected(parts.pool, deadline_s=parts.bounds.asking_s) as connection:
            found = await loads.listed(
                connection,
                retailer=sender.retailer,
                source=sender.source,
                load_id=_number(asked, "load", 0) or None,
                after=_number(asked, "cursor", 0),
                limit=limit + 1,
            )
    more = str(found[limit - 1]["rejected_id"]) if len(found) > limit else None
    return reply({"results": found[:limit], "next": more})


async def _overview(parts: Parts, retailer: str | None) -> list[dict[str, Any]]:
    async with asyncio.timeout(parts.bounds.asking_s):
        async with connected(parts.pool, deadline_s=parts.bounds.asking_s) as connection:
            rows = await diagnostics.overview(connection, parts.clock())
    return [row for row in with_declared(parts.declared, rows) if retailer in (None, row["retailer"])]


def _number(asked: asking.Parameters, name: str, usual: int, most: int = 10**18) -> int:
    text = asked.get(name)
    if text is None:
        return usual
    if not (NUMBER.fullmatch(text) and int(text) <= most) or (name == "limit" and int(text) == 0):
        raise InputError(FieldFault(name, f"is a whole number up to {most}" if name == "limit" else "is a number"))
    return int(text)
