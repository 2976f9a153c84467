"""The OpenAPI 3.1 document, made from the models that validate and serialise."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from inventory_service.runtime.http.problems import MEDIA_TYPE as PROBLEM
from inventory_service.runtime.http.problems import Problem
from inventory_service.web import stream
from inventory_service.web.asking import Endpoint
from inventory_service.web.inquiring import Inquiry
from inventory_service.web.models import AvailabilityAnswer, Document, Liveness, Readiness
from inventory_service.web.openapi_names import finish, tags_of
from inventory_service.web.openapi_partial import offer_partial
from inventory_service.web.partner_asking import PartnerEndpoint
from inventory_service.web.posting import Posting
from inventory_service.web.problem_texts import advice_on
from inventory_service.web.problems import known_problems
from inventory_service.web.queries import AvailabilityQuery, Query
from inventory_service.web.staff_asking import IDEMPOTENCY_KEY, LONGEST_NAME, StaffEndpoint
from inventory_service.web.staff_bodies import Body

DESCRIPTION = (
    "Is it on the shelf near me, right now, and how sure are you?\n\n"
    "Each answer carries its evidence (what was last seen, by whom, when) and a probability that the shelf has it now, "
    "learned from what staff saw: `/v1/accuracy` tells how right it was. Where nobody has told us for too long, it "
    "says `unknown`.\n\n"
    "Reading needs no key at the lowest limit, unless whoever runs the service wants one of everybody. Keys go as "
    "`Authorization: Bearer KEY`; a publishable key (`pk_`) may stand in the address as `?key=`. Errors are "
    "`application/problem+json`, and each `type` leads to a page. Unknown "
    "parameters and fields are refused, not ignored. Within v1 fields may be added to answers: ignore those that you "
    "do not know."
)
REFERENCE = "#/components/schemas/{model}"
ALWAYS_POSSIBLE = (400, 401, 403, 429, 503)
WITH_A_BODY = (408, 413, 415)
MEANINGS = {
    308: "The product has been merged: the same question with its new id.",
    400: "Invalid values; each field is named.",
    401: "A valid key is needed.",
    403: "The key does not allow this, is for other web origins, or could never pay for it.",
    404: "Nothing is known by that name.",
    408: "The body did not come in time.",
    409: "It can no longer be taken back, or need not be sent again.",
    413: "The body is too large.",
    415: "The body is compressed.",
    422: "The Idempotency-Key came with another request before.",
    429: "The limit is used up for now, or more has been sent than is taken; see Retry-After.",
    503: "The service cannot answer just now.",
}
IDEMPOTENCY = {
    "name": IDEMPOTENCY_KEY,
    "in": "header",
    "required": False,
    "description": "A name for this request: sent again under it, it has no further effect and the same reply.",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME, "pattern": "^[ -~]*$"},
}
TEXT_HEADER = {"schema": {"type": "string"}}
LIMIT_HEADERS = {
    "RateLimit-Policy": {**TEXT_HEADER, "description": "All limits that hold; left out where there is none."},
    "RateLimit": {**TEXT_HEADER, "description": "What remains of the one that is nearest to its end."},
}
CACHE_HEADERS = {"ETag": TEXT_HEADER, "Cache-Control": TEXT_HEADER, **LIMIT_HEADERS}
Json = dict[str, Any]


def openapi_document(
    endpoints: Sequence[Endpoint],
    postings: Sequence[Posting | Inquiry] = (),
    by_method: Sequence[StaffEndpoint | PartnerEndpoint] = (),
) -> Json:
    """The whole document, ready to be serialised. `by_method`: addresses that know whose key it is."""
    operations: dict[str, Json] = {endpoint.path: {"get": _operation(endpoint)} for endpoint in endpoints}
    operations[stream.PATH] = {"get": _stream(stream.SUMMARY)}
    operations |= {posting.path: {"post": _statement(posting)} for posting in postings}
    for endpoint in by_method:
        operations.setdefault(endpoint.path, {})[endpoint.method.lower()] = _keyed_operation(endpoint)
    health: dict[str, Json] = {"/livez": {"get": _health(Liveness, ())}, "/readyz": {"get": _health(Readiness, (503,))}}
    answers = [*(one.document for one in endpoints), *(one.document for one in by_method)]
    documents: list[type[BaseModel]] = [*answers, *(one.document for one in postings), Liveness, Readiness, Problem]
    bodies: list[type[BaseModel]] = [posting.body for posting in postings]
    bodies += [endpoint.body for endpoint in by_method if endpoint.body is not Body]
    paths, schemas = {**operations, **health}, _schemas(documents, bodies)
    finish(paths)
    offer_partial(paths, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Nearshelf",
            "version": "1",
            "description": DESCRIPTION,
        },
        "servers": [{"url": "/"}],
        "security": [{}, {"bearer": []}, {"publishable": []}],
        "tags": tags_of(paths),
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": _security_schemes()},
        "x-problems": [{**one, "advice": advice_on(str(one["type"]))} for one in known_problems()],
    }


def _operation(endpoint: Endpoint) -> Json:
    media = ("application/json", *endpoint.other_media)
    answer = {
        "description": (endpoint.document.__doc__ or "").strip(),
        "headers": CACHE_HEADERS,
        "content": {"application/json": {"schema": _reference(endpoint.document)}}
        | {name: {"schema": {"type": "object"}} for name in media[1:]},
    }
    statuses = sorted({*ALWAYS_POSSIBLE, *endpoint.statuses})
    return {
        "summary": endpoint.summary,
        "description": (endpoint.query.__doc__ or "").strip(),
        "parameters": _parameters(endpoint.query),
        "responses": {"200": answer, "304": {"description": "What you hold still stands.", "headers": CACHE_HEADERS}}
        | {str(status): _problem(status) for status in statuses},
    }


def _stream(summary: str) -> Json:
    text = (
        "Events `availability` hold a whole AvailabilityAnswer (or a PartialAvailabilityAnswer), and its ETag as `id`; "
        "an event `problem` holds a Problem and is the last. Lines that begin with a colon keep the connection alive."
    )
    content = {"text/event-stream": {"schema": _event()}}
    return {
        "summary": summary,
        "description": (AvailabilityQuery.__doc__ or "").strip(),
        "parameters": _parameters(AvailabilityQuery),
        "responses": {"200": {"description": text, "content": content}}
        | {str(status): _problem(status) for status in (*ALWAYS_POSSIBLE[:-1], 308, 404, 429, 503)},
    }


def _event() -> Json:
    """One event: what OpenAPI 3.2 calls `itemSchema`, and readers of 3.1 hold each event of a stream to."""
    told = {"anyOf": [_reference(AvailabilityAnswer), _reference(Problem)]}
    data = {"type": "string", "contentMediaType": "application/json", "contentSchema": told}
    return {
        "type": "object",
        "description": "Each event by itself.",
        "required": ["event", "data"],
        "properties": {
            "event": {"enum": ["availability", "problem"]},
            "data": data,
            "id": {"type": "string"},
            "retry": {"type": "integer", "minimum": 0},
        },
    }


def _statement(posting: Posting | Inquiry) -> Json:
    content = {"application/json": {"schema": _reference(posting.document)}}
    statuses = sorted({*ALWAYS_POSSIBLE, *WITH_A_BODY, *posting.statuses})
    return {
        "summary": posting.summary,
        "description": (posting.body.__doc__ or "").strip(),
        "requestBody": {"required": True, "content": {"application/json": {"schema": _reference(posting.body)}}},
        "responses": {str(one): {"description": text, "content": content} for one, text in posting.successes.items()}
        | {str(status): _problem(status) for status in statuses},
    }


def _keyed_operation(endpoint: StaffEndpoint | PartnerEndpoint) -> Json:
    answer = {
        "description": (endpoint.document.__doc__ or "").strip(),
        "headers": {"Cache-Control": TEXT_HEADER, **LIMIT_HEADERS},
        "content": {"application/json": {"schema": _reference(endpoint.document)}},
    }
    sent = () if endpoint.body is Body else WITH_A_BODY
    statuses = sorted({*ALWAYS_POSSIBLE, *sent, *endpoint.statuses})
    operation = {
        "summary": endpoint.summary,
        "description": (endpoint.query.__doc__ or "").strip(),
        "security": [{"bearer": []}],
        "parameters": _parameters(endpoint.query),
        "responses": {str(endpoint.status): answer} | {str(status): _problem(status) for status in statuses},
    }
    if endpoint.body is Body:
        return operation
    content = {"application/json": {"schema": _reference(endpoint.body)}}
    taking = {**operation, "requestBody": {"required": True, "content": content}}
    return {**taking, "parameters": [IDEMPOTENCY]} if isinstance(endpoint, StaffEndpoint) else taking


def _parameters(query: type[Query]) -> list[Json]:
    schema = query.model_json_schema(mode="validation")
    required = schema.get("required", [])
    return [
        _parameter(name, dict(field), name in query.in_path, name in required)
        for name, field in schema["properties"].items()
    ]


def _parameter(name: str, field: Json, *where: bool) -> Json:
    in_path, required = where
    schema = _never_null(field)
    description, examples = schema.pop("description", ""), schema.pop("examples", None)
    parameter = {
        "name": name,
        "in": "path" if in_path else "query",
        "required": required,
        "description": description,
        "schema": schema,
    }
    if examples:
        parameter["examples"] = {f"e{place}": {"value": value} for place, value in enumerate(examples)}
    return parameter


def _never_null(field: Json) -> Json:
    """A parameter is absent rather than null."""
    field.pop("title", None)
    choices = [choice for choice in field.pop("anyOf", []) if choice.get("type") != "null"]
    if field.get("default", ...) is None:
        del field["default"]
    return {**choices[0], **field} if choices else field


def _health(document: type[Document], statuses: Sequence[int]) -> Json:
    answer = {
        "description": (document.__doc__ or "").strip(),
        "content": {"application/json": {"schema": _reference(document)}},
    }
    return {
        "summary": (document.__doc__ or "").strip(),
        "security": [],
        "responses": {"200": answer} | {str(status): _problem(status) for status in statuses},
    }


def _problem(status: int) -> Json:
    headers = {
        308: {"Location": TEXT_HEADER},
        401: {"WWW-Authenticate": TEXT_HEADER},
        429: {"Retry-After": TEXT_HEADER, **LIMIT_HEADERS},
        503: {"Retry-After": TEXT_HEADER},
    }
    return {
        "description": MEANINGS[status],
        "headers": headers.get(status, {}),
        "content": {PROBLEM: {"schema": _reference(Problem)}},
    }


def _reference(model: type[BaseModel]) -> Json:
    return {"$ref": REFERENCE.format(model=model.__name__)}


def _schemas(documents: Sequence[type[BaseModel]], bodies: Sequence[type[BaseModel]]) -> Json:
    told: list[tuple[type[BaseModel], JsonSchemaMode]] = [(model, "serialization") for model in documents]
    told += [(model, "validation") for model in bodies]
    _, schemas = models_json_schema(told, ref_template=REFERENCE)
    definitions: Json = schemas["$defs"]
    return definitions


def _security_schemes() -> Json:
    return {
        "bearer": {"type": "http", "scheme": "bearer", "description": "Any key: Authorization: Bearer KEY."},
        "publishable": {
            "type": "apiKey",
            "in": "query",
            "name": "key",
            "description": "A publishable key (pk_) only, from one of its web origins.",
        },
    }
