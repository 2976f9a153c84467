"""The figures as a table for people and one object for programs."""

from collections.abc import Iterator
from typing import Any

Figures = dict[str, Any]
MIB = 1 << 20
WIDTHS = (10, 6, 7, 7, 6, 8, 8)
TIMES = ("p50_ms", "p90_ms", "p99_ms", "p99_9_ms", "max_ms")


def headline(whole: Figures, growth: list[Figures]) -> Figures:
    """All of it with the names that others rely on in front; `growth` by size, ascending."""
    at_half = whole["at_half"]
    front = ("lookup_rps", "noop_rps", "ratio", "cpu_us_per_lookup")
    found = {name: whole[name] for name in front}
    found |= {name: at_half[name] for name in TIMES}
    found |= {name: value for name, value in whole.items() if name not in front}
    return {**found, "growth": growth, **_flatness(growth)}


def _flatness(growth: list[Figures]) -> Figures:
    """How much the largest world is slower than the smallest."""
    if len(growth) < 2:
        return {}
    first, last = growth[0], growth[-1]
    return {
        "throughput_fall": round(1 - last["lookup_rps"] / first["lookup_rps"], 3),
        "p99_rise": round(last["at_half"]["p99_ms"] / first["at_half"]["p99_ms"] - 1, 3),
    }


def table(figures: Figures) -> Iterator[str]:
    """Lines for a terminal."""
    rows = [*_throughput(figures), *_costs(figures), *_latency(figures), *_size(figures), *_soaked(figures)]
    width = max(len(name) for name, _ in rows)
    yield from (f"{name:<{width}}  {value}" for name, value in rows)
    yield from _curve(figures["growth"])


def _throughput(figures: Figures) -> Iterator[tuple[str, str]]:
    answers = f"{figures['results_per_answer']:g} results, {figures['body_bytes']:,} bytes an answer"
    held = "" if figures["noop_core_held"] else ", below 95%: other work or the load generator was the limit"
    yield "constant body", f"{figures['noop_rps']:,.0f} /s ({figures['noop_core_share']:.0%} of its core{held})"
    yield "lookups, dense", f"{figures['lookup_rps']:,.0f} /s ({answers})"
    yield "ratio", f"{figures['ratio']:.3f} (rounds: {', '.join(map(str, figures['ratios']))})"
    both = f"{figures['cpu_us_per_lookup']:g} µs a lookup, {figures['cpu_us_per_noop']:g} µs a constant body"
    cost = f"{both} (ratio {figures['cpu_ratio']:.3f})"
    yield "processor of the answering process", cost


def _costs(figures: Figures) -> Iterator[tuple[str, str]]:
    for name, title in (("cost_cold", "never read before"), ("cost_warm", "cached")):
        for connections, cost in figures.get(name, {}).items():
            times = f"p50 {cost['p50_ms']:g} ms, p99 {cost['p99_ms']:g} ms"
            told = f"{cost['server_cpu_us']:g} µs, {cost['rps']:,.0f} /s, {times}"
            yield f"{title}, {connections} connections", f"{told} ({cost['results_per_answer']:g} results)"


def _latency(figures: Figures) -> Iterator[tuple[str, str]]:
    yield "peak, natural", f"{figures['peak_rps']:,.0f} /s"
    titles = {
        "at_half": "at half of it",
        "under_changes": "and changes written",
        "several_workers": "and several workers",
    }
    for name, title in titles.items():
        if name not in figures:
            continue
        heard = figures[name]
        times = ", ".join(f"{key.removesuffix('_ms').replace('_', '.')} {heard[key]:g}" for key in TIMES)
        yield title, f"{times} ms ({heard['results_per_answer']:g} results, {heard['rps']:,.0f} /s)"
        if "visible" in heard:
            workers = f"{heard['workers']} workers" if heard["workers"] > 1 else "the worker"
            seen = (
                f"p50 {heard['visible_p50_ms']:g}, p99 {heard['visible_p99_ms']:g}, p99.9 {heard['visible_p99_9_ms']:g}"
            )
            told = f"{heard['changes_per_s']:,} changes/s; {heard['visible']:,} looked for"
            yield f"a change visible in {workers}", f"{seen} ms ({told}, {heard['never_visible']} never seen)"


def _size(figures: Figures) -> Iterator[tuple[str, str]]:
    yield "Redis", f"{figures['redis_bytes_per_position']:g} bytes a position"
    yield "all our processes (PSS)", f"{figures['pss_bytes'] / MIB:,.0f} MiB"
    yield "a worker (RSS)", f"{figures['worker_rss_bytes'] / MIB:,.0f} MiB"
    yield (
        "cold start",
        f"ready after {figures['cold_start_ready_s']:g} s, first answer {figures['cold_start_answer_s']:g} s",
    )
    yield "warming Redis", f"{figures['warm_up_positions_per_s']:,} positions/s"


def _soaked(figures: Figures) -> Iterator[tuple[str, str]]:
    if "soak_s" in figures:
        first, last, most = (figures[f"soak_rss_{name}_bytes"] / MIB for name in ("first", "last", "most"))
        yield f"soak of {figures['soak_s']:g} s", f"a worker's RSS {first:,.0f} → {last:,.0f} MiB, at most {most:,.0f}"


def _curve(growth: list[Figures]) -> Iterator[str]:
    if len(growth) < 2:
        return
    names = ("lookups/s", "ratio", "p50 ms", "p99 ms", "bytes", "PSS MiB", "start s")
    yield f"{'positions':>13} " + " ".join(f"{name:>{width}}" for name, width in zip(names, WIDTHS, strict=True))
    for one in growth:
        at_half = one["at_half"]
        yield (
            f"{one['positions']:>13,} {one['lookup_rps']:>10,.0f} {one['ratio']:>6.3f} {at_half['p50_ms']:>7.2f}"
            f" {at_half['p99_ms']:>7.2f} {one['redis_bytes_per_position']:>6.1f} {one['pss_bytes'] / MIB:>8,.0f}"
            f" {one['cold_start_answer_s']:>8.1f}"
        )
