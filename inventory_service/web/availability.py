"""GET /v1/availability: which stores near a place have a product."""

from datetime import timedelta

from inventory_service.domain.availability import Question
from inventory_service.domain.errors import FieldFault, ForbiddenError, InputError
from inventory_service.domain.gtin import is_restricted
from inventory_service.lookup.service import Service
from inventory_service.web.asking import PRODUCT_NAMES, Ask, Endpoint, naming_product, origin_of, point_of, retailers_of
from inventory_service.web.jsonld import MEDIA_TYPE as LINKED_DATA
from inventory_service.web.jsonld import linked_data
from inventory_service.web.models import AvailabilityAnswer
from inventory_service.web.negotiating import prefers_linked_data
from inventory_service.web.presenter import InBands, InCounts, answer_seen
from inventory_service.web.queries import AvailabilityQuery
from inventory_service.web.replying import Reply, document_reply, linked_reply

OPEN_QUANTITY = 3
"""More than this asks for a count, which not everyone may see."""


async def availability(ask: Ask[AvailabilityQuery]) -> Reply:
    query, counted = ask.query, ask.key is not None and ask.key.sees_counts
    if query.quantity > OPEN_QUANTITY and not counted:
        raise ForbiddenError(f"Asking for quantity above {OPEN_QUANTITY} needs a key with scope counts.")
    retailers = retailers_of(query.retailer, ask.service)
    origin = origin_of(query, ask.service)
    field = named_product(query)
    with naming_product(field):
        product_id = await product_id_of(query, retailers, ask.service)
    question = Question(
        product_id=product_id,
        origin=point_of(origin),
        radius_m=query.radius_m,
        limit=query.limit,
        quantity=query.quantity,
        arrive_in=timedelta(seconds=query.arrive_in_s),
        retailers=retailers,
        open_now=query.open_now,
    )
    with naming_product(field):
        answer = await ask.service.availability(question)
    ask.metrics.count_answer("cache" if answer.from_cache else "postgres")
    document = answer_seen(answer, origin, InCounts() if counted else InBands())
    return linked_reply(linked_data(document)) if prefers_linked_data(ask.accept) else document_reply(document)


def named_product(query: AvailabilityQuery) -> str:
    """The parameter that names the product."""
    return next(name for name in PRODUCT_NAMES if getattr(query, name) is not None)


async def product_id_of(query: AvailabilityQuery, retailers: frozenset[str], service: Service) -> int:
    if query.product is not None:
        return query.product
    gtin = query.gtin or query.scan or ""
    require_one_owner(gtin, retailers)
    return (await service.product_by_gtin(gtin, retailers)).product_id


def require_one_owner(gtin: str, retailers: frozenset[str]) -> None:
    """Raises InputError: a restricted GTIN means something only within one retailer."""
    if is_restricted(gtin) and len(retailers) != 1:
        raise InputError(FieldFault("gtin", "is a retailer's own number: give exactly one retailer"))


ENDPOINT = Endpoint(
    path="/v1/availability",
    summary="Which stores near a place have a product, and how sure is that?",
    query=AvailabilityQuery,
    document=AvailabilityAnswer,
    answer=availability,
    other_media=(LINKED_DATA,),
    statuses=(308, 404),
)
