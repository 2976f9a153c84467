"""The figures as a table for people and one object for programs."""

from collections.abc import Iterator
from typing import Any

from loadtests.bench.musts import must_hold

Figures = dict[str, Any]
MIB = 1 << 20
TIMES = ("p50_ms", "p90_ms", "p99_ms", "p99_9_ms", "max_ms")
PHASES = {
    "at_half": "at half of it",
    "under_changes": "changes written, at half of the peak then",
    "several_workers": "the same with several workers",
}
COLUMNS = {
    "lookups/s": 10, "results": 7, "ratio": 6, "µs": 6, "p50 ms": 7, "p99 ms": 7, "results ": 8, "bytes": 6,
    "PSS MiB": 8, "start s": 8, "warmed/s": 9,
}  # fmt: skip


def headline(whole: Figures, growth: list[Figures]) -> Figures:
    """All of it with the names that others rely on in front; `growth` by size, ascending."""
    at_half = whole["at_half"]
    front = ("lookup_rps", "noop_rps", "ratio", "cpu_us_per_lookup")
    found = {name: whole[name] for name in front}
    found |= {name: at_half[name] for name in TIMES}
    found |= {name: value for name, value in whole.items() if name not in front}
    found = {**found, "growth": growth, **_flatness(growth)}
    return {**found, "must_hold": must_hold(found)}


def _flatness(growth: list[Figures]) -> Figures:
    """How much the largest world is slower than the smallest."""
    if len(growth) < 2:
        return {}
    first, last = growth[0], growth[-1]
    fall = {"throughput_fall": round(1 - last["lookup_rps"] / first["lookup_rps"], 3)}
    p99s = last["at_half"]["p99_ms"], first["at_half"]["p99_ms"]
    return {**fall, "p99_rise": round(p99s[0] / p99s[1] - 1, 3)} if all(p99s) else fall


def table(figures: Figures) -> Iterator[str]:
    """Lines for a terminal."""
    rows = [*_throughput(figures), *_costs(figures), *_latency(figures), *_size(figures), *_soaked(figures)]
    width = max(len(name) for name, _ in rows)
    yield from (f"{name:<{width}}  {value}" for name, value in rows)
    yield from _curve(figures["growth"])
    yield from _bounds(figures["must_hold"])


def _throughput(figures: Figures) -> Iterator[tuple[str, str]]:
    answers = f"{figures['results_per_answer']:g} results, {figures['body_bytes']:,} bytes an answer"
    held = "" if figures["noop_core_held"] else ", below 95%: other work or the load generator was the limit"
    yield "world", _world(figures)
    yield "constant body", f"{figures['noop_rps']:,.0f} /s ({figures['noop_core_share']:.0%} of its core{held})"
    yield "lookups, dense", f"{figures['lookup_rps']:,.0f} /s ({answers}{_refused(figures)})"
    yield "ratio", f"{figures['ratio']:.3f} (rounds: {', '.join(map(str, figures['ratios']))})"
    both = f"{figures['cpu_us_per_lookup']:g} µs a lookup, {figures['cpu_us_per_noop']:g} µs a constant body"
    yield "processor of the answering process", f"{both} (ratio {figures['cpu_ratio']:.3f})"
    warming = figures["warming"]
    end = "" if warming["is_steady"] else " (not steady yet)"
    rates = " → ".join(f"{rate:,.0f}" for rate in warming["rps"])
    yield "before, Redis just filled", f"{rates} /s, {warming['step_s']:g} s each{end}"


def _world(figures: Figures) -> str:
    world = figures["world"]
    kept = {name: value for name, value in world.items() if name != "positions"} if isinstance(world, dict) else {}
    told = ", ".join(
        f"{name} {value:,}" if isinstance(value, int) else f"{name} {value}" for name, value in kept.items()
    )
    return f"{figures['positions']:,} positions ({told or world})"


def _refused(figures: Figures) -> str:
    return f"; {figures['not_200']:,} REFUSED or not found" if figures.get("not_200") else ""


def _costs(figures: Figures) -> Iterator[tuple[str, str]]:
    for name, title in (("cost_cold", "cold, never read before"), ("cost_warm", "warm")):
        for connections, cost in figures.get(name, {}).items():
            times = f"p50 {_ms(cost['p50_ms'])}, p99 {_ms(cost['p99_ms'])} ms"
            told = f"{cost['server_cpu_us']:g} µs, {cost['rps']:,.0f} /s, {times}"
            answers = f"{cost['results_per_answer']:g} results{_refused(cost)}"
            yield f"{title}, {connections} connections", f"{told} ({answers})"


def _latency(figures: Figures) -> Iterator[tuple[str, str]]:
    yield "peak, natural", f"{figures['peak_rps']:,.0f} /s ({figures['peak_results_per_answer']:g} results)"
    for name, title in PHASES.items():
        if name not in figures:
            continue
        heard = figures[name]
        times = ", ".join(f"{key.removesuffix('_ms').replace('_', '.')} {_ms(heard[key])}" for key in TIMES)
        client = f"the client {_ms(heard['client_late_p99_ms'])} ms late at p99"
        at = (
            f"{heard['rps']:,.0f} of at most {heard['peak_rps']:,.0f} /s"
            if "peak_rps" in heard
            else f"{heard['rps']:,.0f} /s"
        )
        yield title, f"{times} ms ({heard['results_per_answer']:g} results, {at}, {client})"
        if "visible" in heard:
            yield _visible(heard)


def _visible(heard: Figures) -> tuple[str, str]:
    workers = f"{heard['workers']} workers" if heard["workers"] > 1 else "the worker"
    names = {"p50": "visible_p50_ms", "p99": "visible_p99_ms", "p99.9": "visible_p99_9_ms", "max": "visible_max_ms"}
    seen = ", ".join(f"{name} {_ms(heard.get(key))}" for name, key in names.items())
    ran_out = ", and none at last" if heard["changes_ran_out"] else ""
    told = f"{heard['changes_per_s']:,} changes/s{ran_out}; {heard['visible']:,} looked for"
    return f"a change visible in {workers}", f"{seen} ms ({told}, {heard['never_visible']} never seen)"


def _size(figures: Figures) -> Iterator[tuple[str, str]]:
    yield "Redis", f"{figures['redis_bytes_per_position']:g} bytes a position"
    yield "all our processes (PSS)", f"{figures['pss_bytes'] / MIB:,.0f} MiB"
    if several := figures.get("several_workers"):
        yield f"with {several['workers']} workers", f"{several['pss_bytes'] / MIB:,.0f} MiB"
    yield "a worker (RSS)", f"{figures['worker_rss_bytes'] / MIB:,.0f} MiB"
    ready, answer = figures["cold_start_ready_s"], figures["cold_start_answer_s"]
    yield "cold start", f"ready after {ready:g} s, first answer {answer:g} s"
    yield "warming Redis", f"{figures['warm_up_positions_per_s']:,} positions/s"


def _soaked(figures: Figures) -> Iterator[tuple[str, str]]:
    if "soak_s" in figures:
        first, last, most = (figures[f"soak_rss_{name}_bytes"] / MIB for name in ("first", "last", "most"))
        asked = f"{figures['soak_rps']:,.0f} /s, {figures['soak_results_per_answer']:g} results"
        grown = f"a worker's RSS {first:,.0f} → {last:,.0f} MiB, at most {most:,.0f}"
        yield f"soak of {figures['soak_s']:g} s", f"{grown} ({asked})"


def _curve(growth: list[Figures]) -> Iterator[str]:
    if len(growth) < 2:
        return
    yield f"{'positions':>13} " + " ".join(f"{name.strip():>{width}}" for name, width in COLUMNS.items())
    for one in growth:
        cells = zip(_cells(one), COLUMNS.values(), strict=True)
        yield f"{one['positions']:>13,} " + " ".join(f"{cell:>{width}}" for cell, width in cells)


def _cells(one: Figures) -> Iterator[str]:
    at_half = one["at_half"]
    yield from (f"{one['lookup_rps']:,.0f}", f"{one['results_per_answer']:g}", f"{one['ratio']:.3f}")
    yield from (f"{one['cpu_us_per_lookup']:.0f}", _ms(at_half["p50_ms"]), _ms(at_half["p99_ms"]))
    yield from (f"{at_half['results_per_answer']:g}", f"{one['redis_bytes_per_position']:.1f}")
    yield from (f"{one['pss_bytes'] / MIB:,.0f}", f"{one['cold_start_answer_s']:.1f}")
    yield f"{one['warm_up_positions_per_s']:,}"


def _bounds(found: list[Figures]) -> Iterator[str]:
    yield "What has to hold:"
    width = max(len(one["what"]) for one in found)
    for one in found:
        yield f"  {one['what']:<{width}}  {one['figure']:>14}  {one['bound']:<16} {'holds' if one['holds'] else 'NOT'}"


def _ms(value: float | None) -> str:
    """Nothing where there was no answer."""
    return "–" if value is None else f"{value:,.2f}" if value < 100 else f"{value:,.0f}"
