"""The truth simulator: seeded, near what studies found, and never telling the truth with the history."""

import json
from collections import defaultdict
from dataclasses import replace
from typing import Any

import pytest

from loadtests.simulator.habits import Habits
from loadtests.simulator.shelves import CLOSES, HOURS, OPENS
from loadtests.simulator.world import World

DAYS = 12
HABITS = Habits("till", stores=5, products=60)
WHOLE = range(DAYS * HOURS)


def world(seed: int = 1, habits: Habits = HABITS) -> World:
    return World("acme", habits, seed, DAYS)


def test_a_seed_is_a_world() -> None:
    assert world(1).feed == world(1).feed != world(2).feed
    assert world(1).questions(WHOLE, 50) == world(1).questions(WHOLE, 50)


def test_records_err_about_as_often_as_studies_found() -> None:
    shelves = world(habits=replace(HABITS, stores=20)).shelves
    shelf, book = shelves.shelf[12::HOURS], shelves.book[12::HOURS]
    assert 0.3 < (shelf != book).mean() < 0.75
    assert 0.06 < (shelf == 0).mean() < 0.2
    assert 0.03 < ((shelf == 0) & (book > 0)).mean() < 0.15
    assert 0.01 < ((shelf > 0) & (book == 0)).sum() / (book == 0).sum() < 0.4


def test_nothing_is_sold_at_night() -> None:
    sold = world().shelves.sold.reshape(DAYS, HOURS, -1).sum(axis=(0, 2))
    assert sold[:OPENS].sum() == sold[CLOSES:].sum() == 0
    assert (sold[OPENS:CLOSES] > 0).all()


@pytest.mark.parametrize("feed", ["till", "nightly"])
def test_what_is_told_adds_up_to_the_books_while_the_feed_is_heard(feed: Any) -> None:
    made = world(habits=replace(HABITS, feed=feed, outage=0.0, missed_nights=0.0))
    counts: dict[tuple[str, str], int] = {}
    for line in made.feed:
        if line["kind"] != "coverage":
            place, quantity = (line["store"], line["product"]), line["quantity"]
            change = {"record": quantity - counts.get(place, 0), "sale": -quantity, "delivery": quantity}[line["kind"]]
            counts[place] = counts.get(place, 0) + change
    hour = -1 if feed == "till" else (DAYS - 1) * HOURS + 4
    books = {made.names.position(one)["product"] + made.names.position(one)["store"]: int(made.shelves.book[hour, one])
             for one in range(made.positions)}  # fmt: skip
    assert {product + store: count for (store, product), count in counts.items()} == books


def test_a_weekly_feed_covers_each_night_and_tells_news_once_a_week() -> None:
    made = world(habits=replace(HABITS, feed="weekly", missed_nights=0.0, outage=0.0))
    days = defaultdict(set)
    for line in made.feed:
        days[line["kind"]].add(line["observed_at"][:10])
    assert len(days["coverage"]) == DAYS
    assert len(days["record"]) <= 1 + DAYS // 7 + 1


def test_a_feed_that_falls_silent_says_nothing_and_then_catches_up() -> None:
    silent = world(habits=replace(HABITS, outage=0.5, outage_days=1.0))
    covered = [line for line in silent.feed if line["kind"] == "coverage"]
    assert 0.3 < len(covered) / (DAYS * HOURS * HABITS.stores) < 0.95
    assert any(line["kind"] == "record" and line["observed_at"] > "2026-01-05T01" for line in silent.feed)


def test_the_truth_is_told_apart_and_is_the_shelfs() -> None:
    made = world()
    questions, truths = made.questions(WHOLE, 200)
    assert "pieces" not in json.dumps([made.feed, made.looks(WHOLE), questions])
    assert {one["id"] for one in questions} == {one["id"] for one in truths}
    question, truth = made.question(30, 7, 2, 0)
    assert truth["pieces"] == made.shelves.shelf[30, 7]
    assert question["at"] == "2026-01-06T07:00:00Z"


def test_staff_and_shoppers_err_now_and_then() -> None:
    made = world(habits=replace(HABITS, looks=60.0, shoppers=60.0, staff_errs=0.1, shopper_errs=0.3))
    wrong: dict[str, list[bool]] = defaultdict(list)
    hours = {
        f"2026-01-{5 + day:02d}T{hour:02d}": day * HOURS + hour - 1 for day in range(DAYS) for hour in range(HOURS)
    }
    positions = {
        (line["store"], line["product"]): one for one in range(made.positions) if (line := made.names.position(one))
    }
    for line in made.looks(WHOLE):
        there = made.shelves.shelf[hours[line["observed_at"][:13]], positions[line["store"], line["product"]]] > 0
        said = line.get("found", line.get("shelf", "") not in ("none",) and line.get("quantity", 1) > 0)
        wrong[line["kind"]].append(bool(said) != bool(there))
    assert sum(wrong["confirmation"]) / len(wrong["confirmation"]) == pytest.approx(0.1, abs=0.04)
    assert sum(wrong["shopper"]) / len(wrong["shopper"]) == pytest.approx(0.3, abs=0.06)
