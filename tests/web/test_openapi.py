"""The OpenAPI document and the service say the same."""

import asyncio
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import AsyncExitStack
from itertools import product
from pathlib import Path

import jsonschema_rs
import pytest
import schemathesis
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from inventory_service.runtime.http.server import serve_app
from inventory_service.settings import Settings
from inventory_service.web.app import create_app
from inventory_service.web.endpoints import ENDPOINTS, INQUIRIES, PARTNER_ENDPOINTS, POSTINGS, STAFF_ENDPOINTS
from inventory_service.web.openapi import openapi_document
from inventory_service.web.problems import known_problems
from inventory_service.web.stream import PATH as STREAM
from tests.web.conftest import QUESTION, Ask
from tests.web.twin import Twin

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
    unsupported_method,
]
KEYWORDS = {
    *("type", "format", "pattern", "default", "items", "maxItems", "enum"),
    *("minimum", "maximum", "minLength", "maxLength"),
}
PATHS = [endpoint.path for endpoint in ENDPOINTS]
STAFF = [(endpoint.method, endpoint.path) for endpoint in STAFF_ENDPOINTS]
PARTNERS = [(endpoint.method, endpoint.path) for endpoint in PARTNER_ENDPOINTS]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A server in its own thread, since schemathesis asks from outside any event loop."""
    loop, stack = asyncio.new_event_loop(), AsyncExitStack()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    serving = serve_app(create_app(Twin(), Settings()), "127.0.0.1", 0)
    port = asyncio.run_coroutine_threadsafe(stack.enter_async_context(serving), loop).result()
    urllib.request.urlopen(f"http://127.0.0.1:{port}{QUESTION}", timeout=240).close()  # compiles, where nobody has
    yield f"http://127.0.0.1:{port}"
    asyncio.run_coroutine_threadsafe(stack.aclose(), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


HEALTH = [("GET", "/livez"), ("GET", "/readyz")]
ADDRESSES = [*(("GET", path) for path in PATHS), *(("POST", one.path) for one in INQUIRIES), *STAFF, *PARTNERS]


@pytest.mark.parametrize(
    ("method", "path", "mode"),
    [
        *((*address, mode) for address, mode in product(ADDRESSES, GenerationMode)),
        *((*address, GenerationMode.POSITIVE) for address in HEALTH),
    ],
)
def test_no_generated_request_breaks_the_documented_schema(
    address: str, method: str, path: str, mode: GenerationMode
) -> None:
    """Without a key: staff's and partners' own addresses refuse whatever it says."""
    operation = schemathesis.openapi.from_url(f"{address}/openapi.json")[path][method]

    @hypothesis_settings(
        max_examples=20, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def hold(case: schemathesis.Case) -> None:
        case.call_and_validate(checks=CHECKS)

    hold()


async def test_real_answers_fit_the_documented_schema(ask: Ask) -> None:
    document = (await ask("/openapi.json")).json
    schema = {"$ref": "#/components/schemas/AvailabilityAnswer", "components": document["components"]}
    validator = jsonschema_rs.validator_for(schema)
    validator.validate((await ask(QUESTION)).json)
    validator.validate((await ask(QUESTION, Authorization="Bearer sk_counts_0123456789")).json)


def test_every_parameter_is_described_and_no_address_takes_the_key_as_one() -> None:
    paths = openapi_document(ENDPOINTS)["paths"]
    for path in PATHS:
        for parameter in paths[path]["get"]["parameters"]:
            assert parameter["description"], (path, parameter["name"])
            assert parameter["name"] != "key"
            assert set(parameter["schema"]) <= KEYWORDS


def test_every_endpoint_names_all_its_statuses() -> None:
    paths = openapi_document(ENDPOINTS)["paths"]
    assert set(paths["/v1/availability"]["get"]["responses"]) == {
        *("200", "304", "308"),
        *("400", "401", "403", "404", "429", "503"),
    }
    assert all(
        {"200", "304", "400", "401", "403", "429", "503"} <= set(paths[path]["get"]["responses"]) for path in PATHS
    )


def test_all_that_is_asked_by_post_and_told_in_a_stream_is_described() -> None:
    document = openapi_document(ENDPOINTS, (*POSTINGS, *INQUIRIES), STAFF_ENDPOINTS)
    schemas = document["components"]["schemas"]
    for name in ("BatchBody", "Pair", "BasketBody", "Wanted"):
        assert all("description" in field or "default" in field for field in schemas[name]["properties"].values())
    for name in ("BatchAnswer", "PairAnswer", "BasketAnswer", "BasketStore", "BasketPair"):
        assert schemas[name]["description"]
    stream = document["paths"][STREAM]["get"]
    assert "text/event-stream" in stream["responses"]["200"]["content"]
    assert stream["parameters"] == document["paths"]["/v1/availability"]["get"]["parameters"]


def test_every_field_that_staff_and_partners_send_or_ask_by_is_described() -> None:
    document = openapi_document(ENDPOINTS, POSTINGS, (*STAFF_ENDPOINTS, *PARTNER_ENDPOINTS))
    for method, path in (*STAFF, *PARTNERS):
        operation = document["paths"][path][method.lower()]
        assert all(parameter["description"] for parameter in operation["parameters"])
        assert operation["security"] == [{"bearer": []}]
    for body in ("ConfirmationBody", "WebhookBody"):
        fields = document["components"]["schemas"][body]["properties"]
        assert all(field["description"] for field in fields.values())


def test_the_manual_lists_every_address_and_every_problem() -> None:
    manual = (Path(__file__).parents[2] / "docs" / "API.md").read_text()
    told = (*POSTINGS, *INQUIRIES)
    named = (*PATHS, STREAM, *(one.path for one in told), *(path for _, path in (*STAFF, *PARTNERS)))
    for name in (*named, *(str(problem["type"]) for problem in known_problems())):
        assert f"`{name}`" in manual
