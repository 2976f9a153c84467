"""A small service in memory whose answers hold every word that the widget has to show."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from inventory_service.domain.availability import Answer, Backing, Found, OpenState, Question
from inventory_service.domain.errors import FieldFault, KeyInvalidError, NotFoundError, StorageError, TooManyError
from inventory_service.domain.key import Key
from inventory_service.domain.offer import Money
from inventory_service.domain.product import Product
from inventory_service.domain.stock import Availability, Stock
from inventory_service.runtime.http.server import serve_app
from inventory_service.settings import Settings
from inventory_service.web.app import create_app
from tests.web import twin

GTIN, FAR, NOBODY, SILENT, UNHEARD = (
    "00300691085301",
    "00036000291452",
    "04006381333931",
    "00012345678905",
    "00000096385074",
)
PRODUCTS = {
    GTIN: Product(17, GTIN, "Paxlovid 300 mg / 100 mg, 20 tablets", "Pfizer", None),
    FAR: Product(18, FAR, "Kleenex tissues, 85 sheets", "Kleenex", None),
    NOBODY: Product(19, NOBODY, "Stabilo Boss highlighter, yellow", "Stabilo", None),
    SILENT: Product(20, SILENT, "<b>Lamp</b> that nobody has counted", None, None),
}
KEY, OTHERS_KEY, REVOKED_KEY = "pk_partner_0123456789", "pk_elsewhere_0123456789", "pk_revoked_0123456789"
NEVER = "https://shop.example"
NOW = datetime(2026, 11, 22, 19, 40, 12, tzinfo=UTC)
"""Sunday, 11:40 in Seattle."""
BACKING, SILENT_SINCE = (Backing(NOW - one, None, ()) for one in (timedelta(minutes=9), timedelta(days=1_700)))


def _found(
    number: int, name: str, distance_m: int, word: Availability, probability: float | None, **more: object
) -> Found:
    store = twin.store(number, 47.61 + number / 100, name=name)
    usual = Found(
        store=store,
        hours=OpenState(open_now=True, closes_at=NOW.replace(hour=23, minute=0) + timedelta(hours=6)),
        distance_m=distance_m,
        availability=word,
        probability=probability,
        stock=Stock.exactly(7),
        exact=BACKING,
        shown=BACKING,
    )
    return replace(usual, **more)  # type: ignore[arg-type]


def _usd(amount: str) -> Money:
    return Money(Decimal(amount), "USD")


SHELVES = (
    _found(1, "CVS Pharmacy, Peachtree Center", 812, "in_stock", 0.95, price=_usd("34.99"), sale_price=_usd("29.99")),
    _found(
        2,
        "Kroger, Ponce de Leon",
        3_460,
        "limited_availability",
        0.7,
        stock=Stock.exactly(2),
        price=_usd("31.50"),
        shown=replace(BACKING, covered_at=NOW - timedelta(minutes=2)),
        hours=OpenState(open_now=False, opens_at=NOW + timedelta(hours=20)),
    ),
    _found(3, "Publix, Tucker", 21_300, "unknown", None, shown=SILENT_SINCE, hours=OpenState()),
    _found(4, "Target, Midtown", 2_040, "out_of_stock", 0.05, stock=Stock.exactly(0), hours=OpenState(open_now=True)),
)
MACON = _found(5, "CVS Pharmacy, Macon", 126_000, "in_stock", 1.0)
MACON = replace(MACON, store=replace(MACON.store, demo=True))


class World(twin.Twin):
    """Answers by product; `trouble`, while it is set, is raised instead. `origin` is where the partner's key works."""

    def __init__(self) -> None:
        super().__init__()
        self.moment = NOW
        self.origin = NEVER
        self.forget()

    def forget(self) -> None:
        """Back to the first state, between tests."""
        self.questions.clear()
        self.troubles: list[Exception] = []
        self.moment = NOW
        self.revoked = {REVOKED_KEY}

    async def search(self, question: Question, _now: datetime) -> Answer:
        self.questions.append(question)
        if self.troubles:
            raise self.troubles.pop(0)
        results, beyond = self._told(question.product.gtin)
        return Answer(question.product, self.moment, 1, results[: question.limit], beyond, from_cache=True)

    @staticmethod
    def _told(gtin: str | None) -> tuple[tuple[Found, ...], Found | None]:
        match gtin:
            case w if w == FAR:
                return SHELVES[3:], MACON
            case w if w == NOBODY:
                return (), None
            case w if w == SILENT:
                return SHELVES[2:3], None
        return SHELVES, None

    async def product_by_gtin(self, gtin: str, retailers: frozenset[str]) -> Product:
        if gtin not in PRODUCTS:
            raise NotFoundError(f"No product with GTIN {gtin} is known.", FieldFault("gtin", "is not known"))
        return PRODUCTS[gtin]

    def authenticate(self, secret: str) -> Key:
        origins = {KEY: self.origin, OTHERS_KEY: NEVER, REVOKED_KEY: self.origin}
        if secret not in origins or secret in self.revoked:
            raise KeyInvalidError("This key was revoked.")
        return Key(1, "pk", "partner", "pk_p", frozenset({"read"}), frozenset({origins[secret]}))


def busy(retry_after_s: int) -> TooManyError:
    return TooManyError("That is enough for now.", retry_after_s)


def down() -> StorageError:
    return StorageError("postgres at 10.1.2.3 refused the connection")


@asynccontextmanager
async def serving(world: World) -> AsyncIterator[str]:
    """The real web application around it; gives its origin."""
    async with serve_app(create_app(world, Settings(deadline_s=30.0)), "127.0.0.1", 0) as port:
        yield f"http://127.0.0.1:{port}"
