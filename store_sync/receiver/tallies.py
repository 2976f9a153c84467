"""Tallies of loads: added up, and as JSON."""

from collections import Counter
from dataclasses import fields
from typing import Any

import orjson
from aiohttp import web

from inventory_service.domain.feed import Loaded

NOTHING = Loaded(reasons={})
LAST = frozenset({"load_id"})
"""Of two loads the later one's is told."""


def added(one: Loaded, other: Loaded) -> Loaded:
    """Both together; `load_id` is the later one's."""
    values: dict[str, Any] = {}
    for name in (field.name for field in fields(Loaded)):
        if name == "reasons":
            values[name] = dict(Counter(one.reasons or {}) + Counter(other.reasons or {}))
        elif name in LAST:
            values[name] = getattr(other, name)
        else:
            values[name] = getattr(one, name) + getattr(other, name)
    return Loaded(**values)


def as_json(loaded: Loaded) -> dict[str, Any]:
    return {field.name: getattr(loaded, field.name) for field in fields(loaded)}


def reply(document: Any) -> web.Response:
    """200 with `document` as JSON; nobody may keep it."""
    body = orjson.dumps(document, default=str, option=orjson.OPT_UTC_Z)
    return web.Response(body=body, headers={"Content-Type": "application/json", "Cache-Control": "no-store"})
