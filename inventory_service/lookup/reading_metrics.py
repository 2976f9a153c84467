"""What is counted of misses; what the cache has costs no count."""

from prometheus_client import CollectorRegistry, Counter


class ReadingMetrics:
    """One worker's, in `registry`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def counter(name: str, what: str) -> Counter:
            return Counter(name, what, registry=registry)

        self.fills = counter("nearshelf_fills", "Readings of Postgres for what the cache did not tell.")
        self.shared = counter("nearshelf_fills_shared", "Times that a reading under way was waited for instead.")
        self.awaited = counter("nearshelf_fills_awaited", "Times that another worker's reading was waited for.")
        self.shed = counter("nearshelf_fills_shed", "Lookups refused because too many readings waited.")
        self.stale = counter("nearshelf_stale", "Lookups told from before because nobody told better in time.")
