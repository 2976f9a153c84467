"""The one place where the web application is put together."""

from functools import cache

import orjson
from aiohttp import web
from prometheus_client import CollectorRegistry

from inventory_service.lookup.service import Service
from inventory_service.runtime.http.callers import Callers, read_networks
from inventory_service.runtime.http.cuts import CUTS, Cuts
from inventory_service.runtime.http.draining import AT_THE_END
from inventory_service.runtime.http.middlewares import observing, reporting
from inventory_service.runtime.http.quick import QUICK, QuickHandler
from inventory_service.settings import Settings
from inventory_service.web import health, pages, widget_scripts
from inventory_service.web.accuracy_metrics import AccuracyMetrics
from inventory_service.web.charging import counting_refusals
from inventory_service.web.endpoints import (
    ENDPOINTS,
    INQUIRIES,
    PARTNER_ENDPOINTS,
    POSTINGS,
    STAFF_ENDPOINTS,
    answering,
    inquiring,
    preflight,
    streaming,
    taking,
)
from inventory_service.web.metrics import Metrics
from inventory_service.web.middlewares import LONGEST_BODY_BYTES, receiving, within
from inventory_service.web.openapi import openapi_document
from inventory_service.web.partner_asking import answering_partner
from inventory_service.web.parts import CALLERS, METRICS, SERVICE, SETTINGS, STATIC, WRITER
from inventory_service.web.problem_pages import problem_page
from inventory_service.web.quick import Quick
from inventory_service.web.replying import Reply, entity_tag, respond
from inventory_service.web.security import finish_headers
from inventory_service.web.staff_asking import answering_staff
from inventory_service.web.stream import PATH as STREAM
from inventory_service.web.stream_metrics import StreamMetrics
from inventory_service.web.written import Writer

METHODS = {"GET": ("GET", "HEAD"), "POST": ("POST",), "DELETE": ("DELETE",)}
"""What an address takes beside OPTIONS."""


def create_app(service: Service, settings: Settings, registry: CollectorRegistry | None = None) -> web.Application:
    """`registry` takes our metrics; the program that starts and stops `service` may share it. None: one of its own."""
    metrics = Metrics(registry or CollectorRegistry(), service.ledger)
    metrics.registry.register(AccuracyMetrics(service.accuracy_told))
    middlewares = [observing(metrics.requests), reporting, counting_refusals, receiving(), within(settings.deadline_s)]
    callers = Callers(read_networks(settings.trusted_proxies or ""))
    metrics.registry.register(StreamMetrics(service.streams))
    app = web.Application(middlewares=middlewares, client_max_size=LONGEST_BODY_BYTES)
    app[SERVICE] = service
    app[SETTINGS] = settings
    app[METRICS] = metrics
    app[WRITER] = Writer()
    quick: QuickHandler = Quick(service, app[WRITER], metrics, callers, settings)
    app[QUICK] = quick
    app[CALLERS] = callers
    app[STATIC] = {**pages.read_files(), **widget_scripts.read_scripts()}
    app[CUTS] = Cuts(metrics.registry)
    app[AT_THE_END] = service.streams.end
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
    for inquiry in INQUIRIES:
        app.router.add_post(inquiry.path, inquiring(inquiry))
        app.router.add_options(inquiry.path, preflight("POST, OPTIONS"))
    app.router.add_get(STREAM, streaming(), allow_head=False)
    app.router.add_options(STREAM, preflight("GET, OPTIONS"))
    _add_by_method(app)
    app.router.add_get("/openapi.json", _openapi)
    app.router.add_get("/livez", health.livez)
    app.router.add_get("/readyz", health.readyz)
    app.router.add_get("/metrics", health.metrics)


def _add_by_method(app: web.Application) -> None:
    handlers = [(one.method, one.path, answering_staff(one)) for one in STAFF_ENDPOINTS]
    handlers += [(one.method, one.path, answering_partner(one)) for one in PARTNER_ENDPOINTS]
    taken: dict[str, set[str]] = {}
    for method, path, handler in handlers:
        if method == "GET":
            app.router.add_get(path, handler)
        else:
            app.router.add_route(method, path, handler)
        taken.setdefault(path, {"OPTIONS"}).update(METHODS[method])
    for path, methods in taken.items():
        app.router.add_options(path, preflight(", ".join(sorted(methods))))


def _add_pages(app: web.Application) -> None:
    app.router.add_get("/", pages.home)
    app.router.add_get("/accuracy", pages.accuracy)
    app.router.add_get("/staff", pages.staff)
    app.router.add_get("/staff-worker.js", pages.staff_worker)
    app.router.add_get("/widget", pages.widget)
    app.router.add_get("/widget/{version}.js", widget_scripts.script)
    app.router.add_get("/docs", pages.docs)
    app.router.add_get("/favicon.ico", pages.favicon)
    app.router.add_get("/problems/{slug}", problem_page)
    for prefix in ("static", "docs"):
        app.router.add_get(f"/{prefix}/{{name:.+}}", pages.asset)


async def _openapi(request: web.Request) -> web.Response:
    return respond(request, _openapi_reply(), pages.PAGE_CACHING)


def openapi_file() -> bytes:
    """What stands at /openapi.json."""
    return _openapi_reply().body


@cache
def _openapi_reply() -> Reply:
    by_method = (*STAFF_ENDPOINTS, *PARTNER_ENDPOINTS)
    body = orjson.dumps(openapi_document(ENDPOINTS, (*POSTINGS, *INQUIRIES), by_method))
    return Reply(body, entity_tag(body))
