"""Whether the process lives, whether it can take anything in, and what it has counted."""

import asyncio

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest

from inventory_service.storage.postgres import ping
from store_sync.receiver.parts import PARTS
from store_sync.receiver.tallies import reply


async def livez(_request: web.Request) -> web.StreamResponse:
    return reply({"status": "live"})


async def readyz(request: web.Request) -> web.StreamResponse:
    """Raises StorageError, TimeoutError where Postgres does not answer."""
    parts = request.app[PARTS]
    async with asyncio.timeout(parts.bounds.asking_s):
        await ping(parts.pool, deadline_s=parts.bounds.asking_s)
    return reply({"status": "ready"})


async def metrics(_request: web.Request) -> web.StreamResponse:
    headers = {"Content-Type": CONTENT_TYPE_LATEST, "Cache-Control": "no-store"}
    return web.Response(body=generate_latest(REGISTRY), headers=headers)
