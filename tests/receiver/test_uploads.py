"""Whole files: loaded once all of them has come, told how it went, refused in one sentence."""

import asyncio
import gzip
import io
import zipfile
from dataclasses import replace

import pytest

from store_sync.receiver.bounds import Bounds, UploadBounds
from tests.receiver.conftest import Start
from tests.receiver.world import ACME, ANY, READER, Receiver, add_key, eventually, pieces, tsv

FEED = "/v1/feeds/till"
ROWS = tsv(("1", "10", 4), ("2", "20", 0))
QUICK = UploadBounds(silent_s=0.1)


def zipped(**members: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return packed.getvalue()


async def test_a_file_is_loaded_and_its_tally_told(receiver: Receiver) -> None:
    heard = await receiver.post(FEED, ROWS)
    told = heard.json
    assert (heard.status, told["rows"], told["applied"], told["unchanged"], told["rejected"]) == (200, 2, 2, 0, 0)
    assert told["load_id"] == await receiver.pool.fetchval("SELECT max(load_id) FROM load")
    assert await receiver.quantities() == {("1", "10"): 4, ("2", "20"): 0}
    assert list(receiver.spool.iterdir()) == []


async def test_a_replay_is_taken_and_has_no_effect(receiver: Receiver) -> None:
    await receiver.post(f"{FEED}?as_of=2026-11-22T11:00:00Z", ROWS)
    heard = await receiver.post(f"{FEED}?as_of=2026-11-22T11:00:00Z", ROWS)
    assert (heard.status, heard.json["applied"], heard.json["unchanged"]) == (200, 0, 2)


async def test_refused_rows_are_counted_by_reason_and_the_rest_is_loaded(receiver: Receiver) -> None:
    heard = await receiver.post(FEED, ROWS + b"1\t10\tmany\n9\t10\t1\n")
    assert heard.status == 200
    assert (heard.json["rows"], heard.json["applied"], heard.json["rejected"]) == (4, 2, 2)
    assert heard.json["reasons"] == {"invalid_number": 1, "unknown_store": 1}


@pytest.mark.parametrize("packed", [gzip.compress(ROWS), zipped(feed=ROWS)], ids=["gzip", "zip"])
async def test_gzip_and_zip_are_told_by_their_first_bytes(receiver: Receiver, packed: bytes) -> None:
    assert (await receiver.post(FEED, packed)).json["applied"] == 2


async def test_a_body_that_is_encoded_as_gzip_is_unpacked_once(receiver: Receiver) -> None:
    heard = await receiver.post(FEED, gzip.compress(ROWS), Content_Encoding="gzip")
    assert (heard.status, heard.json["applied"]) == (200, 2)


async def test_another_encoding_is_refused(receiver: Receiver) -> None:
    heard = await receiver.post(FEED, ROWS, Content_Encoding="compress")
    assert (heard.status, heard.json["type"]) == (415, "/problems/unsupported")


async def test_the_members_of_a_zip_add_up(receiver: Receiver) -> None:
    heard = await receiver.post(FEED, zipped(a=tsv(("1", "10", 4)), b=tsv(("2", "20", 3), ("2", "10", 1))))
    assert (heard.json["rows"], heard.json["applied"]) == (3, 3)


async def test_json_lines_are_told_by_their_first_character(receiver: Receiver) -> None:
    line = b'{"store_code": "1", "item_id": "10", "quantity": 7}\n'
    assert (await receiver.post(FEED, line)).json["applied"] == 1
    assert (await receiver.quantities())["1", "10"] == 7


async def test_a_file_that_is_refused_whole_is_told_why_in_a_sentence(receiver: Receiver) -> None:
    for body in (
        b"",
        b"colour\tsize\nred\t7\n",
        gzip.compress(ROWS * 1000)[:-20],
        zipped(),
        b"PK\x03\x04 but no zip",
        zipped(bomb=b"0" * 200_000_000),
    ):
        heard = await receiver.post(FEED, body)
        assert (heard.status, heard.json["type"]) == (422, "/problems/feed-refused"), body[:20]
        assert heard.json["detail"].endswith(".")
        assert str(receiver.spool) not in heard.json["detail"]


async def test_a_wrong_parameter_is_named(receiver: Receiver) -> None:
    for query, pointer in (
        ("as_of=yesterday", "as_of"),
        ("as_of=2026-11-22T13:00:00Z", "as_of"),
        ("as_of=1999-11-22T13:00:00Z", "as_of"),
        ("snapshot=perhaps", "snapshot"),
        ("snapshot=1&kind=stores&format=csv&mapping=stores-simple", "snapshot"),
        ("format=excel", "format"),
        ("format=csv", "format"),
        ("kind=prices", "kind"),
        ("mapping=/etc/passwd", "mapping"),
        ("mapping=../mappings/stores-simple.toml", "mapping"),
        ("colour=red", "colour"),
        ("as_of=2026-11-22&as_of=2026-11-22", "as_of"),
        ("retailer=a%20b", "retailer"),
    ):
        heard = await receiver.post(f"{FEED}?{query}", ROWS, ANY if "retailer" in query else ACME)
        assert (heard.status, heard.pointers) == (400, [pointer]), query


async def test_a_wrong_name_of_a_source_is_named(receiver: Receiver) -> None:
    assert (await receiver.post("/v1/feeds/-x", ROWS)).pointers == ["source"]


async def test_no_sender_goes_by_the_name_of_staff(receiver: Receiver) -> None:
    for path in ("/v1/feeds/staff", "/v1/events/staff"):
        heard = await receiver.post(path, ROWS)
        assert (heard.status, heard.pointers) == (400, ["source"])


async def test_the_time_of_the_last_change_stands_for_as_of(receiver: Receiver) -> None:
    await receiver.post(FEED, tsv(("1", "10", 4)), Last_Modified="Sun, 22 Nov 2026 11:30:00 GMT")
    await receiver.post(FEED, tsv(("1", "10", 9)), Last_Modified="Sun, 22 Nov 2026 11:00:00 GMT")
    assert (await receiver.quantities())["1", "10"] == 4


async def test_a_time_of_the_last_change_that_is_none_is_refused(receiver: Receiver) -> None:
    assert (await receiver.post(FEED, ROWS, Last_Modified="at noon")).pointers == ["Last-Modified"]


async def test_a_declared_source_is_read_as_declared(receiver: Receiver) -> None:
    """`nightly` is declared as a snapshot."""
    await receiver.post("/v1/feeds/nightly?as_of=2026-11-22T10:00:00Z", ROWS)
    heard = await receiver.post("/v1/feeds/nightly?as_of=2026-11-22T11:00:00Z", tsv(("1", "20", 1)))
    assert heard.json["emptied"] == 1
    assert await receiver.quantities() == {("1", "10"): 0, ("1", "20"): 1, ("2", "20"): 0}


async def test_what_is_declared_is_not_declared_again(receiver: Receiver) -> None:
    assert (await receiver.post("/v1/feeds/nightly?format=auto", ROWS)).pointers == ["format"]
    assert (await receiver.post("/v1/feeds/nightly?snapshot=0", ROWS)).status == 200


class TestKeys:
    async def test_without_a_key_of_ours_nothing_is_taken(self, receiver: Receiver) -> None:
        for key in (None, "Bearer sk_unknown", "Basic c2s6", "Bearer ", "Bearer é", "Bearer " + "x" * 300):
            heard = await receiver.post(FEED, ROWS, key)
            slug = "key-required" if key is None else "key-invalid"
            assert (heard.status, heard.json["type"]) == (401, f"/problems/{slug}"), key
            assert heard.headers["WWW-Authenticate"].startswith("Bearer")
        assert await receiver.quantities() == {}

    async def test_a_key_that_may_only_read_does_not_send(self, receiver: Receiver) -> None:
        assert (await receiver.post(FEED, ROWS, READER)).status == 403

    async def test_a_key_speaks_for_its_own_retailer_alone(self, receiver: Receiver) -> None:
        assert (await receiver.post(f"{FEED}?retailer=acme", ROWS)).status == 200
        assert (await receiver.post(f"{FEED}?retailer=rival", ROWS)).status == 403

    async def test_a_key_for_any_retailer_names_one(self, receiver: Receiver) -> None:
        assert (await receiver.post(FEED, ROWS, ANY)).pointers == ["retailer"]
        assert (await receiver.post(f"{FEED}?retailer=acme", ROWS, ANY)).json["applied"] == 2

    async def test_a_file_does_not_speak_for_others_than_its_key_does(self, receiver: Receiver) -> None:
        """This mapping takes the retailer from the row."""
        header = b"Provider Name,Address1,City,State,Zip,Geocoded Address\n"
        row = b"CVS Pharmacy 1,1 Pike St,Seattle,WA,98101,POINT (-122.3 47.6)\n"
        heard = await receiver.post(f"{FEED}?mapping=therapeutics&format=csv", header + row)
        assert heard.status in (200, 422)
        assert await receiver.pool.fetchval("SELECT count(*) FROM retailer WHERE slug <> 'acme'") == 0

    async def test_a_revoked_key_is_soon_refused_and_a_new_one_soon_known(self, receiver: Receiver) -> None:
        assert (await receiver.post(FEED, ROWS, "Bearer sk_new_0123456789")).status == 401
        key_id = await add_key(receiver.pool, "sk_new_0123456789", retailer="acme")

        async def status_is(expected: int) -> bool:
            return (await receiver.post(FEED, ROWS, "Bearer sk_new_0123456789")).status == expected

        await eventually(lambda: status_is(200), within_s=2)
        await receiver.pool.execute("UPDATE api_key SET revoked_at = now() WHERE key_id = $1", key_id)
        await eventually(lambda: status_is(401), within_s=2)


class TestBounds:
    async def test_a_file_that_is_too_large_is_refused_by_its_length(self, start: Start, shops: None) -> None:
        async with start(Bounds(UploadBounds(max_bytes=10))) as receiver:
            assert (await receiver.post(FEED, ROWS)).status == 413

    async def test_a_file_of_unknown_length_is_counted(self, start: Start, shops: None) -> None:
        async with start(Bounds(UploadBounds(max_bytes=100_000))) as receiver:
            heard = await receiver.post(FEED, pieces([b"x" * 60_000] * 2))
            assert (heard.status, heard.json["type"]) == (413, "/problems/too-large")

    async def test_a_full_disk_is_507_with_a_time_to_come_back(self, start: Start, shops: None) -> None:
        async with start(Bounds(UploadBounds(free_bytes=1 << 60))) as receiver:
            heard = await receiver.post(FEED, ROWS)
            assert (heard.status, heard.json["type"]) == (507, "/problems/no-room")
            assert int(heard.headers["Retry-After"]) > 0

    async def test_a_sender_that_falls_silent_is_told_so(self, start: Start, shops: None) -> None:
        async with start(Bounds(QUICK)) as receiver:
            reader, writer = await asyncio.open_connection("127.0.0.1", receiver.port)
            writer.write(_head(receiver, b"Content-Length: 100\r\n") + b"store_code")
            async with asyncio.timeout(5):
                assert (await reader.readline()).startswith(b"HTTP/1.1 408")
            writer.close()

    async def test_a_sender_that_trickles_is_told_so(self, start: Start, shops: None) -> None:
        slow = UploadBounds(silent_s=5, pace_after_s=0.05, min_bytes_per_s=1_000_000)

        async def trickle():  # type: ignore[no-untyped-def]
            for _ in range(100):
                yield b"x"
                await asyncio.sleep(0.01)

        async with start(Bounds(slow)) as receiver:
            assert (await receiver.post(FEED, trickle())).status == 408

    async def test_beyond_so_many_uploads_at_once_the_next_is_sent_away(self, start: Start, shops: None) -> None:
        async with start(Bounds(UploadBounds(at_once=1))) as receiver:
            reader, writer = await asyncio.open_connection("127.0.0.1", receiver.port)
            writer.write(_head(receiver, b"Content-Length: %d\r\nExpect: 100-continue\r\n" % len(ROWS)))
            async with asyncio.timeout(5):
                assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 100")
            heard = await receiver.post(FEED, ROWS)
            assert (heard.status, heard.json["type"]) == (503, "/problems/busy")
            assert int(heard.headers["Retry-After"]) > 0
            writer.write(ROWS)
            async with asyncio.timeout(5):
                assert (await reader.readline()).startswith(b"HTTP/1.1 200")
            writer.close()
            assert (await receiver.post(FEED, ROWS)).status == 200

    async def test_a_body_is_asked_for_only_after_its_key_was_seen(self, receiver: Receiver) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", receiver.port)
        expecting = b"Content-Length: 5000000\r\nExpect: 100-continue\r\n"
        writer.write(_head(receiver, expecting, key="Bearer sk_unknown"))
        async with asyncio.timeout(5):
            assert (await reader.readline()).startswith(b"HTTP/1.1 401")
        writer.close()
        reader, writer = await asyncio.open_connection("127.0.0.1", receiver.port)
        writer.write(_head(receiver, b"Content-Length: %d\r\nExpect: 100-continue\r\n" % len(ROWS)))
        async with asyncio.timeout(5):
            assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
            writer.write(ROWS)
            assert (await reader.readline()).startswith(b"HTTP/1.1 200")
        writer.close()

    async def test_a_body_that_breaks_off_is_not_loaded(self, receiver: Receiver) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", receiver.port)
        writer.write(_head(receiver, b"Content-Length: 10000\r\n") + ROWS)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

        async def slot_is_free() -> bool:
            return (await receiver.post("/v1/feeds/other", tsv(("2", "10", 1)))).status == 200

        await eventually(slot_is_free)
        assert await receiver.quantities() == {("2", "10"): 1}


async def test_a_paused_source_is_asked_to_come_back_later(receiver: Receiver) -> None:
    await receiver.post(FEED, ROWS)
    await receiver.pool.execute("UPDATE source SET paused = true WHERE slug = 'till'")
    heard = await receiver.post(FEED, tsv(("1", "10", 9)))
    assert (heard.status, heard.json["type"], heard.headers["Retry-After"]) == (503, "/problems/paused", "300")
    assert (await receiver.quantities())["1", "10"] == 4


async def test_others_are_answered_while_a_large_file_is_loaded(receiver: Receiver) -> None:
    rows = tsv(*((str(1 + number % 2), f"item-{number // 2}", 3) for number in range(20_000)))
    loop, slowest_s = asyncio.get_running_loop(), 0.0
    upload = asyncio.create_task(receiver.post(FEED, rows))
    while not upload.done():
        began = loop.time()
        assert (await receiver.get("/livez", None)).status == 200
        slowest_s = max(slowest_s, loop.time() - began)
    assert (await upload).json["applied"] == 20_000
    assert slowest_s < 1.0


async def test_a_database_that_is_away_is_503(start: Start) -> None:
    async with start(replace(Bounds(), asking_s=0.5), database_url="postgresql://nobody@127.0.0.1:1/none") as receiver:
        heard = await receiver.post(FEED, ROWS)
        assert (heard.status, heard.json["type"]) == (503, "/problems/unavailable")
        assert "Retry-After" in heard.headers


def _head(receiver: Receiver, more: bytes, key: str = ACME) -> bytes:
    return f"POST {FEED} HTTP/1.1\r\nHost: a\r\nAuthorization: {key}\r\n".encode() + more + b"\r\n"
