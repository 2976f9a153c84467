"""A reliability diagram as SVG: what was said against how often it was so. Readable on light and on dark pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from loadtests.calibration.scores import Bin

SIZE, MARGIN, TOP = 320, 48, 56
LEGEND = 22
STYLE = """
  svg { --ink: #1b1f24; --faint: #66707b; --grid: #dfe4ea; --paper: #ffffff; --c0: #2563eb; --c1: #d97706;
        color-scheme: light dark; }
  @media (prefers-color-scheme: dark) {
    svg { --ink: #e6e9ed; --faint: #9aa5b1; --grid: #343c46; --paper: #14181d; --c0: #7aa7ff; --c1: #f5b15a; } }
  text { font: 12px system-ui, sans-serif; fill: var(--ink); } .tick { fill: var(--faint); }
  .head { font-weight: 600; font-size: 15px; } line { stroke: var(--grid); }
  .true { stroke: var(--faint); stroke-dasharray: 4 4; }
  polyline { fill: none; stroke-width: 2; } .c0 { stroke: var(--c0); } .c1 { stroke: var(--c1); }
  circle.c0 { fill: var(--c0); } circle.c1 { fill: var(--c1); }
"""


@dataclass(frozen=True, slots=True)
class Curve:
    """One line of the diagram; `bins` in order."""

    name: str
    bins: Sequence[Bin]


def drawn(curves: Sequence[Curve]) -> str:
    width, height = SIZE + 2 * MARGIN, SIZE + TOP + MARGIN + LEGEND * len(curves)
    said = "; ".join(f"{curve.name}: {sum(one.number for one in curve.bins)} answers" for curve in curves)
    parts = [_frame(), *(_curve(number, curve) for number, curve in enumerate(curves))]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" role="img"'
        f' aria-label="Reliability diagram. {escape(said)}">\n<title>Reliability diagram</title>\n'
        f'<style>{STYLE}</style>\n<rect width="{width}" height="{height}" fill="var(--paper)"/>\n'
        f'<text x="{MARGIN}" y="26" class="head">What was said, and how often it was so</text>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def _frame() -> str:
    parts = []
    for step in range(6):
        share = step / 5
        parts.append(f'<line x1="{_x(0):.1f}" y1="{_y(share):.1f}" x2="{_x(1):.1f}" y2="{_y(share):.1f}"/>')
        parts.append(
            f'<text class="tick" x="{MARGIN - 8}" y="{_y(share) + 4:.1f}" text-anchor="end">{share:.1f}</text>'
        )
        parts.append(
            f'<text class="tick" x="{_x(share):.1f}" y="{_y(0) + 18:.1f}" text-anchor="middle">{share:.1f}</text>'
        )
    parts.append(f'<line class="true" x1="{_x(0):.1f}" y1="{_y(0):.1f}" x2="{_x(1):.1f}" y2="{_y(1):.1f}"/>')
    return "\n".join(parts)


def _curve(number: int, curve: Curve) -> str:
    """Dots grow with the number of answers."""
    most = max(one.number for one in curve.bins)
    points = " ".join(f"{_x(one.predicted):.1f},{_y(one.observed):.1f}" for one in curve.bins)
    dots = [
        f'<circle class="c{number}" cx="{_x(one.predicted):.1f}" cy="{_y(one.observed):.1f}"'
        f' r="{2 + 5 * (one.number / most) ** 0.5:.1f}"><title>said {one.predicted:.2f}, was {one.observed:.2f},'
        f" {one.number} answers</title></circle>"
        for one in curve.bins
    ]
    top = TOP + SIZE + MARGIN - 4 + LEGEND * number
    legend = f'<circle class="c{number}" cx="{MARGIN + 5}" cy="{top - 4}" r="5"/><text x="{MARGIN + 18}" y="{top}">'
    return f'<polyline class="c{number}" points="{points}"/>\n{"".join(dots)}\n{legend}{escape(curve.name)}</text>'


def _x(share: float) -> float:
    return MARGIN + SIZE * share


def _y(share: float) -> float:
    return TOP + SIZE * (1.0 - share)
