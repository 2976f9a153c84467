"""What is answered about our own accuracy: these models are serialised, and the OpenAPI document is made from them."""

from typing import Annotated

from pydantic import Field

from inventory_service.web.models import Document, Instant

Share = Annotated[float, Field(ge=0, le=1)]
Day = Annotated[str, Field(description="A day by UTC.", examples=["2026-11-22"])]


class ReliabilityBin(Document):
    """Forecasts between two probabilities, and how often staff then saw the product."""

    from_probability: Share
    to_probability: Share
    count: int
    predicted: Share = Field(description="The forecasts' mean.")
    observed: Share = Field(description="The share that was there.")
    observed_low: Share = Field(description="Lower end of Wilson's 95 % interval.")
    observed_high: Share


class Score(Document):
    """How right the forecasts were; lower is better."""

    count: int = Field(description="Confirmations that were judged.")
    seen_share: Share = Field(description="How often staff saw at least one piece.")
    brier: Share = Field(description="Mean squared error of the probability; 0.25 is what always saying 0.5 gets.")
    brier_record: Share = Field(description="The same for who takes what was held at its word.")
    ece: Share = Field(description="Expected calibration error over ten bins; grows by chance where there are few.")
    reliability: list[ReliabilityBin] = Field(description="Only bins into which a forecast fell.")


class DayCount(Document):
    """Confirmations of one day."""

    day: Day
    confirmations: int
    judged: int


class Confirmations(Document):
    """What became of all confirmations of the period."""

    judged: int
    unknown: int = Field(description="We had said unknown: no probability to judge.")
    unknown_seen: int = Field(description="Of these: how often it was there.")
    repeated: int = Field(description="Staff had looked less than an hour before.")
    late: int = Field(description="Told an hour after it was seen, or later.")
    undone: int
    left_out: int = Field(description="The demo's, where there are others.")
    by_day: list[DayCount]


class AgeSpread(Document):
    """How old half of them, and nine tenths of them, are at most."""

    p50_s: int
    p90_s: int


class SourceAge(Document):
    """How fresh one source is."""

    retailer: str
    source: str
    evidence: AgeSpread | None = Field(description="Of a sample of its positions.")
    coverage: AgeSpread | None = Field(description="Of its stores; null for a source that tells only changes.")
    heard_at: Instant | None = Field(description="The newest that it told, by its own clock.")
    silent: bool = Field(description="Not heard of for longer than the horizon: what it holds is unknown.")


class StoreAge(Document):
    """How fresh one store is."""

    id: int
    store_code: str
    name: str
    evidence: AgeSpread | None = Field(description="Of a sample of its positions.")
    covered_at: Instant | None


class StoreAges(Document):
    """How fresh the stores are."""

    stores: int
    covered: int = Field(description="Stores that a source has covered at some time.")
    silent: int = Field(description="Of these: not covered for longer than the horizon.")
    coverage: AgeSpread | None


class FreshnessTold(Document):
    """Age of what answers stand on, now."""

    evidence: AgeSpread | None = Field(description="Of a sample of all positions; null for one retailer.")
    stores: StoreAges
    silent_sources: int
    sources: list[SourceAge] = Field(description="Longest unheard first; at most 200.")
    quietest_stores: list[StoreAge] = Field(description="Only for a staff key: longest uncovered first, at most 20.")


class AccuracyReport(Document):
    """How right our answers turned out to be, by what staff saw next."""

    days: int
    since: Day = Field(description="The first day that all confirmations of are known here.")
    computed_at: Instant
    retailer: str | None = Field(description="Null: everybody's.")
    simulated: bool = Field(description="True: all confirmations are the demo's.")
    confirmations: Confirmations
    score: Score | None = Field(description="Null with fewer than 30 judged confirmations.")
    why_no_score: str | None
    limits: list[str] = Field(description="What these figures cannot show, for people.")
    freshness: FreshnessTold
