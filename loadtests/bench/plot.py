"""The figures as one SVG: four charts, readable on light and on dark pages."""

from collections.abc import Sequence
from typing import Any

from loadtests.bench.charts import HEIGHT, WIDTH, Bars, Curve, Series, bars, curves, text

MARGIN, TITLE_HEIGHT = 24, 56
STYLE = """
  svg { --ink: #1b1f24; --faint: #8a929c; --grid: #d9dee4; --paper: #ffffff;
        --s0: #2563eb; --s1: #d97706; --s2: #0f766e; --s3: #b4235a; color-scheme: light dark; }
  @media (prefers-color-scheme: dark) {
    svg { --ink: #e6e9ed; --faint: #98a2ad; --grid: #3a424b; --paper: #14181d;
          --s0: #7aa7ff; --s1: #f5b15a; --s2: #5fd0c2; --s3: #f38bb0; } }
  text { font: 12px system-ui, sans-serif; fill: var(--ink); }
  .title { font-weight: 600; font-size: 14px; } .head { font-weight: 600; font-size: 18px; }
  .unit, .tick { fill: var(--faint); } .value { font-size: 9px; }
  .grid { stroke: var(--grid); } .axis { stroke: var(--faint); }
  .s0 { fill: var(--s0); } .s1 { fill: var(--s1); } .s2 { fill: var(--s2); } .s3 { fill: var(--s3); }
  .line { fill: none; stroke-width: 2; } .line.s0 { stroke: var(--s0); } .line.s1 { stroke: var(--s1); }
  .line.s2 { stroke: var(--s2); } .line.s3 { stroke: var(--s3); }
"""
TIMES = {"p50": "p50_ms", "p90": "p90_ms", "p99": "p99_ms", "p99.9": "p99_9_ms", "max": "max_ms"}
PHASES = {"quiet": "at_half", "changes written": "under_changes", "two workers": "several_workers"}


def drawn(figures: dict[str, Any]) -> str:
    """The whole file."""
    growth = figures["growth"]
    last = _growth(growth) if len(growth) > 1 else _visibility(figures)
    charts = [_throughput(figures), _cost(figures), _latency(figures), last]
    width, height = 2 * WIDTH + 3 * MARGIN, TITLE_HEIGHT + 2 * (HEIGHT + MARGIN)
    placed = "".join(_placed(number, chart) for number, chart in enumerate(charts))
    said = f"Lookups over {figures['positions']:,} positions, one answering process on one core"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-label="{said}">\n'
        f"<title>{said}</title>\n<style>{STYLE}</style>\n"
        f'<rect width="{width}" height="{height}" fill="var(--paper)"/>\n'
        f"{text(MARGIN, 34, said, 'head')}\n{placed}</svg>\n"
    )


def _placed(number: int, chart: str) -> str:
    """Two in a row."""
    left, top = MARGIN + number % 2 * (WIDTH + MARGIN), TITLE_HEIGHT + number // 2 * (HEIGHT + MARGIN)
    return f'<g transform="translate({left},{top})">{chart}</g>\n'


def _throughput(figures: dict[str, Any]) -> str:
    series = (Series("answers", (figures["noop_rps"], figures["lookup_rps"], figures["peak_rps"])),)
    names = ("constant body", f"lookup (ratio {figures['ratio']:.2f})", "lookup, natural mix")
    return bars(Bars("Most answers a second", "answers/s", names, series))


def _cost(figures: dict[str, Any]) -> str:
    found = {"never read before": figures.get("cost_cold"), "cached": figures.get("cost_warm")}
    names = tuple(figures["cost_warm"])
    series = tuple(
        Series(title, tuple(costs[name]["server_cpu_us"] for name in names)) for title, costs in found.items() if costs
    )
    return bars(Bars("Processor time of a lookup, by connections", "µs", names, series))


def _latency(figures: dict[str, Any]) -> str:
    series = tuple(
        Series(title, tuple(figures[name][time] for time in TIMES.values()))
        for title, name in PHASES.items()
        if name in figures
    )
    return bars(
        Bars("Time to an answer at half of the peak, open loop", "ms, logarithmic", tuple(TIMES), series, log=True)
    )


def _visibility(figures: dict[str, Any]) -> str:
    series = tuple(
        Series(title, tuple(figures[name][f"visible_{time}"] for time in TIMES.values()))
        for title, name in (("one worker", "under_changes"), ("two workers", "several_workers"))
    )
    title = "Until a change is in the answers of every worker"
    return bars(Bars(title, "ms, logarithmic", tuple(TIMES), series, log=True))


def _growth(growth: Sequence[dict[str, Any]]) -> str:
    """Throughput and p99, each of the smallest world's."""
    first = growth[0]
    sizes = tuple(float(one["positions"]) for one in growth)
    series = (
        Series("lookups/s", tuple(one["lookup_rps"] / first["lookup_rps"] for one in growth)),
        Series("p99 at half", tuple(one["at_half"]["p99_ms"] / first["at_half"]["p99_ms"] for one in growth)),
    )
    return curves(Curve("As the world grows: the smallest world = 1", "positions, logarithmic", sizes, series))
