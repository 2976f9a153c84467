"""What is counted of deliveries, in the one worker that delivers."""

from prometheus_client import CollectorRegistry, Counter, Gauge

from inventory_service.domain.webhooks import ENDINGS


class WebhookMetrics:
    """One worker's, in `registry`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def counter(name: str, what: str) -> Counter:
            return Counter(name, what, registry=registry)

        def gauge(name: str, what: str) -> Gauge:
            return Gauge(name, what, registry=registry)

        self.working = gauge("nearshelf_webhooks_working", "1 in the one worker that delivers webhooks.")
        self.sent = counter("nearshelf_webhooks_sent", "Deliveries that were answered 2xx.")
        self.failed = counter("nearshelf_webhooks_failed", "Attempts that failed.")
        self.dead = counter("nearshelf_webhooks_dead", "Deliveries that were given up.")
        self.ended = Counter(
            "nearshelf_webhooks_ended",
            "Webhooks that were ended: gone, the receiver answered 410; failing, nothing could be delivered for days.",
            ("reason",),
            registry=registry,
        )
        for reason in ENDINGS:
            self.ended.labels(reason)
        self.events = counter("nearshelf_webhooks_events", "Changes that were to be told, one a webhook.")
        self.waiting = gauge("nearshelf_webhooks_waiting", "Deliveries that wait, retries too.")
        self.oldest_s = gauge("nearshelf_webhooks_oldest_seconds", "How long the oldest of them has waited.")

    def stopped(self) -> None:
        """Another worker delivers now, or nobody has to."""
        self.working.set(0)
        self.waiting.set(0)
        self.oldest_s.set(0)
