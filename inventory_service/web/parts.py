"""What the application is made of, under typed keys; `create_app` puts it there."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from inventory_service.domain.key import Key
from inventory_service.lookup.service import Service
from inventory_service.runtime.http.callers import Callers
from inventory_service.settings import Settings
from inventory_service.spending.purse import Purse
from inventory_service.web.metrics import Metrics
from inventory_service.web.written import Writer


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file as it goes out; `packed` is its gzip form, None where that is not worth it."""

    body: bytes
    packed: bytes | None
    media_type: str
    etag: str


SERVICE: web.AppKey[Service] = web.AppKey("service", Service)
SETTINGS: web.AppKey[Settings] = web.AppKey("settings", Settings)
METRICS: web.AppKey[Metrics] = web.AppKey("metrics", Metrics)
WRITER: web.AppKey[Writer] = web.AppKey("writer", Writer)
STATIC: web.AppKey[Mapping[str, StaticFile]] = web.AppKey("static")
CALLERS: web.AppKey[Callers] = web.AppKey("callers", Callers)
KEY: web.RequestKey[Key | None] = web.RequestKey("key")
"""Who asks, once that is known."""
PURSE: web.RequestKey[Purse] = web.RequestKey("purse", Purse)
"""What pays for the request, once it is charged."""
READABLE_BY: web.RequestKey[str] = web.RequestKey("readable_by", str)
"""The origin whose scripts may read the response: `*`, one origin, or empty for none."""
DEADLINE: web.RequestKey[asyncio.Timeout] = web.RequestKey("deadline", asyncio.Timeout)
"""Of the request; a stream, once it has begun, has none."""
