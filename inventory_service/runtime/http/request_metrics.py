"""What is counted of requests."""

from prometheus_client import CollectorRegistry, Histogram

METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


class RequestMetrics:
    """Labels have few values: routes, not addresses; known methods, or `other`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._requests = Histogram(
            "nearshelf_request_seconds",
            "Requests and how long they took.",
            ("method", "route", "status"),
            buckets=BUCKETS_S,
            registry=registry,
        )

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        known = method if method in METHODS else "other"
        self._requests.labels(known, route, str(status)).observe(seconds)
