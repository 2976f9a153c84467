"""What is counted of requests and answers, in a registry of our own."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from inventory_service.runtime.http.request_metrics import RequestMetrics
from inventory_service.spending.ledger import Ledger
from inventory_service.spending.limit_metrics import LimitMetrics


class Metrics(Collector):
    """`registry` holds what is counted here. The fields are counted up by whoever answers."""

    def __init__(self, registry: CollectorRegistry, ledger: Ledger) -> None:
        self.registry = registry
        self.limits = LimitMetrics(registry, ledger)
        self.requests = RequestMetrics(registry)
        self.from_cache = self.from_postgres = self.by_kernel = self.by_search = 0
        registry.register(self)

    def count_answer(self, *, from_cache: bool) -> None:
        if from_cache:
            self.from_cache += 1
        else:
            self.from_postgres += 1

    def collect(self) -> Iterator[Metric]:
        answers = CounterMetricFamily(
            "nearshelf_answers", "Availability answers by where the levels came from.", labels=("source",)
        )
        answers.add_metric(["cache"], self.from_cache)
        answers.add_metric(["postgres"], self.from_postgres)
        yield answers
        text = "Searches by who found the stores: the kernel, or the search without haste where that was not sure."
        searches = CounterMetricFamily("nearshelf_searches", text, labels=("by",))
        searches.add_metric(["kernel"], self.by_kernel)
        searches.add_metric(["search"], self.by_search)
        yield searches
