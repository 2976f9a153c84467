"""Events: one short body or a stream that stays open; what is acknowledged is committed."""

import asyncio
import random
from dataclasses import replace

import aiohttp
import orjson
from prometheus_client import REGISTRY

from store_sync.receiver.bounds import Bounds, EventBounds
from tests.receiver.conftest import Start
from tests.receiver.world import ACME, READER, Receiver, add_key, at, eventually, pieces, said

EVENTS = "/v1/events/till"
LINES = "application/x-ndjson"


class Stream:
    """A request that stays open, line for line."""

    def __init__(self, receiver: Receiver, path: str = EVENTS, key: str = ACME) -> None:
        self._receiver, self._path, self._key = receiver, path, key

    async def __aenter__(self) -> "Stream":
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._receiver.port)
        self._writer.write(
            f"POST {self._path} HTTP/1.1\r\nHost: a\r\nAuthorization: {self._key}\r\nAccept: {LINES}\r\n"
            "Transfer-Encoding: chunked\r\n\r\n".encode()
        )
        self._begun = False
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()

    def send(self, data: bytes) -> None:
        self._writer.write(b"%x\r\n%b\r\n" % (len(data), data))

    def end(self) -> None:
        self._writer.write(b"0\r\n\r\n")

    async def heard(self) -> dict[str, object]:
        """The next line of the answer; the first waits for its head."""
        async with asyncio.timeout(10):
            if not self._begun:
                assert (await self._reader.readline()).startswith(b"HTTP/1.1 200")
                await self._reader.readuntil(b"\r\n\r\n")
                self._begun = True
            size = int(await self._reader.readline(), 16)
            line = await self._reader.readexactly(size)
            await self._reader.readline()
            found: dict[str, object] = orjson.loads(line)
            return found


async def test_a_count_and_a_sale_after_it_lower_the_shelf_once(receiver: Receiver) -> None:
    body = (
        said("count", "1", "10", 5, 10) + said("sale", "1", "10", 2, 5, id="a") + said("sale", "1", "10", 2, 5, id="a")
    )
    heard = await receiver.post(EVENTS, body)
    assert (heard.status, heard.json["rows"], heard.json["rejected"]) == (200, 3, 0)
    assert await receiver.quantities() == {("1", "10"): 3}


async def test_a_replay_is_taken_and_has_no_effect(receiver: Receiver) -> None:
    body = said("count", "1", "10", 5, 10) + said("sale", "1", "10", 2, 5, id="a")
    for _ in range(3):
        assert (await receiver.post(EVENTS, body)).status == 200
    assert await receiver.quantities() == {("1", "10"): 3}


async def test_a_last_line_without_its_end_and_blank_lines_are_fine(receiver: Receiver) -> None:
    heard = await receiver.post(EVENTS, b"\n \r\n" + said("count", "1", "10", 5).strip())
    assert (heard.json["rows"], heard.json["applied"]) == (1, 1)


async def test_no_line_at_all_is_a_tally_of_nothing(receiver: Receiver) -> None:
    heard = await receiver.post(EVENTS, b"")
    assert (heard.status, heard.json["rows"]) == (200, 0)


async def test_refused_lines_are_told_with_line_field_and_reason_and_the_rest_is_taken(receiver: Receiver) -> None:
    body = b"no json\n" + said("count", "1", "10", 5) + said("sale", "1", "10", 1) + b"x" * 70_000 + b"\n"
    heard = await receiver.post(EVENTS, body)
    assert (heard.status, heard.json["rows"], heard.json["applied"], heard.json["rejected"]) == (200, 4, 1, 3)
    told = heard.json["rejections"]
    assert [one["line"] for one in told] == [1, 3, 4]
    assert (told[1]["field"], told[1]["reason"], told[2]["reason"]) == ("id", "missing", "too_long")
    assert all(one["detail"].endswith(".") for one in told)


async def test_each_batch_is_acknowledged_while_the_stream_stays_open(receiver: Receiver) -> None:
    async with Stream(receiver) as stream:
        stream.send(said("count", "1", "10", 5, 10))
        assert (await stream.heard())["line"] == 1
        assert await receiver.quantities() == {("1", "10"): 5}
        stream.send(said("sale", "1", "10", 1, 5, id="a")[:20])
        stream.send(said("sale", "1", "10", 1, 5, id="a")[20:])
        assert (await stream.heard())["line"] == 2
        assert await receiver.quantities() == {("1", "10"): 4}
        stream.end()
        last = await stream.heard()
        assert (last["finished"], last["rows"], last["applied"]) == (True, 2, 2)


async def test_a_connection_that_breaks_keeps_what_was_acknowledged(receiver: Receiver) -> None:
    async with Stream(receiver) as stream:
        stream.send(said("count", "1", "10", 5, 10))
        await stream.heard()
        stream.send(said("sale", "1", "10", 1, 5, id="a")[:-5])
    assert (await receiver.post(EVENTS, said("count", "2", "20", 1))).status == 200
    assert await receiver.quantities() == {("1", "10"): 5, ("2", "20"): 1}


async def test_many_lines_are_taken_in_several_transactions_and_all_count(receiver: Receiver) -> None:
    lines = [said("sale", "1", "10", 1, 5, id=str(number)) for number in range(1_300)]
    body = said("count", "1", "10", 2_000, 10) + b"".join(lines)
    cuts = sorted(random.Random(1).sample(range(len(body)), 40))
    blocks = [body[start:end] for start, end in zip([0, *cuts], [*cuts, len(body)], strict=True)]
    heard = await receiver.post(EVENTS, pieces(blocks), Accept=LINES)
    acknowledged = [one["line"] for one in heard.lines[:-1]]
    assert acknowledged == sorted(acknowledged)
    assert (len(acknowledged) >= 3, acknowledged[-1]) == (True, 1_301)
    assert heard.lines[-1]["rows"] == 1_301
    assert await receiver.quantities() == {("1", "10"): 700}


async def test_a_stream_that_falls_silent_is_ended_and_told_how_far_it_got(start: Start, shops: None) -> None:
    async with start(replace(Bounds(), events=EventBounds(silent_s=0.2))) as receiver:
        async with Stream(receiver) as stream:
            stream.send(said("count", "1", "10", 5))
            assert (await stream.heard())["line"] == 1
            last = await stream.heard()
            assert (last["line"], last["problem"]["status"]) == (1, 408)  # type: ignore[index]
        assert await receiver.quantities() == {("1", "10"): 5}


async def test_a_stream_that_falls_silent_before_its_end_is_408_with_what_was_stored(start: Start, shops: None) -> None:
    async with start(replace(Bounds(), events=EventBounds(silent_s=0.2))) as receiver:
        async with aiohttp.ClientSession() as session:

            async def half():  # type: ignore[no-untyped-def]
                yield said("count", "1", "10", 5)
                await asyncio.sleep(5)

            async with session.post(receiver.url + EVENTS, data=half(), headers={"Authorization": ACME}) as answer:
                told = await answer.json()
        assert (answer.status, "Lines up to 1 are stored." in told["detail"]) == (408, True)


async def test_a_key_that_is_revoked_ends_its_open_stream(receiver: Receiver) -> None:
    key_id = await add_key(receiver.pool, "sk_till_0123456789", retailer="acme")
    async with Stream(receiver, key="Bearer sk_till_0123456789") as stream:
        stream.send(said("count", "1", "10", 5))
        await stream.heard()
        await receiver.pool.execute("UPDATE api_key SET revoked_at = now() WHERE key_id = $1", key_id)

        async def refused() -> bool:
            stream.send(said("count", "1", "10", 5))
            return "problem" in await stream.heard()

        await eventually(refused, within_s=5)


async def test_a_key_that_may_only_read_sends_no_events(receiver: Receiver) -> None:
    assert (await receiver.post(EVENTS, said("count", "1", "10", 5), READER)).status == 403


async def test_compressed_events_are_refused(receiver: Receiver) -> None:
    heard = await receiver.post(EVENTS, b"x", Content_Encoding="gzip")
    assert heard.status == 415


async def test_a_paused_source_is_asked_to_come_back_later(receiver: Receiver) -> None:
    await receiver.post(EVENTS, said("count", "1", "10", 5))
    await receiver.pool.execute("UPDATE source SET paused = true WHERE slug = 'till'")
    heard = await receiver.post(EVENTS, said("count", "1", "10", 6, 1), Accept=LINES)
    assert (heard.status, heard.headers["Retry-After"]) == (503, "300")
    assert await receiver.quantities() == {("1", "10"): 5}


async def test_beyond_so_many_streams_the_next_is_sent_away(start: Start, shops: None) -> None:
    bounds = replace(Bounds(), events=EventBounds(streams_at_once=1))
    async with start(bounds) as receiver, Stream(receiver) as stream:
        stream.send(said("count", "1", "10", 5))
        await stream.heard()
        heard = await receiver.post(EVENTS, said("count", "1", "10", 5))
        assert (heard.status, heard.json["type"]) == (503, "/problems/busy")


async def test_bodies_of_one_source_that_share_a_transaction_each_hear_of_their_own_lines(receiver: Receiver) -> None:
    async def two_wait() -> bool:
        return REGISTRY.get_sample_value("nearshelf_events_waiting") == 2

    await receiver.post(EVENTS, said("count", "1", "10", 1, 30))
    bodies = [said("count", "1", "10", 2, 20), said("count", "1", "10", 3, 10) + said("count", "2", "10", 4), b"no\n"]
    async with receiver.pool.acquire() as connection, connection.transaction():
        await connection.execute("LOCK TABLE load IN ACCESS EXCLUSIVE MODE")
        sending = [asyncio.create_task(receiver.post(EVENTS, body)) for body in bodies]
        await eventually(two_wait)
    heard = [one.json for one in await asyncio.gather(*sending)]
    assert [(one["rows"], one["applied"], one["rejected"]) for one in heard[1:]] == [(2, 2, 0), (1, 0, 1)]
    assert [one["line"] for one in heard[2]["rejections"]] == [1]
    assert await receiver.quantities() == {("1", "10"): 3, ("2", "10"): 4}


async def test_a_till_may_name_an_item_by_its_gtin(receiver: Receiver) -> None:
    gtin = "4006381333931"
    product = orjson.dumps({"kind": "product", "item_id": "pen", "gtin": gtin, "name": "Pen"}) + b"\n"
    told = {"kind": "count", "store_code": "1", "gtin": gtin, "quantity": 3, "observed_at": at(1)}
    heard = await receiver.post(EVENTS, product + orjson.dumps(told))
    assert heard.json["rejected"] == 0
    assert (await receiver.quantities())["1", "pen"] == 3


async def test_a_line_that_names_another_retailer_is_refused_and_ones_own_may_be_named(receiver: Receiver) -> None:
    body = said("count", "1", "10", 5, 10, retailer="acme") + said("count", "1", "10", 9, 5, retailer="other")
    heard = await receiver.post(EVENTS, body)
    assert (heard.json["applied"], heard.json["rejected"]) == (1, 1)
    (refused,) = heard.json["rejections"]
    assert (refused["line"], refused["field"], refused["reason"]) == (2, "retailer", "invalid_value")
    assert await receiver.quantities() == {("1", "10"): 5}
