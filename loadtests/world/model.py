"""What a world is: a few numbers, from which everything in it follows."""

from dataclasses import asdict, dataclass
from typing import Any

MOST_POSITIONS, MOST_PRODUCTS = 300_000_000, 3_000_000
MOST_STORES, MOST_RETAILERS = 52_000, 150
UNITS = {"k": 10**3, "M": 10**6, "G": 10**9}


@dataclass(frozen=True)
class World:
    """A world of about `positions` positions.

    The whole one has 3,000,000 products and 300,000,000 positions. A smaller one has fewer products and shorter lists
    in proportion, and the same stores: so one product has as many positions as ever (100 on average), a retailer as
    many stores, a neighbourhood of 96 stores as many levels of a product (29) and an answer as many results. What
    grows from one size to the next is the number of positions alone, never the geography; a curve over sizes shows
    what more positions cost, and nothing else.

    `carried`: share of its retailer's list that a store has. `shared`: share of the positions that are of brands
    which 2 to half of the retailers list; all else is listed by one retailer alone. `detailed`: share of the rows
    with a price exception, pickup or an aisle. `zipf`: a retailer's stores are proportional to 1 / rank ** zipf.
    `places`: where the stores' points are from.
    """

    positions: int
    seed: int = 1
    stores: int = MOST_STORES
    retailers: int = MOST_RETAILERS
    carried: float = 0.3
    shared: float = 0.2
    detailed: float = 0.05
    zipf: float = 1.0
    places: str = "cities by population"

    @property
    def products(self) -> int:
        """As many as keep the positions of a product what they are in the whole world."""
        a_retailer = MOST_PRODUCTS / MOST_RETAILERS * (self.positions / MOST_POSITIONS) * (MOST_STORES / self.stores)
        return max(2 * self.retailers, round(a_retailer * self.retailers))

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "products": self.products}

    def describe(self) -> str:
        """One line to stand beside a figure."""
        return (
            f"{self.positions:,} positions: {self.products:,} products, {self.stores:,} stores ({self.places}),"
            f" {self.retailers} retailers (Zipf {self.zipf:g}), {self.carried:.0%} of a list carried, {self.shared:.0%}"
            f" of positions of shared brands, {self.detailed:.0%} of rows with details, seed {self.seed}"
        )


def number_of(text: str) -> int:
    """`10M` → 10,000,000; also k and G. Raises ValueError."""
    unit = UNITS.get(text[-1:], 1)
    return round(float(text.removesuffix(text[-1:]) if unit > 1 else text) * unit)
