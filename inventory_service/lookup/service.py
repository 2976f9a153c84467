"""The one door for the web layer: every question that can be asked of the service."""

from dataclasses import dataclass
from datetime import datetime

from geo.point import Point
from inventory_service.domain.availability import Answer, OpenState, Question
from inventory_service.domain.key import Key
from inventory_service.domain.place import Place
from inventory_service.domain.product import Product
from inventory_service.domain.store import Store


@dataclass(frozen=True, slots=True)
class NearStore:
    """A store and its geodesic distance from where was asked."""

    store: Store
    distance_m: int


@dataclass(frozen=True, slots=True)
class ProductPage:
    """Some products and the cursor of the next ones; None: that was all."""

    products: tuple[Product, ...]
    after: str | None


class Service:
    """SKELETON for parallel work: signatures are final, bodies come."""

    def now(self) -> datetime: ...
    async def availability(self, question: Question) -> Answer: ...
    async def product_by_gtin(self, gtin: str, retailers: frozenset[str]) -> Product:
        """Raises InputError (restricted GTIN without exactly one retailer), NotFoundError, UnavailableError."""

    async def product_by_id(self, product_id: int) -> Product:
        """Raises NotFoundError, MovedError, UnavailableError."""

    async def search_products(self, text: str, limit: int, after: str | None) -> ProductPage: ...
    def stores_near(self, origin: Point, radius_m: float, limit: int, retailers: frozenset[str]) -> list[NearStore]: ...
    def store(self, store_id: int) -> Store:
        """Raises NotFoundError."""

    def retailer_known(self, slug: str) -> bool: ...
    def hours(self, store: Store) -> OpenState: ...
    def resolve_place(self, near: str) -> Place:
        """Raises InputError whose pointer is `near`."""

    def search_places(self, text: str, limit: int) -> list[Place]: ...
    def authenticate(self, secret: str) -> Key:
        """Raises UnauthorizedError."""

    async def readiness(self) -> dict[str, str]:
        """Each part's state: postgres, redis, directory -> "ok" or a short reason. Ready needs postgres or redis."""
