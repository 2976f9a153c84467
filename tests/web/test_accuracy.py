"""The score in public: what it tells, to whom, and what a machine reads of it."""

import pytest

from inventory_service.domain.looks import Looks
from inventory_service.domain.scoring import Tally
from tests.web.conftest import Ask
from tests.web.twin import LOOKS, Twin

STAFF = "Bearer st_staff_0123456789"
SMALL_LEAK = ("quantity", "stock", "low_before", "high_before")


async def test_everybody_is_told_how_right_the_answers_were(ask: Ask) -> None:
    heard = await ask("/v1/accuracy?days=30")
    assert heard.status == 200
    told = heard.json
    score = told["score"]
    assert (score["count"], score["brier"], score["brier_record"], score["seen_share"]) == (50, 0.09, 0.1, 0.74)
    assert score["ece"] == pytest.approx((40 * 0.05 + 10 * 0.05) / 50)
    assert [(one["from_probability"], one["count"]) for one in score["reliability"]] == [(0.0, 10), (0.9, 40)]
    assert told["confirmations"]["unknown"] == 5
    assert told["confirmations"]["unknown_seen"] == 3
    assert (told["retailer"], told["simulated"], told["why_no_score"]) == (None, False, None)
    assert len(told["confirmations"]["by_day"]) == 30
    assert told["confirmations"]["by_day"][-1] == {"day": "2026-11-22", "confirmations": 45, "judged": 40}


async def test_thirty_days_are_told_where_nobody_says_how_many(ask: Ask) -> None:
    assert (await ask("/v1/accuracy")).json == (await ask("/v1/accuracy?days=30")).json


@pytest.mark.parametrize(("days", "undone"), [(7, 0), (30, 0), (90, 2)])
async def test_a_period_holds_its_days_and_no_others(ask: Ask, days: int, undone: int) -> None:
    assert (await ask(f"/v1/accuracy?days={days}")).json["confirmations"]["undone"] == undone


@pytest.mark.parametrize("days", ["8", "0", "-7", "week", "7.0"])
async def test_other_periods_are_refused(ask: Ask, days: str) -> None:
    heard = await ask(f"/v1/accuracy?days={days}")
    assert (heard.status, heard.pointers) == (400, ["days"])


async def test_too_few_confirmations_give_no_score_and_the_reason(ask: Ask, twin: Twin) -> None:
    twin.looks = (LOOKS[1],)
    told = (await ask("/v1/accuracy?days=7")).json
    assert told["score"] is None
    assert told["why_no_score"].startswith("Too few confirmations to judge by: 10 in 7 days, and 30 are needed.")


async def test_sources_are_told_with_the_silent_ones_first(ask: Ask) -> None:
    fresh = (await ask("/v1/accuracy")).json["freshness"]
    assert [(one["source"], one["silent"]) for one in fresh["sources"]] == [("till", True), ("feed", False)]
    assert (fresh["silent_sources"], fresh["stores"]["silent"]) == (1, 1)
    assert fresh["evidence"] == {"p50_s": 3600, "p90_s": 86400}
    assert fresh["quietest_stores"] == []


async def test_staff_are_told_of_their_own_stores_and_no_cache_keeps_it(ask: Ask) -> None:
    heard = await ask("/v1/accuracy", Authorization=STAFF)
    assert heard.json["retailer"] == "cvs"
    assert [one["store_code"] for one in heard.json["freshness"]["quietest_stores"]] == ["0042"]
    assert heard.headers["Cache-Control"].startswith("private")


@pytest.mark.parametrize("key", ["sk_counts_0123456789", "sk_reader_0123456789"])
async def test_other_keys_are_told_what_everybody_is(ask: Ask, key: str) -> None:
    heard = await ask("/v1/accuracy", Authorization=f"Bearer {key}")
    assert heard.json == (await ask("/v1/accuracy")).json


async def test_no_name_in_the_report_is_that_of_a_count_of_pieces(ask: Ask) -> None:
    body = (await ask("/v1/accuracy", Authorization=STAFF)).body.decode()
    assert [word for word in SMALL_LEAK if f'"{word}' in body] == []


async def test_machines_read_the_last_account_and_have_it_made_anew(ask: Ask, twin: Twin) -> None:
    text = (await ask("/metrics")).body.decode()
    assert twin.renewals == 1
    assert 'nearshelf_accuracy{days="30",score="brier"} 0.09' in text
    assert 'nearshelf_accuracy{days="7",score="brier_record"} 0.1' in text
    assert 'nearshelf_accuracy_confirmations{days="90",fate="undone"} 2.0' in text
    assert 'nearshelf_evidence_age_seconds{quantile="0.9"} 86400.0' in text
    assert 'nearshelf_coverage_age_seconds{quantile="0.5"} 60.0' in text
    assert "nearshelf_silent_sources 1.0" in text


async def test_machines_read_no_score_of_too_few(ask: Ask, twin: Twin) -> None:
    twin.looks = (Looks(LOOKS[0].day, "judged", False, 9, Tally(3, 2.7, 3, 0.03, 0.0)),)
    text = (await ask("/metrics")).body.decode()
    assert "nearshelf_accuracy{" not in text
    assert 'nearshelf_accuracy_confirmations{days="7",fate="judged"} 3.0' in text
