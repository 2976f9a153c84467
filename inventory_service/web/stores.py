"""GET /v1/stores and /v1/stores/{id}: places with shelves."""

from inventory_service.lookup.service import unknown_store
from inventory_service.web.asking import Ask, Endpoint, origin_of, point_of, retailers_of
from inventory_service.web.models import StoreDetail, StoreList
from inventory_service.web.presenting import nearby_store, store_detail
from inventory_service.web.queries import StoreQuery, StoresQuery
from inventory_service.web.reach import require_stores, retailers_within, tells_of
from inventory_service.web.replying import Reply, document_reply
from inventory_service.web.store_cursors import cursor_after


async def stores(ask: Ask[StoresQuery]) -> Reply:
    query, service = ask.query, ask.service
    require_stores(ask.key)
    retailers = retailers_within(retailers_of(query.retailer, service), ask.key)
    origin = point_of(origin_of(query, service))
    found = service.stores_near(origin, query.radius_m, query.limit + 1, retailers, query.cursor)
    page = found[: query.limit]
    more = cursor_after(page[-1]) if len(found) > query.limit else None
    return document_reply(
        StoreList(results=[nearby_store(near, service.hours(near.store)) for near in page], next=more)
    )


async def store(ask: Ask[StoreQuery]) -> Reply:
    require_stores(ask.key)
    found = ask.service.store(ask.query.id)
    if not tells_of(found.retailer, ask.key):
        raise unknown_store(ask.query.id)
    return document_reply(store_detail(found, ask.service.hours(found)))


ENDPOINTS = (
    Endpoint(path="/v1/stores", summary="Stores near a place.", query=StoresQuery, document=StoreList, answer=stores),
    Endpoint(
        path="/v1/stores/{id}",
        summary="One store.",
        query=StoreQuery,
        document=StoreDetail,
        answer=store,
        statuses=(404,),
    ),
)
