"""The table, what has to hold, and the drawing."""

import json
import xml.etree.ElementTree as ElementTree
from itertools import pairwise
from pathlib import Path

import pytest

from loadtests.bench import plot, report
from loadtests.bench.charts import BASE, TOP, Bars, Series, bars, short
from loadtests.bench.musts import must_hold
from tests.loadtests_bench.figures import AT_HALF, FIGURES, GIB, SMALLER, VISIBLE

SVG = "{http://www.w3.org/2000/svg}"


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


def test_figures_that_nobody_has_are_told_as_such() -> None:
    silent = {**AT_HALF, **dict.fromkeys(report.TIMES)}
    unseen = {name: value for name, value in VISIBLE.items() if not name.endswith("_ms")}
    figures = {**FIGURES, "at_half": silent, "under_changes": {**silent, **unseen}}
    assert any("p99 –" in line for line in report.table(report.headline(figures, [SMALLER, figures])))


def test_what_has_to_hold_is_told_beside_what_was_measured() -> None:
    headline = report.headline({**FIGURES, "ratio": 0.44}, [SMALLER, FIGURES])
    found = {one["what"]: one for one in headline["must_hold"]}
    assert (found["ratio to the constant body"]["bound"], found["ratio to the constant body"]["holds"]) == (
        "≥ 0.45",
        False,
    )
    assert found["Redis, a position"] == {
        "what": "Redis, a position",
        "figure": "15 bytes",
        "bound": "≤ 20 bytes",
        "holds": True,
    }
    assert not any("soak" in what for what in found), "not measured"
    assert [one["what"] for one in must_hold({"pss_bytes": GIB})] == ["all processes (PSS)"]


def test_changes_that_ran_out_were_not_written_all_the_time() -> None:
    wrote, ran_out = ({"under_changes": {**VISIBLE, "changes_ran_out": ran_out}} for ran_out in (False, True))
    assert [one["holds"] for one in must_hold(wrote)] == [True]
    assert [one["holds"] for one in must_hold(ran_out)] == [False]


def test_answers_of_which_some_never_came_are_told_beside_how_even_the_others_were() -> None:
    drowned = {"under_changes": {**AT_HALF, "peak_rps": 2_000.0, "p50_ms": 900.0, "p99_ms": 990.0, "rps": 500.0}}
    assert [one["holds"] for one in must_hold(drowned)] == [True, False]


def test_the_drawing_is_sound_xml_and_names_its_axes() -> None:
    root = ElementTree.fromstring(plot.drawn([report.headline(FIGURES, [SMALLER, FIGURES])]))
    texts = {node.text for node in root.iter(f"{SVG}text")}
    assert {"µs of the answering process", "ms, logarithmic", "bytes a position", "p99.9", "1M", "10M"} <= texts


def test_several_runs_are_one_curve_and_the_later_one_counts(tmp_path: Path) -> None:
    again = {**FIGURES, "ratio": 0.58}
    (tmp_path / "a").write_text("round 1\n" + json.dumps(report.headline(FIGURES, [SMALLER, FIGURES])) + "\n")
    (tmp_path / "b").write_text(json.dumps(report.headline(again, [again])))
    svg = plot.drawn([plot.last_object(tmp_path / name) for name in "ab"])
    titles = [node.text for node in ElementTree.fromstring(svg).iter(f"{SVG}title")]
    assert [title for title in titles if (title or "").startswith("ratio")] == ["ratio, 1M: 0.5", "ratio, 10M: 0.58"]


def test_a_growth_curve_without_a_world_in_full_is_drawn_without_latency() -> None:
    point = {name: value for name, value in FIGURES.items() if name not in ("under_changes", "several_workers")}
    svg = plot.drawn([report.headline(point, [point])])
    assert "p99.9" not in svg
    assert "bytes a position" in svg


def test_a_file_without_figures_is_refused(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("nothing\n")
    with pytest.raises(ValueError, match="no figures"):
        plot.last_object(tmp_path / "log")


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
    assert [short(value) for value in (12_345_678, 34_000, 999, 0.1234, 2.5)] == ["12.3M", "34k", "999", "0.123", "2.5"]
