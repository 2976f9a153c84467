"""GET /v1/accuracy: how right our answers turned out to be, and how fresh what they stand on is."""

from inventory_service.accuracy.reckoning import Account
from inventory_service.domain import freshness, looks, scoring
from inventory_service.domain.key import Key
from inventory_service.web import accuracy_models as models
from inventory_service.web.asking import Ask, Endpoint
from inventory_service.web.presenting import instant_or_none
from inventory_service.web.queries import AccuracyQuery
from inventory_service.web.reach import require_all
from inventory_service.web.replying import Reply, document_reply
from inventory_service.web.wording import instant_text

SOURCES_TOLD = 200
DECIMALS = 4
LIMITS = (
    "Shelves are looked at where staff happen to be, and where the check list asks, which is where we are unsure. They "
    "are no random sample: over all answers the error is probably smaller. Which confirmations the check list asked "
    "for is not noted yet, so there is no figure without them.",
    "Only whether at least one piece was there is judged, not how many, and not what was answered for later arrival.",
    "Staff may err too; what they saw is taken for the truth.",
)


async def accuracy(ask: Ask[AccuracyQuery]) -> Reply:
    require_all(ask.key)
    account = await ask.service.accuracy(ask.key)
    return document_reply(report(account, ask.query.days, retailer_of(ask.key)))


def retailer_of(key: Key | None) -> str | None:
    """The retailer whose figures the key's holder sees; None: everybody's."""
    return key.retailer if key is not None and key.kind == "st" else None


def report(account: Account, days: int, retailer: str | None) -> models.AccuracyReport:
    """The body; `days` is one of looks.PERIODS."""
    period = account.period(days)
    return models.AccuracyReport(
        days=days,
        since=period.since.isoformat(),
        computed_at=instant_text(account.made_at),
        retailer=retailer,
        simulated=period.is_simulated,
        confirmations=_confirmations(period),
        score=None if period.score is None else _score(period.score),
        why_no_score=period.why_no_score,
        limits=list(LIMITS),
        freshness=_freshness(account),
    )


def _confirmations(period: looks.Period) -> models.Confirmations:
    return models.Confirmations(
        judged=period.fates["judged"],
        unknown=period.fates["unknown"],
        unknown_seen=period.unknown_seen,
        repeated=period.fates["repeated"],
        late=period.fates["late"],
        undone=period.fates["undone"],
        left_out=period.left_out,
        by_day=[
            models.DayCount(day=one.day.isoformat(), confirmations=one.confirmations, judged=one.judged)
            for one in period.by_day
        ],
    )


def _score(score: scoring.Score) -> models.Score:
    return models.Score(
        count=score.count,
        seen_share=_rounded(score.seen),
        brier=_rounded(score.brier),
        brier_record=_rounded(score.brier_of_record),
        ece=_rounded(score.ece),
        reliability=[_bin(line) for line in score.table],
    )


def _bin(line: scoring.Bin) -> models.ReliabilityBin:
    return models.ReliabilityBin(
        from_probability=line.low,
        to_probability=line.high,
        count=line.count,
        predicted=_rounded(line.predicted),
        observed=_rounded(line.observed),
        observed_low=_rounded(line.observed_low),
        observed_high=_rounded(line.observed_high),
    )


def _rounded(share: float) -> float:
    return round(share, DECIMALS)


def _freshness(account: Account) -> models.FreshnessTold:
    fresh = account.freshness
    sources = sorted(fresh.sources, key=lambda one: (one.heard_at is not None, one.heard_at, one.retailer, one.source))
    told = [_source(one, account) for one in sources]
    return models.FreshnessTold(
        evidence=_spread(fresh.evidence),
        stores=models.StoreAges(
            stores=fresh.stores.stores,
            covered=fresh.stores.covered,
            silent=fresh.stores.silent,
            coverage=_spread(fresh.stores.coverage),
        ),
        silent_sources=sum(one.silent for one in told),
        sources=told[:SOURCES_TOLD],
        quietest_stores=[_store(one) for one in fresh.quietest],
    )


def _source(one: freshness.SourceFreshness, account: Account) -> models.SourceAge:
    return models.SourceAge(
        retailer=one.retailer,
        source=one.source,
        evidence=_spread(one.evidence),
        coverage=_spread(one.coverage),
        heard_at=instant_or_none(one.heard_at),
        silent=freshness.is_silent(one, account.made_at, account.horizon),
    )


def _store(one: freshness.StoreFreshness) -> models.StoreAge:
    return models.StoreAge(
        id=one.store_id,
        store_code=one.store_code,
        name=one.name,
        evidence=_spread(one.evidence),
        covered_at=instant_or_none(one.covered_at),
    )


def _spread(ages: freshness.Ages | None) -> models.AgeSpread | None:
    return None if ages is None else models.AgeSpread(p50_s=ages.p50_s, p90_s=ages.p90_s)


ENDPOINT = Endpoint(
    path="/v1/accuracy",
    summary="How right our answers turned out to be.",
    query=AccuracyQuery,
    document=models.AccuracyReport,
    answer=accuracy,
)
