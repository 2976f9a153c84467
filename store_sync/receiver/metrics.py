"""What the receiver counts, in prometheus' usual registry, where the rest of the program counts too."""

from dataclasses import dataclass

from prometheus_client import REGISTRY, Counter, Gauge, Histogram

from inventory_service.domain.feed import Loaded
from inventory_service.runtime.http.cuts import Cuts
from inventory_service.runtime.http.request_metrics import RequestMetrics
from store_sync.load import FeedOrder

SOURCE = ("retailer", "source", "way")
WAIT_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)

REQUESTS = RequestMetrics(REGISTRY)
CONNECTIONS = Cuts(REGISTRY)
ROWS = Counter("nearshelf_received_rows", "Lines received, by source and way in.", SOURCE)
APPLIED = Counter("nearshelf_received_applied", "Received lines that changed something.", SOURCE)
UNCHANGED = Counter("nearshelf_received_unchanged", "Received lines that told nothing new.", SOURCE)
REJECTED = Counter("nearshelf_received_rejected", "Received lines that were refused, by reason.", (*SOURCE, "reason"))
BATCH_BUCKETS = (1, 2, 5, 10, 20, 50, 100, 200, 500)
SPOOL_BYTES = Gauge("nearshelf_spool_bytes", "Bytes of uploads on disk.")


@dataclass(frozen=True, slots=True)
class DeskMetrics:
    """Of what shares transactions."""

    waiting: Gauge
    batch: Histogram
    commit: Histogram


WEBHOOKS = DeskMetrics(
    Gauge("nearshelf_webhooks_waiting", "Webhook bodies that wait for their transaction."),
    Histogram("nearshelf_webhook_batch", "Webhook bodies of one transaction.", buckets=BATCH_BUCKETS),
    Histogram("nearshelf_webhook_commit_seconds", "A transaction of webhooks.", buckets=WAIT_BUCKETS_S),
)
EVENTS = DeskMetrics(
    Gauge("nearshelf_events_waiting", "Batches of events that wait for their transaction."),
    Histogram("nearshelf_event_batch", "Batches of events of one transaction.", buckets=BATCH_BUCKETS),
    Histogram("nearshelf_event_commit_seconds", "A transaction of events.", buckets=WAIT_BUCKETS_S),
)


def count(order: FeedOrder, way: str, loaded: Loaded) -> None:
    """`way` is feeds, events or webhooks."""
    labels = (order.profile.slug, order.source, way)
    ROWS.labels(*labels).inc(loaded.rows)
    APPLIED.labels(*labels).inc(loaded.applied)
    UNCHANGED.labels(*labels).inc(loaded.unchanged)
    for reason, rejected in (loaded.reasons or {}).items():
        REJECTED.labels(*labels, reason).inc(rejected)
