"""What the model has learned, or is taken to be true until it has: frozen, versioned, and kept as JSON."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from inventory_service.domain.belief.basis import Anchor, Traits
from inventory_service.domain.belief.pace import DAY_S, Rate
from inventory_service.domain.errors import ConfigurationError

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Constants:
    """The laws of the shelf, common to all sources; the defaults are the priors of docs/CONFIDENCE.md."""

    phantom_at_one: float = 0.16
    """P(shelf empty) in the moment that a record of 1 is news."""
    phantom_slope: float = 0.5
    """That probability's log-odds fall by this with each ln of the count."""
    hidden: float = 0.06
    """P(something on the shelf) where the record says 0."""
    vanish_per_day: float = 0.005
    """Hazard of a shelf becoming empty unseen (theft, breakage, a wrong place), a day."""
    recover_per_day: float = 0.05
    """Hazard of an empty shelf being filled unseen (from the back room, from a wrong place), a day."""
    told: float = 0.9
    """Share of the sales that a source which is heard would tell of: how much its quiet means."""
    known_shape: float = 2.5
    """Shape of the Gamma that true rates follow about a pace that is known."""
    unknown_shape: float = 0.6
    """The same where no pace is known."""
    pace_factor: float = 1.0
    """True mean rate over the pace that is told."""
    unknown_per_day: float = 0.3
    """Mean rate where no pace is known."""
    short: float = 0.12
    """P(fewer than recorded, but some)."""
    surplus: float = 0.12
    """P(more than recorded)."""
    tail: float = 0.6
    """Ratio of one surplus piece more to the last."""
    staff_saw_wrong: float = 0.03
    """P(shelf empty) where staff have just seen or counted some."""
    staff_missed: float = 0.04
    """P(something there) where staff have just seen none."""
    typical_stock: float = 6.0
    """Mean count where pieces are held: what open ranges are filled from."""


USUAL = Traits(doubt=0.0, lag_s=0.0, horizon_s=4 * DAY_S, base=(0.80, 0.70, 0.60))
STAFF_TRAITS = Traits(doubt=0.0, lag_s=0.0, horizon_s=7 * DAY_S, base=(0.80, 0.70, 0.60))
USUAL_RATE = Rate(0.3, 0.6)


@dataclass(frozen=True, slots=True)
class Rates:
    """How fast positions sell before their own sales are known.

    `categories` hold the rate of a category's positions, `usual` serves the others. `products` and `stores`
    (`retailer/store`) sell so many times as fast; how far such factors spread is told by the shapes.
    """

    usual: Rate = USUAL_RATE
    categories: Mapping[str, Rate] = field(default_factory=dict)
    products: Mapping[str, float] = field(default_factory=dict)
    stores: Mapping[str, float] = field(default_factory=dict)
    product_shape: float = 1.0
    store_shape: float = 4.0

    def of(self, category: str, product: str, store: str) -> Rate:
        """A factor that is not known widens the rate instead."""
        rate = self.categories.get(category, self.usual)
        spread = 1.0 / rate.shape
        spread += 0.0 if product in self.products else 1.0 / self.product_shape
        spread += 0.0 if store in self.stores else 1.0 / self.store_shape
        factor = self.products.get(product, 1.0) * self.stores.get(store, 1.0)
        return Rate(rate.per_day * factor, 1.0 / spread, rate.lump)


PRIORS, NO_RATES = Constants(), Rates()


@dataclass(frozen=True, slots=True)
class Parameters:
    """All that is fitted. `revision` grows with each fit; 0 are the priors.

    `sources` are a source's traits by its name (`retailer/source`); `usual` serves the others, `staff` who confirm.
    """

    revision: int = 0
    constants: Constants = PRIORS
    usual: Traits = USUAL
    staff: Traits = STAFF_TRAITS
    sources: Mapping[str, Traits] = field(default_factory=dict)
    rates: Rates = NO_RATES

    def traits_of(self, source: str, anchor: Anchor) -> Traits:
        return self.staff if anchor == "confirmation" else self.sources.get(source, self.usual)

    def as_json(self) -> dict[str, Any]:
        """Numbers and names alone; `of_json` is the way back."""
        return {
            "format": FORMAT,
            "revision": self.revision,
            "constants": asdict(self.constants),
            "usual": asdict(self.usual),
            "staff": asdict(self.staff),
            "sources": {name: asdict(one) for name, one in self.sources.items()},
            "rates": asdict(self.rates),
        }

    @classmethod
    def of_json(cls, held: Mapping[str, Any]) -> "Parameters":
        """Raises ConfigurationError where `held` is not what `as_json` of this format gives."""
        try:
            if held["format"] != FORMAT:
                raise ConfigurationError(f"Parameters of format {held['format']} are not read: only {FORMAT} is.")
            return cls(
                revision=int(held["revision"]),
                constants=Constants(**held["constants"]),
                usual=_traits(held["usual"]),
                staff=_traits(held["staff"]),
                sources={name: _traits(one) for name, one in held["sources"].items()},
                rates=_rates(held["rates"]),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ConfigurationError(f"These are no parameters of the model: {error!r}.") from None


def _traits(held: Mapping[str, Any]) -> Traits:
    one, two, three = held["base"]
    return Traits(held["doubt"], held["lag_s"], held["horizon_s"], (one, two, three), held["overlooked"])


def _rates(held: Mapping[str, Any]) -> Rates:
    categories = {name: Rate(**one) for name, one in held["categories"].items()}
    return Rates(**{**held, "usual": Rate(**held["usual"]), "categories": categories})
