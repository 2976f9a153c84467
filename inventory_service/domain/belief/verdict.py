"""Words from numbers."""

from dataclasses import dataclass

from inventory_service.domain.errors import ConfigurationError
from inventory_service.domain.stock import LIMITED_AT_MOST, Availability, Stock


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Where a probability becomes a word; a retailer can set them. surely_not < likely ≤ plenty."""

    surely_not: float = 0.30
    """At most this when it was told, and still less than `likely`: `out_of_stock`."""
    likely: float = 0.50
    """At least this: `limited_availability`; else `unknown`."""
    plenty: float = 0.60
    """At least this, and three or more held: `in_stock`."""

    def __post_init__(self) -> None:
        if not 0.0 <= self.surely_not < self.likely <= self.plenty <= 1.0:
            raise ConfigurationError("Thresholds have to be in order: 0 ≤ surely_not < likely ≤ plenty ≤ 1.")


USUAL_THRESHOLDS = Thresholds()


def word(stock: Stock, told: float, now: float, thresholds: Thresholds = USUAL_THRESHOLDS) -> Availability:
    """The word for `stock` where the evidence said `told` while it was heard, and says `now` after its silence.

    Silence alone brings no word about; it ends one where the opposite has become as likely. Nor do shelves in general:
    where the statement allows that there are none, nobody has said that there are some.
    """
    if stock.low > 0 and told >= thresholds.likely and now >= thresholds.likely:
        return "in_stock" if stock.low > LIMITED_AT_MOST and now >= thresholds.plenty else "limited_availability"
    if told <= thresholds.surely_not and now < thresholds.likely:
        return "out_of_stock"
    return "unknown"


@dataclass(frozen=True, slots=True)
class Judgement:
    """`probability` lies in [0, 1] and is None exactly where the word is `unknown`."""

    availability: Availability
    probability: float | None


UNKNOWN = Judgement("unknown", None)
