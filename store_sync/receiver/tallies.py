"""Tallies of loads as JSON."""

from dataclasses import fields
from typing import Any

import orjson
from aiohttp import web

from inventory_service.domain.feed import Loaded

NOTHING = Loaded(reasons={})


def as_json(loaded: Loaded) -> dict[str, Any]:
    """The counts; refused lines are told by whoever answers, in its own words."""
    return {field.name: getattr(loaded, field.name) for field in fields(loaded) if field.name != "refusals"}


def reply(document: Any) -> web.Response:
    """200 with `document` as JSON; nobody may keep it."""
    body = orjson.dumps(document, default=str, option=orjson.OPT_UTC_Z)
    return web.Response(body=body, headers={"Content-Type": "application/json", "Cache-Control": "no-store"})
