"""The syncing program's HTTP: its health."""

from aiohttp import web

from inventory_service.domain.errors import StorageError
from inventory_service.storage.postgres import Pool, ping

DEADLINE_S = 2.0


def create_app(pool: Pool) -> web.Application:
    """Health of the syncing program."""

    async def livez(_request: web.Request) -> web.Response:
        return web.json_response({"status": "live"})

    async def readyz(_request: web.Request) -> web.Response:
        try:
            await ping(pool, deadline_s=DEADLINE_S)
        except StorageError as error:
            return web.json_response({"status": "unready", "postgres": str(error)}, status=503)
        return web.json_response({"status": "ready"})

    app = web.Application()
    app.router.add_get("/livez", livez)
    app.router.add_get("/readyz", readyz)
    return app
