"""From a body to an HTTP response: ETag, 304, caching and compression."""

import gzip
from typing import Any, NamedTuple

import orjson
from aiohttp import web
from xxhash import xxh3_128

from inventory_service.web.jsonld import MEDIA_TYPE as LINKED_DATA
from inventory_service.web.models import Document
from inventory_service.web.negotiating import JSON, takes_gzip

COMPRESSED_FROM_BYTES = 1024
STALE_WHILE_REVALIDATE_S = 10
VARY = "Accept, Accept-Encoding, Authorization, Origin"


class Reply(NamedTuple):
    """A body and its entity tag, which stands for the part of it that lasts."""

    body: bytes
    etag: str
    media_type: str = JSON


def entity_tag(*lasting: bytes | memoryview) -> str:
    """Of parts one behind the other."""
    digest = xxh3_128()
    for part in lasting:
        digest.update(part)
    return f'W/"{digest.hexdigest()}"'


def document_reply(document: Document) -> Reply:
    body = document.model_dump_json(exclude_unset=True).encode()
    if document.fleeting is None:
        return Reply(body, entity_tag(body))
    lasting = document.model_dump_json(exclude_unset=True, exclude=document.fleeting)
    return Reply(body, entity_tag(lasting.encode()))


def linked_reply(linked: dict[str, Any]) -> Reply:
    body = orjson.dumps(linked)
    return Reply(body, entity_tag(body), LINKED_DATA)


def cache_control(reach: str, max_age_s: int) -> str:
    """`reach` is public or private."""
    return f"{reach}, max-age={max_age_s}, stale-while-revalidate={STALE_WHILE_REVALIDATE_S}"


def respond(request: web.Request, reply: Reply, caching: str) -> web.Response:
    headers = {"ETag": reply.etag, "Cache-Control": caching, "Vary": VARY}
    if is_held(request.headers.getall("If-None-Match", []), reply.etag):
        return web.Response(status=304, headers=headers)
    body = reply.body
    if len(body) > COMPRESSED_FROM_BYTES and takes_gzip(request.headers.get("Accept-Encoding", "")):
        body = compressed(body)
        headers["Content-Encoding"] = "gzip"
    return web.Response(body=body, headers={**headers, "Content-Type": reply.media_type})


def whole(request: web.Request, body: bytes) -> web.Response:
    """What is not kept: the answer to a POST."""
    headers = {"Content-Type": JSON, "Cache-Control": "no-store"}
    if len(body) > COMPRESSED_FROM_BYTES and takes_gzip(request.headers.get("Accept-Encoding", "")):
        body = compressed(body)
        headers["Content-Encoding"] = "gzip"
    return web.Response(body=body, headers=headers)


def compressed(body: bytes) -> bytes:
    return gzip.compress(body, compresslevel=1, mtime=0)


def is_held(if_none_match: list[str], etag: str) -> bool:
    """Weak comparison of a list of entity tags, or `*`."""
    held = {tag.strip().removeprefix("W/") for line in if_none_match for tag in line.split(",")}
    return "*" in held or etag.removeprefix("W/") in held
