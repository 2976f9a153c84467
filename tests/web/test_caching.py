"""An ETag stands for what people see, without the clock."""

from datetime import timedelta

import pytest

from inventory_service.domain.stock import Stock
from tests.web.conftest import QUESTION, Ask
from tests.web.twin import Twin


async def test_time_alone_changes_no_etag(ask: Ask, twin: Twin) -> None:
    before = await ask(QUESTION)
    twin.moment += timedelta(seconds=30)
    after = await ask(QUESTION)
    assert before.json["results"][0]["age_s"] != after.json["results"][0]["age_s"]
    assert before.headers["ETag"] == after.headers["ETag"]
    assert before.headers["ETag"].startswith('W/"')


async def test_news_changes_the_etag(ask: Ask, twin: Twin) -> None:
    before = await ask(QUESTION)
    twin.shelf.stock = Stock.exactly(1)
    assert (await ask(QUESTION)).headers["ETag"] != before.headers["ETag"]


@pytest.mark.parametrize("form", ["{0}", '"x", {0}', "{1}", "*"])
async def test_who_holds_the_answer_already_gets_304(ask: Ask, form: str) -> None:
    etag = (await ask(QUESTION)).headers["ETag"]
    heard = await ask(QUESTION, If_None_Match=form.format(etag, etag.removeprefix("W/")))
    assert (heard.status, heard.body, heard.headers["ETag"]) == (304, b"", etag)


async def test_who_holds_another_answer_gets_this_one(ask: Ask) -> None:
    assert (await ask(QUESTION, If_None_Match='W/"other"')).status == 200


async def test_answers_say_how_long_they_may_be_kept_and_on_what_they_depend(ask: Ask) -> None:
    heard = await ask(QUESTION)
    assert heard.headers["Cache-Control"] == "public, max-age=1, stale-while-revalidate=10"
    assert heard.headers["Vary"] == "Accept, Accept-Encoding, Authorization, Origin"
    assert (await ask("/v1/availability")).headers["Cache-Control"] == "no-store"


async def test_linked_data_has_an_etag_of_its_own(ask: Ask) -> None:
    plain = await ask(QUESTION)
    assert (await ask(QUESTION, Accept="application/ld+json")).headers["ETag"] != plain.headers["ETag"]


async def test_long_bodies_are_compressed_for_those_who_accept_it(ask: Ask) -> None:
    packed = await ask(QUESTION, Accept_Encoding="br;q=1, gzip;q=0.5")
    plain = await ask(QUESTION, Accept_Encoding="gzip;q=0")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert packed.json == plain.json
    assert packed.headers["ETag"] == plain.headers["ETag"]
