"""GET /v1/products and /v1/products/{gtin}: what is sold."""

from inventory_service.lookup.service import unknown_gtin
from inventory_service.web.asking import Ask, Endpoint, naming_product, retailers_of
from inventory_service.web.availability import require_one_owner
from inventory_service.web.models import ProductDetail, ProductList
from inventory_service.web.presenting import product_detail, product_seen
from inventory_service.web.queries import ProductQuery, ProductsQuery
from inventory_service.web.reach import retailers_within
from inventory_service.web.replying import Reply, document_reply


async def products(ask: Ask[ProductsQuery]) -> Reply:
    query, retailers = ask.query, retailers_within(frozenset(), ask.key)
    page = await ask.service.search_products(query.q or "", query.limit, query.cursor, retailers)
    return document_reply(ProductList(results=[product_seen(found) for found in page.products], next=page.after))


async def product(ask: Ask[ProductQuery]) -> Reply:
    retailers = retailers_within(retailers_of(ask.query.retailer, ask.service), ask.key)
    require_one_owner(ask.query.gtin, retailers)
    with naming_product("gtin"):
        found = await ask.service.product_by_gtin(ask.query.gtin, retailers)
        if not ask.service.listed_by(found, retailers_within(frozenset(), ask.key)):
            raise unknown_gtin(ask.query.gtin)
    return document_reply(product_detail(found))


ENDPOINTS = (
    Endpoint(
        path="/v1/products",
        summary="Products by words, or all of them.",
        query=ProductsQuery,
        document=ProductList,
        answer=products,
    ),
    Endpoint(
        path="/v1/products/{gtin}",
        summary="One product by its GTIN; a retailer's own number needs exactly one retailer.",
        query=ProductQuery,
        document=ProductDetail,
        answer=product,
        statuses=(404,),
    ),
)
