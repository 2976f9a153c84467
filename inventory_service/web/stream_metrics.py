"""What is counted of streams."""

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from inventory_service.live.streams import Streams


class StreamMetrics(Collector):
    """Reads, and makes nothing."""

    def __init__(self, streams: Streams) -> None:
        self._streams = streams

    def collect(self) -> Iterator[Metric]:
        streams = self._streams
        yield GaugeMetricFamily("nearshelf_streams", "Streams of answers that are open.", len(streams))
        yield CounterMetricFamily("nearshelf_stream_events", "Events sent on streams.", streams.events)
        text = "Streams ended because nobody read what was sent."
        yield CounterMetricFamily("nearshelf_streams_dropped", text, streams.dropped)
        text = "Streams not begun because there were too many, of one client or in all."
        yield CounterMetricFamily("nearshelf_streams_refused", text, streams.refused)
