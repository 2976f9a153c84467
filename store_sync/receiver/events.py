"""`POST /v1/events/{source}`: JSON Lines, one short body or a stream that stays open; each batch of lines is committed
before more is read."""

from collections.abc import Sequence
from dataclasses import replace

import structlog
from aiohttp import web

from inventory_service.domain.errors import NearshelfError
from inventory_service.domain.feed import Loaded
from inventory_service.runtime.http.encodings import require_encoding
from inventory_service.storage.stores import RetailerProfile
from store_sync.formats.json_counts import parse_batch
from store_sync.job import Line
from store_sync.load import FeedOrder
from store_sync.receiver import asking, metrics
from store_sync.receiver.asking import Sender
from store_sync.receiver.bodies import Body
from store_sync.receiver.bounds import EventBounds
from store_sync.receiver.event_lines import batches
from store_sync.receiver.event_replies import Acknowledged, EventReply, Tallied
from store_sync.receiver.parts import PARTS, Parts

MEDIA_TYPE = "application/x-ndjson"

log = structlog.get_logger("nearshelf.events")


async def events(request: web.Request) -> web.StreamResponse:
    """200 with a tally at the end, or with an acknowledgement a batch for those who take JSON Lines."""
    parts = request.app[PARTS]
    key = await parts.keys.sender(request.headers)
    sender = asking.sender(request, key, asking.parameters(request, "retailer"))
    require_encoding(request)
    reply = _reply(request, parts)
    with parts.streams.one():
        try:
            async for batch in batches(Body(request), _bounds(request, parts.bounds.events)):
                await parts.keys.sender(request.headers)
                lines = list(asking.confined(parse_batch(batch), sender))
                if lines:
                    await reply.committed(batch[-1][0], await _take(parts, sender, lines))
        except NearshelfError as error:
            return await reply.failed(error)
        except (ConnectionError, web.HTTPException):
            raise
        except Exception:
            log.exception("events failed", retailer=sender.retailer, source=sender.source)
            return await reply.failed(NearshelfError())
    return await reply.finished()


def _bounds(request: web.Request, bounds: EventBounds) -> EventBounds:
    return bounds if request.content_length is None else replace(bounds, silent_s=bounds.short_silent_s)


def _reply(request: web.Request, parts: Parts) -> EventReply:
    told = parts.bounds.events.told_rejections
    takes_lines = any(MEDIA_TYPE in accepted for accepted in request.headers.getall("Accept", []))
    return Acknowledged(request, told, parts.bounds.events.silent_s) if takes_lines else Tallied(request, told)


async def _take(parts: Parts, sender: Sender, lines: Sequence[Line]) -> Loaded:
    order = FeedOrder(RetailerProfile(sender.retailer, sender.retailer), sender.source, "events", "events")
    loaded = await parts.event_desk.hand_in(order, lines)
    metrics.count(order, "events", loaded)
    return loaded
