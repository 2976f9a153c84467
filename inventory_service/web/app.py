"""The one place where the web application is put together."""

from functools import cache

import orjson
from aiohttp import web
from prometheus_client import CollectorRegistry

from inventory_service.lookup.service import Service
from inventory_service.runtime.http.middlewares import observing, reporting
from inventory_service.runtime.http.quick import QUICK, QuickHandler
from inventory_service.settings import Settings
from inventory_service.web import health, pages
from inventory_service.web.accuracy_metrics import AccuracyMetrics
from inventory_service.web.endpoints import ENDPOINTS, POSTINGS, STAFF_ENDPOINTS, answering, preflight, taking
from inventory_service.web.metrics import Metrics
from inventory_service.web.middlewares import LONGEST_BODY_BYTES, receiving, within
from inventory_service.web.openapi import openapi_document
from inventory_service.web.parts import METRICS, SERVICE, SETTINGS, STATIC, WRITER
from inventory_service.web.quick import Quick
from inventory_service.web.replying import Reply, entity_tag, respond
from inventory_service.web.security import finish_headers
from inventory_service.web.staff_asking import answering_staff
from inventory_service.web.written import Writer

METHODS = {"GET": ("GET", "HEAD"), "POST": ("POST",)}
"""What an address takes beside OPTIONS."""


def create_app(service: Service, settings: Settings, registry: CollectorRegistry | None = None) -> web.Application:
    """`registry` takes our metrics; the program that starts and stops `service` may share it. None: one of its own."""
    metrics = Metrics(registry or CollectorRegistry())
    metrics.registry.register(AccuracyMetrics(service.accuracy_told))
    middlewares = [observing(metrics.requests), reporting, receiving(), within(settings.deadline_s)]
    app = web.Application(middlewares=middlewares, client_max_size=LONGEST_BODY_BYTES)
    app[SERVICE] = service
    app[SETTINGS] = settings
    app[METRICS] = metrics
    app[WRITER] = Writer()
    if not settings.require_key:
        quick: QuickHandler = Quick(service, app[WRITER], metrics, settings.deadline_s, settings.cache_max_age_s)
        app[QUICK] = quick
    app[STATIC] = pages.read_files()
    app.on_response_prepare.append(finish_headers)
    _openapi_reply()
    _add_api(app)
    _add_pages(app)
    return app


def _add_api(app: web.Application) -> None:
    for endpoint in ENDPOINTS:
        app.router.add_get(endpoint.path, answering(endpoint))
        app.router.add_options(endpoint.path, preflight("GET, HEAD, OPTIONS"))
    for posting in POSTINGS:
        app.router.add_post(posting.path, taking(posting))
        app.router.add_options(posting.path, preflight("POST, OPTIONS"))
    _add_staff(app)
    app.router.add_get("/openapi.json", _openapi)
    app.router.add_get("/livez", health.livez)
    app.router.add_get("/readyz", health.readyz)
    app.router.add_get("/metrics", health.metrics)


def _add_staff(app: web.Application) -> None:
    taken: dict[str, set[str]] = {}
    for endpoint in STAFF_ENDPOINTS:
        if endpoint.method == "GET":
            app.router.add_get(endpoint.path, answering_staff(endpoint))
        else:
            app.router.add_route(endpoint.method, endpoint.path, answering_staff(endpoint))
        taken.setdefault(endpoint.path, {"OPTIONS"}).update(METHODS[endpoint.method])
    for path, methods in taken.items():
        app.router.add_options(path, preflight(", ".join(sorted(methods))))


def _add_pages(app: web.Application) -> None:
    app.router.add_get("/", pages.home)
    app.router.add_get("/accuracy", pages.accuracy)
    app.router.add_get("/staff", pages.staff)
    app.router.add_get("/staff-worker.js", pages.staff_worker)
    app.router.add_get("/docs", pages.docs)
    app.router.add_get("/favicon.ico", pages.favicon)
    app.router.add_get("/problems/{slug}", pages.problem_page)
    for prefix in ("static", "docs"):
        app.router.add_get(f"/{prefix}/{{name:.+}}", pages.asset)


async def _openapi(request: web.Request) -> web.Response:
    return respond(request, _openapi_reply(), pages.PAGE_CACHING)


def openapi_file() -> bytes:
    """What stands at /openapi.json."""
    return _openapi_reply().body


@cache
def _openapi_reply() -> Reply:
    body = orjson.dumps(openapi_document(ENDPOINTS, POSTINGS, STAFF_ENDPOINTS))
    return Reply(body, entity_tag(body))
