"""What is measured of publishing, in the registry that the syncing program serves."""

import time
from datetime import datetime

from prometheus_client import Counter, Gauge, Histogram

BUCKETS_S = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)

working = Gauge("nearshelf_publish_working", "1 while this process is the publisher.")
takeovers = Counter("nearshelf_publish_takeovers", "Times that this process became the publisher.")
relieved = Counter("nearshelf_publish_relieved", "Times that another process, or another Redis, ended its turn.")
begun_anew = Counter("nearshelf_publish_begun_anew", "Times that the cache was emptied: its place in the log was lost.")
batches = Counter("nearshelf_publish_batches", "Batches of the change log that were published.")
levels = Counter("nearshelf_publish_levels", "Changed levels in them.")
written = Counter("nearshelf_publish_levels_written", "Those of them whose block was cached.")
pass_seconds = Histogram("nearshelf_publish_pass_seconds", "From reading a page to its end.", buckets=BUCKETS_S)
lag = Gauge("nearshelf_publish_lag_seconds", "Age of the oldest committed batch that is not published; 0: none.")


class Backlog:
    """How long the oldest batch that was read has been waiting to be published."""

    def __init__(self) -> None:
        self._since_s: float | None = None
        lag.set_function(self.age_s)

    def found(self, oldest_at: datetime | None, now: datetime) -> None:
        """`oldest_at`, by the clock that `now` is of: when the oldest one was written; None: there is none."""
        if oldest_at is None:
            self._since_s = None
        else:
            self._since_s = time.monotonic() - max(0.0, (now - oldest_at).total_seconds())

    def emptied(self) -> None:
        """Nothing waits, as far as this process knows."""
        self._since_s = None

    def age_s(self) -> float:
        return 0.0 if self._since_s is None else time.monotonic() - self._since_s
