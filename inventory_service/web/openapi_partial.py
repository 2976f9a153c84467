"""Answers to keys that were made for some fields alone, in the OpenAPI document: they have schemas of their own.

So whoever has any other key, or a client generated for it, can count on every field.
"""

from collections.abc import Collection
from typing import Any

from inventory_service.web.models import Result, ShelfItem

Json = dict[str, Any]

REFERENCE = "#/components/schemas/"
LED_TO = "item"
"""The one field of a ShelfItem that every key is told: its place in the list."""
CUT = (Result.__name__, ShelfItem.__name__)
MEANING = "As a key is told it that was made for some fields of a result alone: the others are left out."


def offer_partial(paths: Json, schemas: Json) -> None:
    """Each answer that holds a result may also be a partial one."""
    cut = _holders(schemas)
    schemas |= {_partial(name): _without_what_is_cut(name, schemas[name], cut) for name in sorted(cut)}
    for operations in paths.values():
        for operation in operations.values():
            operation["responses"] = _offered(operation["responses"], cut)


def _offered(told: Any, cut: Collection[str]) -> Any:
    match told:
        case {"$ref": str(reference)} if (name := reference.removeprefix(REFERENCE)) in cut:
            return {"anyOf": [told, {"$ref": REFERENCE + _partial(name)}]}
        case dict():
            return {name: _offered(one, cut) for name, one in told.items()}
        case list():
            return [_offered(one, cut) for one in told]
    return told


def _holders(schemas: Json) -> set[str]:
    """What is cut, and whatever holds it, directly or not."""
    found = set(CUT) & set(schemas)
    while more := {name for name, schema in schemas.items() if name not in found and _references(schema) & found}:
        found |= more
    return found


def _references(schema: Any) -> set[str]:
    match schema:
        case {"$ref": str(reference)}:
            return {reference.removeprefix(REFERENCE)}
        case dict():
            return {name for one in schema.values() for name in _references(one)}
        case list():
            return {name for one in schema for name in _references(one)}
    return set()


def _without_what_is_cut(name: str, schema: Json, cut: Collection[str]) -> Json:
    partial: Json = {**_renamed(schema, cut), "title": _partial(name), "description": MEANING}
    if name in CUT:
        partial["required"] = [field for field in partial["required"] if field == LED_TO]
    return partial


def _renamed(schema: Any, cut: Collection[str]) -> Any:
    match schema:
        case {"$ref": str(reference)} if reference.removeprefix(REFERENCE) in cut:
            return {**schema, "$ref": REFERENCE + _partial(reference.removeprefix(REFERENCE))}
        case dict():
            return {name: _renamed(one, cut) for name, one in schema.items()}
        case list():
            return [_renamed(one, cut) for one in schema]
    return schema


def _partial(name: str) -> str:
    return f"Partial{name}"
