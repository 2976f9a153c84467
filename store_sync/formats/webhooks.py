"""The webhooks of shop systems: a body whose signature was verified becomes records."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from inventory_service.domain.feed import Refusal, Row
from store_sync.formats import shopify, square
from store_sync.formats.json_text import Members, json_object
from store_sync.formats.lines import Unreadable, decoded
from store_sync.formats.reasons import Unusable
from store_sync.formats.signatures import Vendor, header

MAX_BODY = 1 << 20
"""Bytes; Square's longest have about 100 counts."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """What a webhook says. `event_id` is the vendor's, the same however often it is sent; None where it names none.

    No `lines`: it is about something else than a shelf, which is fine and has no effect.
    """

    event_id: str | None
    lines: tuple[Row | Refusal, ...]


def read(vendor: Vendor, headers: Mapping[str, str], body: bytes) -> Webhook:
    """Reads a webhook; whatever its bytes are, nothing is raised."""
    return _READERS[vendor](headers, body)


def _shopify(headers: Mapping[str, str], body: bytes) -> Webhook:
    event_id = header(headers, "X-Shopify-Event-Id") or None
    if header(headers, "X-Shopify-Topic") not in (None, shopify.TOPIC):
        return Webhook(event_id, ())
    said, raw = _said(body)
    return Webhook(event_id, (said,) if isinstance(said, Refusal) else shopify.lines(said, raw))


def _square(_: Mapping[str, str], body: bytes) -> Webhook:
    said, raw = _said(body)
    if isinstance(said, Refusal):
        return Webhook(None, (said,))
    return Webhook(square.event_id(said), square.lines(said, raw))


def _said(body: bytes) -> tuple[Members | Refusal, str]:
    """The body's object, and its text."""
    text = decoded(body, MAX_BODY)
    if isinstance(text, Unreadable):
        return Refusal(1, None, text.reason, text.detail, text.raw), text.raw
    try:
        return json_object(text), text
    except Unusable as fault:
        return fault.refusal(1, text), text


_READERS: Final[Mapping[Vendor, Callable[[Mapping[str, str], bytes], Webhook]]] = {
    "shopify": _shopify,
    "square": _square,
}
