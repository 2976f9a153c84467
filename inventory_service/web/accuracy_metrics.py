"""Everybody's account of our answers as gauges: the last one that was made, and nothing before there is one."""

from collections.abc import Callable, Iterator

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from inventory_service.accuracy.reckoning import Account
from inventory_service.domain.freshness import Ages, is_silent
from inventory_service.domain.looks import PERIODS


class AccuracyMetrics(Collector):
    """Reads, and makes nothing."""

    def __init__(self, told: Callable[[], Account | None]) -> None:
        self._told = told

    def collect(self) -> Iterator[Metric]:
        account = self._told()
        if account is not None:
            yield _gauge("accuracy_computed_timestamp_seconds", "When it was added up.", account.made_at.timestamp())
            yield from _scores(account)
            yield from _freshness(account)


def _scores(account: Account) -> Iterator[Metric]:
    text = "How right answers were by what staff saw next, over some days; none with fewer than 30 confirmations."
    scores = GaugeMetricFamily("nearshelf_accuracy", text, labels=("score", "days"))
    text = "What staff saw, by what became of it, over some days."
    confirmations = GaugeMetricFamily("nearshelf_accuracy_confirmations", text, labels=("fate", "days"))
    for days in PERIODS:
        period = account.period(days)
        for fate, count in period.fates.items():
            confirmations.add_metric([fate, str(days)], count)
        if period.score is not None:
            told = {"brier": period.score.brier, "brier_record": period.score.brier_of_record, "ece": period.score.ece}
            for name, value in told.items():
                scores.add_metric([name, str(days)], value)
    yield scores
    yield confirmations


def _freshness(account: Account) -> Iterator[Metric]:
    fresh = account.freshness
    silent = sum(is_silent(one, account.made_at, account.horizon) for one in fresh.sources)
    yield _ages("evidence_age_seconds", "Age of evidence, of a sample of positions.", fresh.evidence)
    yield _ages("coverage_age_seconds", "Age of the newest coverage, by store.", fresh.stores.coverage)
    yield _gauge("silent_sources", "Sources that have told nothing for longer than the horizon.", silent)
    yield _gauge(
        "silent_stores", "Covered stores that nobody has covered for longer than the horizon.", fresh.stores.silent
    )


def _gauge(name: str, text: str, value: float) -> Metric:
    gauge = GaugeMetricFamily(f"nearshelf_{name}", text)
    gauge.add_metric([], value)
    return gauge


def _ages(name: str, text: str, ages: Ages | None) -> Metric:
    gauge = GaugeMetricFamily(f"nearshelf_{name}", text, labels=("quantile",))
    if ages is not None:
        gauge.add_metric(["0.5"], ages.p50_s)
        gauge.add_metric(["0.9"], ages.p90_s)
    return gauge
