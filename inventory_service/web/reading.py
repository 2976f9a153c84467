"""From a query string to a checked query, naming every field that is wrong at once."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from inventory_service.domain.errors import FieldFault, InputError
from inventory_service.runtime.http.query_string import QueryString, shown_name
from inventory_service.web.queries import Query

KEY_PARAMETER = "key"
"""Says who asks, not what is asked: no query model lists it."""

Q = TypeVar("Q", bound=Query)


def read_query(model: type[Q], asked: QueryString, path: Mapping[str, str]) -> Q:
    """Raises InputError with a fault for each field that is wrong."""
    given = {name: asked.values(name) for name, _ in asked.pairs if name != KEY_PARAMETER}
    faults = [*asked.faults, *_name_faults(model, given)]
    values: dict[str, Any] = {
        name: texts if name in model.repeatable else texts[0]
        for name, texts in given.items()
        if name in _parameters(model)
    }
    broken = {fault.pointer for fault in asked.faults}
    faults += model.choice_faults(values.keys() | broken)
    try:
        query = model.model_validate({**values, **path})
    except ValidationError as error:
        faults += [_field_fault(detail) for detail in error.errors() if detail["loc"][0] not in broken]
        raise InputError(*faults) from None
    if faults:
        raise InputError(*faults)
    return query


def _parameters(model: type[Query]) -> list[str]:
    return [name for name in model.model_fields if name not in model.in_path]


def _name_faults(model: type[Query], given: Mapping[str, list[str]]) -> list[FieldFault]:
    known = _parameters(model)
    others = f"these are: {', '.join(known)}" if known else "this address takes none"
    unknown = f"is not a parameter here; {others}"
    faults = [FieldFault(shown_name(name), unknown) for name in given if name not in known]
    twice = [name for name in known if name not in model.repeatable and len(given.get(name, ())) > 1]
    return faults + [FieldFault(name, "must be given only once") for name in twice]


def _field_fault(detail: ErrorDetails) -> FieldFault:
    if detail["type"] == "too_long":
        return FieldFault(str(detail["loc"][0]), f"must be given at most {detail['ctx']['max_length']} times")
    return FieldFault(str(detail["loc"][0]), sentence(detail))


def sentence(detail: ErrorDetails) -> str:
    """What is wrong, to be read after the field's name."""
    context = detail.get("ctx", {})
    match detail["type"]:
        case "missing":
            return "is required"
        case "extra_forbidden":
            return "is not a field here"
        case "literal_error":
            return f"must be one of {context['expected']}"
        case "int_type":
            return "must be a whole number"
        case "float_type":
            return "must be a number"
        case "bool_type":
            return "must be true or false"
        case "string_type":
            return "must be text"
        case "list_type":
            return "must be a list"
        case "model_type":
            return "must be a JSON object"
        case "value_error":
            return str(context["error"])
        case "greater_than_equal":
            return f"must be at least {_plain(context['ge'])}"
        case "less_than_equal":
            return f"must be at most {_plain(context['le'])}"
        case "string_too_short":
            return "must not be empty"
        case "string_too_long":
            return f"must have at most {context['max_length']} characters"
        case "string_pattern_mismatch":
            return "must hold only letters, digits, dots, hyphens and underscores, at most 64"
        case "too_short":
            return "must not be empty"
        case "too_long":
            return f"must have at most {context['max_length']:,} items"
        case "timezone_aware":
            return "must tell its offset from UTC: end it with Z, or with one such as +01:00"
        case kind if kind.startswith("datetime"):
            return "must be an ISO 8601 time, such as 2026-11-22T03:40:12Z"
        case _:
            return detail["msg"]


def _plain(bound: float) -> str:
    return str(bound) if isinstance(bound, int) else f"{bound:.10g}"
