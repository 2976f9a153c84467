"""What is counted of connections that a bound has ended (docs/SECURITY.md)."""

from collections.abc import Iterator, Mapping
from typing import Literal, get_args

from aiohttp import web
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

Reason = Literal["slow_head", "large_head", "malformed", "slow_body", "large_body", "unread", "idle", "crowded"]
REASONS: tuple[Reason, ...] = get_args(Reason)
OF_BODIES: Mapping[int, Reason] = {408: "slow_body", 413: "large_body"}
"""By the status that their senders are told before."""
CUTS: web.AppKey["Cuts"] = web.AppKey("cuts")


class Cuts(Collector):
    """One server's, in `registry`: by why, never by whom."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._counts: dict[Reason, int] = dict.fromkeys(REASONS, 0)
        registry.register(self)

    def count(self, why: Reason) -> None:
        self._counts[why] += 1

    def collect(self) -> Iterator[Metric]:
        text = "Connections ended, or bodies refused, by a bound on what a client may take."
        cut = CounterMetricFamily("nearshelf_connections_cut", text, labels=("reason",))
        for why, count in self._counts.items():
            cut.add_metric([why], count)
        yield cut
