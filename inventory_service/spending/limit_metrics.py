"""What is counted of keys and limits."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from inventory_service.domain.key import Key
from inventory_service.spending.ledger import Ledger
from inventory_service.spending.meter import Meter

KINDS = ("anonymous", "pk", "sk", "st")


class LimitMetrics(Collector):
    """Labels have few values: kinds of keys and names of limits, never a key or an address."""

    def __init__(self, registry: CollectorRegistry, ledger: Ledger) -> None:
        self._ledger = ledger
        self._refused: dict[tuple[str, str], int] = {}
        self.spent = dict.fromkeys(KINDS, 0)
        registry.register(self)

    def refused(self, key: Key | None, short: Meter, cost: int) -> None:
        why = "cost" if cost > short.quota else short.policy.name
        of = kind_of(key), why
        self._refused[of] = self._refused.get(of, 0) + 1

    def collect(self) -> Iterator[Metric]:
        text = "Requests over a limit, by the kind of key and the limit."
        refused = CounterMetricFamily("nearshelf_limited", text, labels=("kind", "limit"))
        for (kind, why), count in self._refused.items():
            refused.add_metric([kind, why], count)
        yield refused
        spent = CounterMetricFamily(
            "nearshelf_spent", "What requests counted as, by the kind of key.", labels=("kind",)
        )
        for kind, amount in self.spent.items():
            spent.add_metric([kind], amount)
        yield spent
        text = "Identities whose spending Redis does not know yet."
        yield GaugeMetricFamily("nearshelf_limits_unsettled", text, value=self._ledger.waiting)


def kind_of(key: Key | None) -> str:
    return "anonymous" if key is None else key.kind
