"""The one place where the receiver's application is put together."""

from aiohttp import web

from inventory_service.runtime.http.cuts import CUTS
from inventory_service.runtime.http.middlewares import observing, reporting
from inventory_service.runtime.http.protection import protect
from store_sync.receiver import events, feeds, health, sources, webhooks
from store_sync.receiver.bodies import expect_later
from store_sync.receiver.metrics import CONNECTIONS, REQUESTS
from store_sync.receiver.parts import PARTS, Parts


def create_app(parts: Parts) -> web.Application:
    """The program that opens and closes `parts` serves it."""
    app = web.Application(middlewares=[observing(REQUESTS), reporting])
    app[PARTS] = parts
    app[CUTS] = CONNECTIONS
    app.on_response_prepare.append(_protect)
    webhooks.warn_of_missing_secrets(parts.declared, parts.environment)
    for path, sending in (
        ("/v1/feeds/{source}", feeds.upload),
        ("/v1/events/{source}", events.events),
        ("/v1/webhooks/{vendor}/{source}", webhooks.webhook),
    ):
        app.router.add_post(path, sending, expect_handler=expect_later)
    for path, asking in (
        ("/v1/sources", sources.listed),
        ("/v1/sources/{source}", sources.one),
        ("/v1/sources/{source}/rejected", sources.rejected),
        ("/livez", health.livez),
        ("/readyz", health.readyz),
        ("/metrics", health.metrics),
    ):
        app.router.add_get(path, asking)
    return app


async def _protect(_request: web.Request, response: web.StreamResponse) -> None:
    protect(response.headers, response.content_type)
