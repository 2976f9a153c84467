"""What is counted of requests and answers, in a registry of our own."""

from prometheus_client import CollectorRegistry, Counter

from inventory_service.runtime.http.request_metrics import RequestMetrics


class Metrics:
    """`registry` holds what is counted here."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self.requests = RequestMetrics(registry)
        self._answers = Counter(
            "nearshelf_answers", "Availability answers by where the levels came from.", ("source",), registry=registry
        )

    def count_answer(self, source: str) -> None:
        """`source` is cache or postgres."""
        self._answers.labels(source).inc()
