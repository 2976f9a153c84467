"""`POST /v1/webhooks/{vendor}/{source}`: a signed body, answered once it is committed."""

import asyncio
import secrets
from collections.abc import Mapping
from typing import get_args

import structlog
from aiohttp import web

from inventory_service.domain.errors import ConfigurationError, UnauthorizedError
from inventory_service.runtime.http.errors import BusyError
from inventory_service.storage.stores import RetailerProfile
from store_sync.declared import Declared, DeclaredSource, secrets_of
from store_sync.formats import webhooks
from store_sync.formats.signatures import Vendor, verified
from store_sync.load import FeedOrder
from store_sync.receiver import bodies
from store_sync.receiver.parts import PARTS, Parts
from store_sync.receiver.tallies import reply

NOBODYS = (secrets.token_bytes(32),)
"""Signs for sources that do not exist: telling them apart by the time of the answer is no use."""
VENDORS: Mapping[str, Vendor] = {name: name for name in get_args(Vendor)}

log = structlog.get_logger("nearshelf.webhooks")


async def webhook(request: web.Request) -> web.StreamResponse:
    """200 once what the body says is committed; 503 where that cannot be in time."""
    parts = request.app[PARTS]
    try:
        async with asyncio.timeout(parts.bounds.webhooks.answer_within_s):
            return await _take(request, parts)
    except TimeoutError:
        raise BusyError("This could not be stored in time; send it again.") from None


async def _take(request: web.Request, parts: Parts) -> web.StreamResponse:
    bounds = parts.bounds.webhooks
    with parts.reading.one():
        body = await bodies.whole(request, bounds.max_bytes, bounds.body_within_s)
    source, vendor = _signed(request, parts, body)
    lines = webhooks.read(vendor, request.headers, body).lines
    if lines:
        await parts.webhook_desk.hand_in(_order(source), lines)
    return reply({"rows": len(lines)})


def _signed(request: web.Request, parts: Parts, body: bytes) -> tuple[DeclaredSource, Vendor]:
    """The source that signed. Raises UnauthorizedError, the same whether there is such a source or not."""
    named, slug = request.match_info["vendor"], request.match_info["source"]
    vendor = VENDORS.get(named, "shopify")
    source = parts.declared.webhook(named, slug)
    known = NOBODYS if source is None else _secrets(source, parts.environment)
    address = (source and source.notification_url) or ""
    if not verified(vendor, known, request.headers, address, body) or source is None:
        raise UnauthorizedError("There is no such webhook, or its signature is not that of its secret.")
    return source, vendor


def warn_of_missing_secrets(declared: Declared, environment: Mapping[str, str]) -> None:
    """Logs each declared webhook that nobody can sign, since the variable of its secret is not set."""
    for source in declared.sources:
        if source.vendor is not None and _secrets(source, environment) is NOBODYS:
            log.error("no secret is set", retailer=source.retailer, source=source.source, variables=source.secrets)


def _secrets(source: DeclaredSource, environment: Mapping[str, str]) -> tuple[bytes, ...]:
    try:
        return secrets_of(source, environment)
    except ConfigurationError:
        return NOBODYS


def _order(source: DeclaredSource) -> FeedOrder:
    return FeedOrder(RetailerProfile(source.retailer, source.retailer), source.source, "webhooks", "webhooks")
