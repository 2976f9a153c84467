"""Bar and line charts as pieces of SVG; colours are classes `s0` to `s3` of whoever embeds them."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 440, 250
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 56, 30
BASE, ACROSS = HEIGHT - BOTTOM, WIDTH - LEFT - RIGHT
STEPS = (1, 2, 2.5, 5, 10)
WANTED_TICKS = 4

Scale = Callable[[float], float]


@dataclass(frozen=True, slots=True)
class Series:
    """One value a name or place; None is left out."""

    name: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Bars:
    """`names` along the bottom, a bar for each of `series` at each; `unit` of the values."""

    title: str
    unit: str
    names: tuple[str, ...]
    series: tuple[Series, ...]
    log: bool = False


@dataclass(frozen=True, slots=True)
class Curve:
    """Values over `places`, which ascend on a logarithmic axis."""

    title: str
    unit: str
    places: tuple[float, ...]
    series: tuple[Series, ...]


def bars(chart: Bars) -> str:
    highest = max((value for one in chart.series for value in one.values if value), default=1.0)
    lowest = min((value for one in chart.series for value in one.values if value), default=1.0)
    marks = _decades(lowest, highest) if chart.log else _ticks(highest)
    scale = _log(marks[0], marks[-1]) if chart.log else _linear(marks[-1])
    group = ACROSS / len(chart.names)
    each = 0.8 * group / max(1, len(chart.series))
    found, labels = [_frame(chart.title, chart.unit), _legend(chart.series), _marks(marks, scale)], []
    for place, name in enumerate(chart.names):
        found.append(text(LEFT + (place + 0.5) * group, BASE + 18, name, "tick", "middle"))
        for number, one in enumerate(chart.series):
            value = one.values[place]
            if value:
                left, top = LEFT + (place + 0.1) * group + number * each, scale(value)
                found.append(_bar(left, top, each, number, f"{one.name}, {name}: {short(value)}"))
                labels.append(text(left + each / 2, top - 4, short(value), "value", "middle"))
    return "".join(found + labels)


def curves(chart: Curve) -> str:
    highest = max(value for one in chart.series for value in one.values if value is not None)
    marks = _ticks(max(1.0, highest))
    scale = _linear(marks[-1])
    along = _along(chart.places)
    found = [_frame(chart.title, ""), _legend(chart.series), _marks(marks, scale)]
    found.append(text(WIDTH - RIGHT, TOP - 18, chart.unit, "unit", "end"))
    found += [text(along(place), BASE + 18, short(place), "tick", "middle") for place in chart.places]
    for number, one in enumerate(chart.series):
        points = [
            (along(place), scale(value), value)
            for place, value in zip(chart.places, one.values, strict=True)
            if value is not None
        ]
        path = " ".join(f"{left:.1f},{top:.1f}" for left, top, _ in points)
        found.append(f'<polyline class="line s{number}" points="{path}"/>')
        found += [_dot(left, top, number, f"{one.name}: {value:.2f}") for left, top, value in points]
    return "".join(found)


def text(left: float, top: float, words: str, kind: str = "", anchor: str = "start") -> str:
    return f'<text x="{left:.1f}" y="{top:.1f}" class="{kind}" text-anchor="{anchor}">{escape(words)}</text>'


def short(value: float) -> str:
    """12,345,678 → `12M`; 0.1234 → `0.12`."""
    for unit, name in ((1e6, "M"), (1e3, "k")):
        if value >= unit:
            return f"{value / unit:.3g}{name}"
    return f"{value:.3g}" if value >= 1 else f"{value:.2g}"


def _frame(title: str, unit: str) -> str:
    axis = f'<line class="axis" x1="{LEFT}" y1="{BASE}" x2="{WIDTH - RIGHT}" y2="{BASE}"/>'
    return text(0, 14, title, "title") + text(0, TOP - 18, unit, "unit") + axis


def _legend(series: Sequence[Series]) -> str:
    found, left = [], LEFT + 60.0
    for number, one in enumerate(series):
        if len(series) > 1:
            found.append(f'<rect class="s{number}" x="{left:.0f}" y="{TOP - 27}" width="10" height="10"/>')
            found.append(text(left + 14, TOP - 18, one.name))
        left += 24 + 6.6 * len(one.name)
    return "".join(found)


def _marks(marks: Sequence[float], scale: Scale) -> str:
    return "".join(
        f'<line class="grid" x1="{LEFT}" y1="{scale(mark):.1f}" x2="{WIDTH - RIGHT}" y2="{scale(mark):.1f}"/>'
        + text(LEFT - 6, scale(mark) + 4, short(mark) if mark else "0", "tick", "end")
        for mark in marks
    )


def _bar(left: float, top: float, width: float, number: int, said: str) -> str:
    return (
        f'<rect class="s{number}" x="{left:.1f}" y="{top:.1f}" width="{max(1.0, width - 2):.1f}"'
        f' height="{max(0.5, BASE - top):.1f}"><title>{escape(said)}</title></rect>'
    )


def _dot(left: float, top: float, number: int, said: str) -> str:
    return f'<circle class="s{number}" cx="{left:.1f}" cy="{top:.1f}" r="4"><title>{escape(said)}</title></circle>'


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


def _along(places: Sequence[float]) -> Scale:
    inset, span = 24, math.log10(places[-1] / places[0])
    if not span:
        return lambda _: LEFT + ACROSS / 2
    return lambda place: LEFT + inset + (ACROSS - 2 * inset) * math.log10(place / places[0]) / span
