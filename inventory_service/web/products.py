"""GET /v1/products and /v1/products/{gtin}: what is sold."""

from inventory_service.web.asking import Ask, Endpoint, naming_product, retailers_of
from inventory_service.web.availability import require_one_owner
from inventory_service.web.models import ProductDetail, ProductList
from inventory_service.web.presenting import product_detail, product_seen
from inventory_service.web.queries import ProductQuery, ProductsQuery
from inventory_service.web.replying import Reply, document_reply


async def products(ask: Ask[ProductsQuery]) -> Reply:
    page = await ask.service.search_products(ask.query.q or "", ask.query.limit, ask.query.cursor)
    return document_reply(ProductList(results=[product_seen(found) for found in page.products], next=page.after))


async def product(ask: Ask[ProductQuery]) -> Reply:
    retailers = retailers_of(ask.query.retailer, ask.service)
    require_one_owner(ask.query.gtin, retailers)
    with naming_product("gtin"):
        found = await ask.service.product_by_gtin(ask.query.gtin, retailers)
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
