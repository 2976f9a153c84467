"""Whether the process lives, whether it can answer, and what it has counted."""

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from inventory_service.domain.errors import UnavailableError
from inventory_service.web.models import Document, Liveness, Readiness
from inventory_service.web.parts import METRICS, SERVICE

OK = "ok"


async def livez(_request: web.Request) -> web.Response:
    return _fresh(Liveness(status="alive"))


async def readyz(request: web.Request) -> web.Response:
    """Raises UnavailableError without a directory, or without both Postgres and Redis."""
    parts = await request.app[SERVICE].readiness()
    stored = OK in (parts.get("postgres"), parts.get("redis"))
    if not (stored and parts.get("directory") == OK):
        raise UnavailableError
    return _fresh(Readiness(status="ready", parts=parts))


async def metrics(request: web.Request) -> web.Response:
    """What has been counted so far; whoever asks also sees to it that the account of our answers is made anew."""
    request.app[SERVICE].renew_accuracy()
    body = generate_latest(request.app[METRICS].registry)
    return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST, "Cache-Control": "no-store"})


def _fresh(document: Document) -> web.Response:
    headers = {"Content-Type": "application/json", "Cache-Control": "no-store"}
    return web.Response(body=document.model_dump_json().encode(), headers=headers)
