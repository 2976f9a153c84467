"""Bar charts as pieces of SVG; colours are classes `s0` to `s2` of whoever embeds them."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 400, 220
LEFT, RIGHT, TOP, BOTTOM = 40, 4, 74, 24
BASE, ACROSS = HEIGHT - BOTTOM, WIDTH - LEFT - RIGHT
UNIT_AT, LEGEND_AT = 33, 53
STEPS = (1, 2, 2.5, 5, 10)
WANTED_TICKS = 4
WIDEST, LETTER = 56.0, 6.4

Scale = Callable[[float], float]


@dataclass(frozen=True, slots=True)
class Series:
    """One value a name; None is left out."""

    name: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Bound:
    """A line across at `value`, which `said` explains."""

    value: float
    said: str


@dataclass(frozen=True, slots=True)
class Bars:
    """`names` along the bottom, a bar for each of `series` at each; `unit` of the values."""

    title: str
    unit: str
    names: tuple[str, ...]
    series: tuple[Series, ...]
    log: bool = False
    bound: Bound | None = None


def bars(chart: Bars) -> str:
    values = [value for one in chart.series for value in one.values if value] or [1.0]
    highest, lowest = max(*values, chart.bound.value if chart.bound else 0.0), min(values)
    marks = _decades(lowest, highest) if chart.log else _ticks(highest)
    scale = _log(marks[0], marks[-1]) if chart.log else _linear(marks[-1])
    found = [_frame(chart.title, chart.unit), _legend(chart.series), _marks(marks, scale)]
    return "".join([*found, *_groups(chart, scale), _bound(chart.bound, scale), *_values(chart, scale)])


def text(left: float, top: float, words: str, kind: str = "", anchor: str = "start") -> str:
    return f'<text x="{left:.1f}" y="{top:.1f}" class="{kind}" text-anchor="{anchor}">{escape(words)}</text>'


def short(value: float) -> str:
    """12,345,678 → `12.3M`; 0.1234 → `0.123`."""
    for unit, name in ((1e6, "M"), (1e3, "k")):
        if value >= unit:
            return f"{value / unit:.3g}{name}"
    return f"{value:.3g}"


def _groups(chart: Bars, scale: Scale) -> Iterator[str]:
    for place, name in enumerate(chart.names):
        yield text(_middle(chart, place), BASE + 17, name, "tick", "middle")
    for number, one, place, value, left in _each(chart):
        said = f"{one.name}, {chart.names[place]}: {short(value)}"
        yield _bar(left, scale(value), _width(chart), number, said)


def _values(chart: Bars, scale: Scale) -> Iterator[str]:
    """Above all else, as a line may run through them."""
    for _, _, _, value, left in _each(chart):
        yield text(left + _width(chart) / 2, scale(value) - 4, short(value), "value", "middle")


def _each(chart: Bars) -> Iterator[tuple[int, Series, int, float, float]]:
    """Number of the series, the series, place, value, and left edge of each bar."""
    for place in range(len(chart.names)):
        first = _middle(chart, place) - len(chart.series) / 2 * _width(chart)
        for number, one in enumerate(chart.series):
            if value := one.values[place]:
                yield number, one, place, value, first + number * _width(chart)


def _middle(chart: Bars, place: int) -> float:
    return LEFT + (place + 0.5) * ACROSS / len(chart.names)


def _width(chart: Bars) -> float:
    return min(WIDEST, 0.84 * ACROSS / len(chart.names) / len(chart.series))


def _bound(bound: Bound | None, scale: Scale) -> str:
    if bound is None:
        return ""
    top = scale(bound.value)
    line = f'<line class="bound" x1="{LEFT}" y1="{top:.1f}" x2="{WIDTH - RIGHT}" y2="{top:.1f}"/>'
    return line + text(LEFT, LEGEND_AT, f"- - {bound.said}", "said")


def _frame(title: str, unit: str) -> str:
    axis = f'<line class="axis" x1="{LEFT}" y1="{BASE}" x2="{WIDTH - RIGHT}" y2="{BASE}"/>'
    return text(0, 14, title, "title") + text(0, UNIT_AT, unit, "unit") + axis


def _legend(series: Sequence[Series]) -> str:
    """Nothing for one series: its chart's title names it."""
    if len(series) < 2:
        return ""
    found, left = [], float(LEFT)
    for number, one in enumerate(series):
        found.append(f'<rect class="s{number}" x="{left:.0f}" y="{LEGEND_AT - 9}" width="10" height="10" rx="2"/>')
        found.append(text(left + 14, LEGEND_AT, one.name))
        left += 24 + LETTER * len(one.name)
    return "".join(found)


def _marks(marks: Sequence[float], scale: Scale) -> str:
    return "".join(
        f'<line class="grid" x1="{LEFT}" y1="{scale(mark):.1f}" x2="{WIDTH - RIGHT}" y2="{scale(mark):.1f}"/>'
        + text(LEFT - 6, scale(mark) + 4, short(mark) if mark else "0", "tick", "end")
        for mark in marks
    )


def _bar(left: float, top: float, width: float, number: int, said: str) -> str:
    return (
        f'<rect class="s{number}" x="{left + 1:.1f}" y="{top:.1f}" width="{max(1.0, width - 2):.1f}"'
        f' height="{max(0.5, BASE - top):.1f}"><title>{escape(said)}</title></rect>'
    )


def _ticks(highest: float) -> list[float]:
    """From 0 in round steps to at least `highest`."""
    rough = highest / WANTED_TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(step * power for step in STEPS if step * power >= rough * (1 - 1e-9))
    return [step * number for number in range(math.ceil(highest / step - 1e-9) + 1)]


def _decades(lowest: float, highest: float) -> list[float]:
    first, last = math.floor(math.log10(lowest)), math.ceil(math.log10(highest))
    return [10.0**power for power in range(first, max(last, first + 1) + 1)]


def _linear(highest: float) -> Scale:
    return lambda value: BASE - (BASE - TOP) * value / highest


def _log(lowest: float, highest: float) -> Scale:
    span = math.log10(highest / lowest)
    return lambda value: BASE - (BASE - TOP) * math.log10(value / lowest) / span
