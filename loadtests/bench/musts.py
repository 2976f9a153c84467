"""What has to hold, beside what was measured."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Figures = dict[str, Any]
GIB, MILLION = 1 << 30, 1_000_000


@dataclass(frozen=True, slots=True)
class Must:
    """`path` to a figure, which is to be at most, or at least, `bound`; `unit` is what both are told in."""

    what: str
    path: tuple[str, ...]
    bound: float
    at_least: bool = False
    unit: float = 1
    unit_name: str = ""

    def told(self, figure: float) -> Figures:
        holds = figure >= self.bound if self.at_least else figure <= self.bound
        sign = "≥" if self.at_least else "≤"
        name = f" {self.unit_name}" if self.unit_name else ""
        return {
            "what": self.what,
            "figure": f"{figure / self.unit:,.4g}{name}",
            "bound": f"{sign} {self.bound / self.unit:,.4g}{name}",
            "holds": holds,
        }


MUSTS = (
    Must("ratio to the constant body", ("ratio",), 0.45, at_least=True),
    Must("share of its core that the constant body had", ("noop_core_share",), 0.95, at_least=True),
    Must("throughput lost, smallest to largest world", ("throughput_fall",), 0.15),
    Must("p99 at half of the peak gained, smallest to largest world", ("p99_rise",), 0.25),
    Must("p99 over p50 while changes are written", ("p99_over_p50",), 10),
    Must("lookups answered then, of half of the peak", ("lookups_share",), 0.98, at_least=True),
    Must("changes written, of those wanted", ("changes_share",), 0.98, at_least=True),
    Must("a change visible in every worker, p99", ("several_workers", "visible_p99_ms"), 200, unit_name="ms"),
    Must("a change visible in every worker, p99.9", ("several_workers", "visible_p99_9_ms"), 1_000, unit_name="ms"),
    Must("changes never visible", ("several_workers", "never_visible"), 0),
    Must("Redis, a position", ("redis_bytes_per_position",), 20, unit_name="bytes"),
    Must("all processes (PSS)", ("pss_bytes",), 20 * GIB, unit=GIB, unit_name="GiB"),
    Must("a worker's memory (RSS)", ("worker_rss_bytes",), 400 * MILLION, unit=MILLION, unit_name="MB"),
    Must("a worker's growth late in the soak", ("soak_rss_growth_bytes",), 8 * MILLION, unit=MILLION, unit_name="MB"),
    Must("cold start, first answer", ("cold_start_answer_s",), 10, unit_name="s"),
    Must(
        "warm-up, positions a second", ("warm_up_positions_per_s",), MILLION, at_least=True, unit=MILLION, unit_name="M"
    ),
)


def must_hold(figures: Figures) -> list[Figures]:
    """Of what was measured: what, the figure, its bound, and whether it holds."""
    seen = figures | dict(_of_changes(figures.get("under_changes", {})))
    found = ((must, _figure(seen, must.path)) for must in MUSTS)
    return [must.told(figure) for must, figure in found if figure is not None]


def _of_changes(heard: Figures) -> Iterator[tuple[str, float]]:
    """Where fewer are answered than ask, all wait alike: then p99 is no longer far from p50, and tells nothing."""
    if heard.get("peak_rps") and "rps" in heard:
        yield "lookups_share", heard["rps"] / (heard["peak_rps"] / 2)
    if heard.get("p50_ms"):
        yield "p99_over_p50", heard["p99_ms"] / heard["p50_ms"]
    if heard.get("changes_asked_per_s"):
        written = heard["changes_per_s"] / heard["changes_asked_per_s"]
        yield "changes_share", 0.0 if heard.get("changes_ran_out") else written


def _figure(figures: Figures, path: tuple[str, ...]) -> float | None:
    found: Any = figures
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    return None if found is None else float(found)
