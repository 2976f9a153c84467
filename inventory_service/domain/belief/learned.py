"""What has been learned, by our own ids: how a level is judged wherever an answer tells of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from inventory_service.domain.belief.basis import Anchor, Basis, Traits
from inventory_service.domain.belief.histories import STAFF
from inventory_service.domain.belief.model import PRIOR, Model
from inventory_service.domain.belief.pace import CLASSES, UNKNOWN_PACE
from inventory_service.domain.belief.verdict import USUAL_THRESHOLDS, Judgement, Thresholds
from inventory_service.domain.level import Level, Shown


@dataclass(frozen=True, slots=True)
class Speaker:
    """A source as the model sees it."""

    traits: Traits
    anchor: Anchor = "record"


@dataclass(frozen=True, slots=True)
class Paces:
    """How fast products sell, as classes of domain/belief/pace.py by product id, and how many classes faster stores
    sell than others, by store id.
    """

    products: Mapping[int, int] = field(default_factory=dict)
    stores: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Learned:
    """`usual` serves sources that nothing is known of. `thresholds`: of retailers that have set their own, by id."""

    model: Model
    speakers: Mapping[int, Speaker]
    usual: Speaker
    paces: Paces
    thresholds: Mapping[int, Thresholds]

    @classmethod
    def of(
        cls,
        model: Model,
        paces: Paces,
        sources: Mapping[int, str],
        thresholds: Mapping[int, Thresholds],
        horizon: timedelta,
    ) -> "Learned":
        """`sources`: names (`retailer/source`) by id. `horizon` serves until any has been learned."""
        parameters, horizon_s = model.parameters, horizon.total_seconds()
        if not parameters.revision:
            usual, staff = (replace(one, horizon_s=horizon_s) for one in (parameters.usual, parameters.staff))
            parameters = replace(parameters, usual=usual, staff=staff)
        speakers = {}
        for source_id, name in sources.items():
            anchor: Anchor = "confirmation" if name.rpartition("/")[2] == STAFF else "record"
            speakers[source_id] = Speaker(parameters.traits_of(name, anchor), anchor)
        return cls(model, speakers, Speaker(parameters.usual), paces, thresholds)

    def heard(self, level: Level, covered: Mapping[int, datetime]) -> Level:
        """A level covered by the newest that stands by it, and by what is shown of it; `covered` as in `heard_at`."""
        shown = level.shown and replace(level.shown, covered_at=self._heard_at(level.shown, covered))
        return replace(level, covered_at=self.heard_at(level, covered), shown=shown)

    def heard_at(self, level: Level, covered: Mapping[int, datetime]) -> datetime:
        """The newest that stands by a level; `covered`: when each source last stood by all it holds for the store."""
        return self._heard_at(level.own, covered)

    def _heard_at(self, evidence: Shown, covered: Mapping[int, datetime]) -> datetime:
        """What staff saw is stood by while any source of the store is heard: nothing has been sold unseen."""
        if self.speaker(evidence.source_id).anchor == "confirmation":
            return max((evidence.covered_at, *covered.values()))
        return max(evidence.covered_at, covered.get(evidence.source_id, evidence.covered_at))

    def speaker(self, source_id: int) -> Speaker:
        return self.speakers.get(source_id, self.usual)

    def pace_of(self, product_id: int) -> int:
        return self.paces.products.get(product_id, UNKNOWN_PACE)

    def basis(self, product_id: int, store_id: int, level: Level, covered_at: datetime, moment: datetime) -> Basis:
        """Evidence seen from `moment`; `covered_at` is the newest that stands by it, the level's own or later."""
        speaker = self.speaker(level.source_id)
        return Basis(
            level.stock,
            speaker.traits,
            speaker.anchor,
            (covered_at - level.observed_at).total_seconds(),
            (moment - covered_at).total_seconds(),
            pace_at(self.pace_of(product_id), self.paces.stores.get(store_id, 0)),
            level.leaning / 100.0,
        )

    def judge(self, basis: Basis, quantity: int, retailer_id: int) -> Judgement:
        """The word, and the probability that `quantity` (≥ 1) pieces are there."""
        return self.model.judge(basis, quantity, self.thresholds.get(retailer_id, USUAL_THRESHOLDS))


def pace_at(pace: int, faster: int) -> int:
    """A product's class where everything sells `faster` classes faster; what is not known stays so."""
    return pace if pace == UNKNOWN_PACE else min(max(pace + faster, 1), CLASSES - 1)


def untaught(horizon: timedelta) -> Learned:
    """Before anything was learned, of sources that nobody has named yet."""
    return Learned.of(PRIOR, Paces(), {}, {}, horizon)
