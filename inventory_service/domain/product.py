"""What is sold."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from inventory_service.domain.offer import Money, SalePrice


@dataclass(frozen=True, slots=True)
class RetailPrice:
    """What a retailer asks for a product in all its stores that say nothing else."""

    price: Money | None = None
    sale_price: SalePrice | None = None


@dataclass(frozen=True, slots=True)
class Product:
    """`gtin` has 14 digits. `owner_id` is the retailer of a product private to it (restricted GTIN or nameless).

    `offers` holds every retailer that lists the product, by retailer id.
    """

    product_id: int
    gtin: str | None
    name: str | None
    brand: str | None
    image_url: str | None
    category: str | None = None
    owner_id: int | None = None
    merged_into: int | None = None
    offers: Mapping[int, RetailPrice] = field(default_factory=dict)
