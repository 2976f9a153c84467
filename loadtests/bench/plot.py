"""The figures as one SVG: python -m loadtests.bench.plot FILE.svg OUTPUT…

Each OUTPUT is what a run has printed, or its last line alone (figures.json beside the worlds). Several are drawn as one
growth curve; of two figures of the same world, the later file's is taken. Readable on light and on dark pages, and as
narrow as a phone.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from loadtests.bench.charts import HEIGHT, WIDTH, Bars, Bound, Series, bars, short, text

Figures = dict[str, Any]
MARGIN, TITLE_HEIGHT, GAP, SHOWN_WIDTH = 16, 64, 22, 640
STYLE = """
  svg { --ink: #1b1f24; --faint: #66707b; --grid: #dfe4ea; --paper: #ffffff;
        --s0: #2563eb; --s1: #d97706; --s2: #0f766e; --bound: #b4235a; color-scheme: light dark; }
  @media (prefers-color-scheme: dark) {
    svg { --ink: #e6e9ed; --faint: #9aa5b1; --grid: #343c46; --paper: #14181d;
          --s0: #7aa7ff; --s1: #f5b15a; --s2: #5fd0c2; --bound: #f38bb0; } }
  text { font: 12px system-ui, sans-serif; fill: var(--ink); }
  .head { font-weight: 600; font-size: 17px; } .title { font-weight: 600; font-size: 14px; }
  .tick, .unit { fill: var(--faint); }
  .value { font-size: 11px; paint-order: stroke; stroke: var(--paper); stroke-width: 3px; }
  .said { fill: var(--bound); font-size: 11px; }
  .grid { stroke: var(--grid); } .axis { stroke: var(--faint); }
  .bound { stroke: var(--bound); stroke-width: 1.5; stroke-dasharray: 5 4; }
  .s0 { fill: var(--s0); } .s1 { fill: var(--s1); } .s2 { fill: var(--s2); }
"""
TIMES = {"p50": "p50_ms", "p99": "p99_ms", "p99.9": "p99_9_ms"}
PHASES = {"nothing written": "at_half", "changes written": "under_changes", "two workers": "several_workers"}
RATIO, BYTES = Bound(0.45, "at least 0.45"), Bound(20.0, "at most 20")


def drawn(runs: Sequence[Figures]) -> str:
    """The whole file; latency is of the largest world that was measured in full."""
    growth = _by_size(runs)
    charts = [_ratio(growth), _cost(growth), *_latency(growth), _bytes(growth)]
    width, height = WIDTH + 2 * MARGIN, TITLE_HEIGHT + len(charts) * (HEIGHT + GAP)
    placed = "".join(
        f'<g transform="translate({MARGIN},{TITLE_HEIGHT + number * (HEIGHT + GAP)})">{chart}</g>\n'
        for number, chart in enumerate(charts)
    )
    head = "Lookups, as the world grows" if len(growth) > 1 else f"Lookups among {_size(growth[0])} positions"
    said = "One answering process on one core; sizes in positions"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{SHOWN_WIDTH}"'
        f' height="{SHOWN_WIDTH * height / width:.0f}" role="img" aria-label="{head}. {said}">\n'
        f"<title>{head}</title>\n<style>{STYLE}</style>\n"
        f'<rect width="{width}" height="{height}" fill="var(--paper)"/>\n'
        f"{text(MARGIN, 28, head, 'head')}{text(MARGIN, 47, said, 'unit')}\n{placed}</svg>\n"
    )


def last_object(path: Path) -> Figures:
    """The JSON object that a run ends with. Raises ValueError where there is none."""
    lines = [line for line in path.read_text().splitlines() if line.startswith("{")]
    if not lines:
        raise ValueError(f"{path} holds no figures.")
    return dict(json.loads(lines[-1]))


def _by_size(runs: Sequence[Figures]) -> list[Figures]:
    """One for each world, ascending."""
    found = {one["positions"]: one for run in runs for one in run["growth"]}
    return [found[positions] for positions in sorted(found)]


def _size(figures: Figures) -> str:
    """`10M`: the positions that were wanted; those loaded differ by a few."""
    world = figures["world"]
    return short(world["positions"] if isinstance(world, dict) else figures["positions"])


def _ratio(growth: Sequence[Figures]) -> str:
    series = (Series("ratio", tuple(one["ratio"] for one in growth)),)
    title = "Answers a second, constant body = 1"
    return bars(Bars(title, "ratio, dense questions, 32 connections", _sizes(growth), series, bound=RATIO))


def _cost(growth: Sequence[Figures]) -> str:
    names = {"lookup": "cpu_us_per_lookup", "constant body": "cpu_us_per_noop"}
    series = tuple(Series(title, tuple(one[name] for one in growth)) for title, name in names.items())
    return bars(Bars("Processor time of a request", "µs of the answering process", _sizes(growth), series))


def _latency(growth: Sequence[Figures]) -> list[str]:
    whole = [one for one in growth if all(name in one for name in PHASES.values())]
    if not whole:
        return []
    series = tuple(
        Series(title, tuple(whole[-1][name][time] for time in TIMES.values())) for title, name in PHASES.items()
    )
    title = f"Time to an answer at half of the peak, {_size(whole[-1])}"
    return [bars(Bars(title, "ms, logarithmic", tuple(TIMES), series, log=True))]


def _bytes(growth: Sequence[Figures]) -> str:
    series = (Series("Redis", tuple(one["redis_bytes_per_position"] for one in growth)),)
    return bars(Bars("Redis, everything counted", "bytes a position", _sizes(growth), series, bound=BYTES))


def _sizes(growth: Sequence[Figures]) -> tuple[str, ...]:
    return tuple(map(_size, growth))


def main() -> None:
    if len(sys.argv) < 3:
        sys.exit(str(__doc__))
    target, *outputs = map(Path, sys.argv[1:])
    try:
        target.write_text(drawn([last_object(path) for path in outputs]))
    except (OSError, ValueError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
