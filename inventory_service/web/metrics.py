"""What is counted of requests and answers, in a registry of our own."""

from prometheus_client import CollectorRegistry, Counter, Histogram

METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


class Metrics:
    """Labels have few values: routes, not addresses; known methods, or `other`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self._requests = Histogram(
            "nearshelf_request_seconds",
            "Requests and how long they took.",
            ("method", "route", "status"),
            buckets=BUCKETS_S,
            registry=registry,
        )
        self._answers = Counter(
            "nearshelf_answers", "Availability answers by where the levels came from.", ("source",), registry=registry
        )

    def observe_request(self, method: str, route: str, status: int, seconds: float) -> None:
        known = method if method in METHODS else "other"
        self._requests.labels(known, route, str(status)).observe(seconds)

    def count_answer(self, source: str) -> None:
        """`source` is cache or postgres."""
        self._answers.labels(source).inc()
