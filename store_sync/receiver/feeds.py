"""`POST /v1/feeds/{source}`: a whole file, spooled, then loaded beside everything else."""

import time
from functools import partial

from aiohttp import web

from inventory_service.domain.errors import FeedRefusedError
from inventory_service.domain.feed import Loaded
from inventory_service.runtime.http.encodings import require_encoding
from store_sync.files import feeds_in
from store_sync.load import Loader
from store_sync.receiver import asking, bodies, metrics
from store_sync.receiver.aside import aside
from store_sync.receiver.asking import Sender
from store_sync.receiver.parts import PARTS, Parts
from store_sync.receiver.spool import Spooled
from store_sync.receiver.tallies import NOTHING, as_json, reply
from store_sync.receiver.upload import FILE, PARAMETERS, Upload, read_upload


async def upload(request: web.Request) -> web.StreamResponse:
    """200 with the tally once all of the file is committed."""
    parts, began = request.app[PARTS], time.monotonic()
    key = await parts.keys.sender(request.headers)
    asked = asking.parameters(request, *PARAMETERS)
    sender = asking.sender(request, key, asked)
    declared = parts.declared.of(sender.retailer, sender.source)
    wanted = read_upload(sender, asked, declared, request.headers.get("Last-Modified"), parts.clock())
    require_encoding(request, "gzip")
    with parts.uploads.one():
        blocks = bodies.blocks(request, parts.bounds.uploads)
        async with parts.spool.holding(blocks, request.content_length or 0) as spooled:
            loaded = await aside(partial(_load, parts, sender, wanted, spooled))
    metrics.count(wanted.order, "feeds", loaded)
    return reply({**as_json(loaded), "seconds": round(time.monotonic() - began, 3)})


async def _load(parts: Parts, sender: Sender, wanted: Upload, spooled: Spooled) -> Loaded:
    """On a loop, and so on connections, of its own. What is good of a zip lands, whatever is refused of it."""
    if spooled.size == 0:
        raise FeedRefusedError("The request has no body: send the file as it is.")
    loaded, refused = NOTHING, []
    async with parts.bulk_pool() as pool:
        loader = Loader(pool, parts.clock)
        for feed in feeds_in(FILE, spooled.file, spooled.size, None):
            lines = asking.confined(wanted.parser(feed.stream), sender)
            try:
                loaded = loaded.joined(await loader.load(wanted.order_of(feed.name), lines))
            except FeedRefusedError as error:
                refused.append(str(error) if feed.name == FILE else f"{feed.name}: {error}")
    if refused:
        raise FeedRefusedError(" ".join(refused))
    return loaded
