"""GET /v1/availability: which stores near a place have a product."""

from datetime import timedelta

from inventory_service.domain.availability import Answer, Question
from inventory_service.domain.errors import FieldFault, ForbiddenError, InputError
from inventory_service.domain.gtin import is_restricted
from inventory_service.domain.product import Product
from inventory_service.lookup.choosing import FIRST_WAVE
from inventory_service.lookup.service import Service
from inventory_service.web.asking import (
    PRODUCT_NAMES,
    Ask,
    Endpoint,
    naming_product,
    origin_of,
    place_text,
    point_of,
    retailers_of,
)
from inventory_service.web.charging import availability_cost
from inventory_service.web.jsonld import MEDIA_TYPE as LINKED_DATA
from inventory_service.web.jsonld import linked_data
from inventory_service.web.metrics import Metrics
from inventory_service.web.models import AvailabilityAnswer, Origin
from inventory_service.web.negotiating import prefers_linked_data
from inventory_service.web.presenter import InBands, answer_seen, told_to
from inventory_service.web.queries import AvailabilityQuery
from inventory_service.web.reach import retailers_within
from inventory_service.web.rendering import rendered
from inventory_service.web.replying import Reply, linked_reply
from inventory_service.web.written import Writer

OPEN_QUANTITY = 3
"""More than this asks for a count, which not everyone may see."""


async def availability(ask: Ask[AvailabilityQuery]) -> Reply:
    query, counted = ask.query, ask.key is not None and ask.key.sees_counts
    if query.quantity > OPEN_QUANTITY and not counted:
        raise ForbiddenError(f"Asking for quantity above {OPEN_QUANTITY} needs a key with scope counts.")
    retailers = retailers_within(retailers_of(query.retailer, ask.service), ask.key)
    origin = origin_of(query, ask.service)
    field = named_product(query)
    with naming_product(field):
        product = await product_of(query, retailers, ask.service)
    question = Question(
        product=product,
        origin=point_of(origin),
        radius_m=query.radius_m,
        limit=query.limit,
        quantity=query.quantity,
        arrive_in=timedelta(seconds=query.arrive_in_s),
        retailers=retailers,
        open_now=query.open_now,
    )
    usual = ask.key is None or not (counted or ask.key.fields)
    if usual and not prefers_linked_data(ask.accept):
        return await in_bands(question, origin, ask.service, ask.writer, ask.metrics)
    answer = await ask.service.availability(question)
    ask.service.demand.count(product.product_id)
    ask.metrics.count_answer(from_cache=answer.from_cache)
    told = told_to(ask.key)
    if prefers_linked_data(ask.accept):
        return linked_reply(linked_data(answer_seen(answer, origin, told), retailer_names(answer)))
    return rendered(answer, origin, told)


def retailer_names(answer: Answer) -> dict[str, str]:
    """By slug, of all whose stores are in the answer."""
    return {found.store.retailer: found.store.retailer_name for found in answer.results}


async def in_bands(
    question: Question, origin: Origin, service: Service, writer: Writer, metrics: Metrics, at_once: int = FIRST_WAVE
) -> Reply:
    """The plain answer that everybody may see; `at_once`: neighbourhoods read in the first round trip."""
    now = service.now()
    choice = await service.choose(question, now, at_once)
    service.demand.count(question.product.product_id)
    if choice is not None:
        metrics.by_kernel += 1
        metrics.count_answer(from_cache=choice.from_cache)
        return writer.reply(choice, place_text(origin))
    answer = await service.search(question, now)
    metrics.by_search += 1
    metrics.count_answer(from_cache=answer.from_cache)
    return rendered(answer, origin, InBands())


def named_product(query: AvailabilityQuery) -> str:
    """The parameter that names the product."""
    return next(name for name in PRODUCT_NAMES if getattr(query, name) is not None)


async def product_of(query: AvailabilityQuery, retailers: frozenset[str], service: Service) -> Product:
    if query.product is not None:
        return await service.product_by_id(query.product)
    gtin = query.gtin or query.scan or ""
    require_one_owner(gtin, retailers)
    return await service.product_by_gtin(gtin, retailers)


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
    cost=availability_cost,
    other_media=(LINKED_DATA,),
    statuses=(308, 404),
)
