"""The benchmark's pure parts: sizes, plans, medians, batches, the table and the drawing."""

import json
import xml.etree.ElementTree as ElementTree
from itertools import islice, pairwise

import pytest

from loadtests.bench import plot, report
from loadtests.bench.ceiling import medians
from loadtests.bench.changing import BATCH, batched, of_shops
from loadtests.bench.charts import BASE, TOP, Bars, Series, bars, short
from loadtests.bench.options import named, options, positions
from loadtests.bench.plan import Room, plan
from loadtests.bench.soak import growth
from loadtests.world.room import Needs

GIB = 1 << 30
SVG = "{http://www.w3.org/2000/svg}"
AT_HALF = {"p50_ms": 1.0, "p90_ms": 2.0, "p99_ms": 4.0, "p99_9_ms": 9.0, "max_ms": 12.0, "rps": 5_000.0}
AT_HALF |= {"results_per_answer": 6.5}
COST = {"server_cpu_us": 60.0, "rps": 16_000.0, "p50_ms": 1.0, "p99_ms": 3.0, "results_per_answer": 10.0}
VISIBLE = {"visible": 900, "visible_p50_ms": 20.0, "visible_p99_ms": 60.0, "visible_p99_9_ms": 90.0}
VISIBLE |= {"visible_p90_ms": 30.0, "visible_max_ms": 95.0}
VISIBLE |= {"never_visible": 0, "changes_per_s": 5_000, "workers": 2}
FIGURES = {
    "world": "demo",
    "positions": 10_000_000,
    "lookup_rps": 15_000.0,
    "noop_rps": 30_000.0,
    "ratio": 0.5,
    "ratios": [0.5],
    "cpu_ratio": 0.5,
    "cpu_us_per_lookup": 62.0,
    "cpu_us_per_noop": 31.0,
    "noop_core_share": 0.98,
    "noop_core_held": True,
    "results_per_answer": 10.0,
    "body_bytes": 7_200,
    "cost_cold": {"1": COST, "128": COST},
    "cost_warm": {"1": COST, "128": COST},
    "peak_rps": 10_000.0,
    "at_half": AT_HALF,
    "under_changes": {**AT_HALF, **VISIBLE, "workers": 1},
    "several_workers": {**AT_HALF, **VISIBLE},
    "redis_bytes_per_position": 15.0,
    "pss_bytes": GIB,
    "worker_rss_bytes": GIB // 4,
    "cold_start_ready_s": 2.0,
    "cold_start_answer_s": 2.1,
    "warm_up_positions_per_s": 1_000_000,
}
SMALLER = {**FIGURES, "positions": 1_000_000, "lookup_rps": 16_000.0, "at_half": {**AT_HALF, "p99_ms": 3.2}}


def test_a_size_is_read_and_named() -> None:
    assert [named(positions(text)) for text in ("500k", "1M", "300M", "1500000", "17")] == [
        "500k",
        "1M",
        "300M",
        "1500k",
        "17",
    ]
    for wrong in ("", "M", "10m", "-1M", "1.5M", "301M", "0"):
        with pytest.raises(ValueError, match="positions"):
            positions(wrong)


def test_the_largest_size_is_measured_in_full_and_milo_is_the_whole_curve() -> None:
    assert options([]).sizes == (10_000_000,)
    assert options(["--sizes", "10M,1M,10M"]).sizes == (1_000_000, 10_000_000)
    assert options(["--milo"]).sizes == (1_000_000, 10_000_000, 100_000_000, 300_000_000)


@pytest.mark.parametrize("words", [["--sizes", "many"], ["--soak", "601"], ["--rounds", "0"], ["--changes", "-1"]])
def test_options_that_do_not_fit_are_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        options(words)
    assert "error:" in capsys.readouterr().err


def test_what_does_not_fit_is_said_before_and_the_largest_that_fits_is_left() -> None:
    sizes = [positions(text) for text in ("1M", "10M", "300M")]
    found = plan(sizes, [], Room(40 * GIB, 20 * GIB, discards=False))
    assert found.sizes == (1_000_000, 10_000_000)
    assert found.dropped == (300_000_000,)
    assert "1M, 10M positions" in found.sentence
    assert "Not 300M" in found.sentence


def test_a_world_that_is_there_or_is_removed_needs_no_room_beside_the_next() -> None:
    two = [10_000_000, 100_000_000]
    disk = Needs(two[1], 150).disk_bytes
    assert plan(two, [], Room(disk, 20 * GIB, discards=False)).dropped == (100_000_000,)
    assert plan(two, [], Room(disk, 20 * GIB, discards=True)).dropped == ()
    assert plan(two, two[:1], Room(disk, 20 * GIB, discards=False)).dropped == ()
    assert plan(two, two, Room(0, 5 * GIB, discards=False)).dropped == (100_000_000,), "memory"


def test_a_ratio_is_of_one_round_and_a_client_that_was_the_limit_is_told() -> None:
    rounds = [(heard(30_000, 0.98), heard(15_000, 1)), (heard(20_000, 0.97), heard(14_000, 1))]
    rounds.append((heard(40_000, 0.99), heard(16_000, 1)))
    found = medians(rounds)
    assert (found["noop_rps"], found["lookup_rps"], found["ratio"]) == (30_000, 15_000, 0.5)
    assert found["cpu_ratio"] == 0.5
    assert found["noop_core_held"]
    assert not medians([*rounds, (heard(20_000, 0.8), heard(9_000, 1))])["noop_core_held"]


def heard(rps: float, share: float) -> dict[str, object]:
    times = {"p50_ms": 1.0, "p99_ms": 2.0, "results_per_answer": 10.0, "broken": 0, "unanswered": 0}
    return {
        "rps": rps,
        "server_cpu_share": share,
        "server_cpu_us": 1e6 / rps,
        "statuses": {"200": 9, "503": 1},
        **times,
    }


def test_batches_are_of_one_retailer_and_lose_nothing() -> None:
    changes = [(f"r{number % 3}", {"quantity": number}) for number in range(4 * BATCH)]
    found = list(batched(changes))
    assert sorted((retailer, line["quantity"]) for retailer, lines in found for line in lines) == sorted(
        (retailer, line["quantity"]) for retailer, line in changes
    )
    assert max(len(lines) for _, lines in found) == BATCH


def test_a_position_of_the_shops_never_repeats_its_count() -> None:
    counts: dict[tuple[str, str], int] = {}
    for _, line in islice(of_shops("r", 3, 4), 200):
        position = (line["store_code"], line["item_id"])
        assert counts.get(position) != line["quantity"]
        counts[position] = line["quantity"]


def test_memory_that_was_taken_at_the_start_is_no_growth() -> None:
    assert growth([50, 90, 100, 100, 100, 100, 100, 100])["soak_rss_growth_bytes"] == 0
    assert growth([50, 60, 70, 80, 90, 100, 110, 120])["soak_rss_growth_bytes"] == 20


def test_the_last_line_has_the_names_of_the_contract_and_how_flat_the_curve_is() -> None:
    found = json.loads(json.dumps(report.headline(FIGURES, [SMALLER, FIGURES])))
    wanted = ["lookup_rps", "noop_rps", "ratio", "cpu_us_per_lookup", "p50_ms", "p90_ms", "p99_ms"]
    assert list(found)[:7] == wanted
    assert (found["p99_ms"], found["throughput_fall"], found["p99_rise"]) == (4.0, 0.062, 0.25)


def test_the_table_tells_each_figure_with_its_results_an_answer() -> None:
    lines = list(report.table(report.headline(FIGURES, [SMALLER, FIGURES])))
    told = "\n".join(lines)
    for words in ("0.500", "10 results", "never read before, 128", "visible in 2 workers", "15 bytes", "10,000,000"):
        assert words in told
    assert not any("the load generator was the limit" in line for line in lines)


def test_the_drawing_is_sound_xml_and_names_its_axes() -> None:
    root = ElementTree.fromstring(plot.drawn(report.headline(FIGURES, [SMALLER, FIGURES])))
    texts = {node.text for node in root.iter(f"{SVG}text")}
    assert {"answers/s", "µs", "ms, logarithmic", "positions, logarithmic", "p99.9", "1M", "10M"} <= texts
    assert len(list(root.iter(f"{SVG}polyline"))) == 2


def test_one_world_is_drawn_with_how_long_changes_take_instead_of_a_curve() -> None:
    root = ElementTree.fromstring(plot.drawn(report.headline(FIGURES, [FIGURES])))
    assert any("every worker" in (node.text or "") for node in root.iter(f"{SVG}text"))
    assert not list(root.iter(f"{SVG}polyline"))


def test_bars_are_as_high_as_their_values() -> None:
    chart = ElementTree.fromstring(f"<g>{bars(Bars('T', 'u', ('a', 'b'), (Series('s', (50.0, 100.0)),)))}</g>")
    heights = [float(node.attrib["height"]) for node in chart.iter("rect")]
    assert heights[1] == pytest.approx(2 * heights[0], abs=0.2)
    assert heights[1] == pytest.approx(BASE - TOP, abs=0.2)


def test_a_decade_of_a_logarithmic_chart_is_as_high_as_the_next() -> None:
    values = (0.1, 1.0, 10.0, 100.0)
    series = (Series("s", values),)
    chart = ElementTree.fromstring(f"<g>{bars(Bars('T', 'ms', tuple('abcd'), series, log=True))}</g>")
    tops = [float(node.attrib["y"]) for node in chart.iter("rect")]
    steps = [above - below for above, below in pairwise(tops)]
    assert steps == pytest.approx([steps[0]] * 3, abs=0.2)


def test_numbers_are_short() -> None:
    assert [short(value) for value in (12_345_678, 34_000, 999, 0.1234, 2.5)] == ["12.3M", "34k", "999", "0.12", "2.5"]
