"""What readers and generated clients call the operations of the OpenAPI document, and how these lead to each other."""

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]

NAMES: Mapping[tuple[str, str], str] = {
    ("get", "/v1/products"): "find_products",
    ("get", "/v1/stores"): "find_stores",
    ("get", "/v1/places"): "find_places",
    ("get", "/v1/availability/stream"): "stream_availability",
    ("post", "/v1/availability/batch"): "ask_availability_batch",
    ("post", "/v1/basket"): "ask_basket",
    ("post", "/v1/reports"): "send_report",
    ("post", "/v1/staff/confirmations"): "confirm_shelf",
    ("get", "/v1/staff/confirmations"): "list_confirmations",
    ("post", "/v1/staff/confirmations/{id}/undo"): "undo_confirmation",
    ("get", "/v1/staff/checks"): "list_checks",
    ("get", "/v1/staff/me"): "get_staff_key",
    ("get", "/v1/staff/position"): "get_staff_position",
    ("post", "/v1/webhooks"): "create_webhook",
    ("get", "/v1/webhooks"): "list_webhooks",
    ("get", "/v1/webhooks/{id}/deliveries"): "list_deliveries",
    ("get", "/livez"): "get_liveness",
    ("get", "/readyz"): "get_readiness",
}
"""Others are named by their method and path."""
TAGS: Mapping[str, str] = {
    "availability": "Which stores have it, and how sure that is.",
    "basket": "Which store has most of a list.",
    "products": "What is sold.",
    "stores": "Places with shelves.",
    "places": "Postcodes and cities that `near` understands.",
    "reports": "What shoppers found.",
    "accuracy": "How right answers turned out to be.",
    "staff": "What staff see, and what they look at next; needs a staff key.",
    "webhooks": "Being told of changes instead of asking; needs a secret key.",
    "health": "For machines that watch.",
}
Leads = tuple[str, str, dict[str, str], str]
LEADS: Mapping[str, tuple[Leads, ...]] = {
    "find_products": (
        ("Product", "get_product", {"path.gtin": "$response.body#/results/0/gtin"}, "The first product by its GTIN."),
        ("Availability", "get_availability", {"query.product": "$response.body#/results/0/id"}, "Where it is."),
    ),
    "get_product": (("Availability", "get_availability", {"query.product": "$response.body#/id"}, "Where it is."),),
    "find_stores": (("Store", "get_store", {"path.id": "$response.body#/results/0/id"}, "The nearest store."),),
    "get_availability": (
        ("Store", "get_store", {"path.id": "$response.body#/results/0/store/id"}, "The nearest store that has it."),
        ("Product", "get_product", {"path.gtin": "$response.body#/product/gtin"}, "The product that was asked for."),
    ),
    "confirm_shelf": (("Undo", "undo_confirmation", {"path.id": "$response.body#/id"}, "Takes it back."),),
}
"""By operation: the name of a link, where it leads, with which parameters, and what is there."""


def name_of(method: str, path: str) -> str:
    """The `operationId`: /v1/stores/{id} is get_store."""
    if named := NAMES.get((method, path)):
        return named
    parts = [part for part in path.removeprefix("/v1/").split("/") if part]
    if parts[-1].startswith("{"):
        parts = [*parts[:-2], parts[-2].removesuffix("s")]
    return "_".join([method, *(part.strip("{}").replace("-", "_").replace(".", "_") for part in parts)])


def tag_of(path: str) -> str:
    return path.removeprefix("/v1/").split("/")[0] if path.startswith("/v1/") else "health"


def finish(paths: Json) -> None:
    """Gives each operation its name, its tag and its links."""
    known = {name_of(method, path) for path, operations in paths.items() for method in operations}
    for path, operations in paths.items():
        for method, operation in operations.items():
            operation["operationId"], operation["tags"] = name_of(method, path), [tag_of(path)]
            for name, to, parameters, meaning in LEADS.get(operation["operationId"], ()):
                if to in known:
                    link = {"operationId": to, "parameters": parameters, "description": meaning}
                    _success(operation)["links"] = {**_success(operation).get("links", {}), name: link}


def tags_of(paths: Json) -> list[Json]:
    """Those that are used, in the order of the paths."""
    used = dict.fromkeys(tag_of(path) for path in paths)
    return [{"name": name, **({"description": TAGS[name]} if name in TAGS else {})} for name in used]


def _success(operation: Json) -> Json:
    response: Json = next(of for status, of in operation["responses"].items() if status.startswith("2"))
    return response
