"""GET /v1/availability/stream on real servers: a change reaches the streams that it concerns, and no others."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import aiohttp
import orjson
import pytest
import pytest_asyncio

from geo.point import Point
from inventory_service.domain.errors import UnauthorizedError
from inventory_service.live.following import Follower
from inventory_service.live.streams import Bounds, Streams, Watch
from inventory_service.runtime.http.server import serve_app
from inventory_service.runtime.shutdown import ended
from inventory_service.storage import changes
from inventory_service.storage import keys as api_keys
from inventory_service.storage.postgres import connected
from inventory_service.web import stream
from inventory_service.web.app import create_app
from tests.answers.conftest import House
from tests.answers.doors import without_time
from tests.answers.listening import Listener, listening
from tests.sync.world import GTIN, NOW, OTHER_GTIN, at, count, item, shop

HERE = f"/v1/availability?gtin={GTIN}&lat=47.6&lon=-122.3"
OTHER = f"/v1/availability?gtin={OTHER_GTIN}&lat=47.6&lon=-122.3"
FAR = f"/v1/availability?gtin={GTIN}&lat=40.7&lon=-74.0&radius_m=20000"


class Street:
    """Shops with two products, and one far away; `open` begins a stream that is heard until the test's end."""

    def __init__(self, house: House, session: aiohttp.ClientSession, stack: AsyncExitStack) -> None:
        self.house, self.session, self._stack = house, session, stack

    async def open(self, target: str, **headers: str) -> Listener:
        heard = await self._stack.enter_async_context(listening(self.session, target, **headers))
        async with asyncio.timeout(20):
            while heard.response.status == 503:
                heard = await self._stack.enter_async_context(listening(self.session, target, **headers))
        return heard

    async def get(self, target: str) -> tuple[str, bytes]:
        async with self.session.get(target) as response:
            return response.headers["ETag"], await response.read()

    async def sell(self, code: str, item_id: str, left: int) -> None:
        await self.house.sync.load([count(code, item_id, left, at(1))])

    async def settled(self) -> None:
        """Until every stream has been woken for what it may have missed in its beginning."""
        streams = self.house.service.streams
        async with asyncio.timeout(20):
            while streams.fresh or any(watch._woken.is_set() for watch in streams):
                await asyncio.sleep(0.02)
            await asyncio.sleep(2 * stream.PAUSE_S)


@pytest_asyncio.fixture
async def street(house: House) -> AsyncIterator[Street]:
    far = shop("far", point=Point(40.7, -74.0))
    await house.sync.load([shop("a"), shop("b"), far, item("A", GTIN), item("B", OTHER_GTIN)])
    levels = [count(code, each, 9, at(60)) for code in ("a", "b", "far") for each in ("A", "B")]
    await house.sync.load(levels)
    await house.current()
    app = create_app(house.service, house.tools.settings)
    async with (
        serve_app(app, "127.0.0.1", 0) as port,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session,
        AsyncExitStack() as stack,
    ):
        yield Street(house, session, stack)


async def test_the_first_event_is_the_whole_answer_of_a_get(street: Street) -> None:
    heard = await street.open(HERE)
    assert heard.response.status == 200
    assert heard.response.headers["Content-Type"] == "text/event-stream"
    assert heard.response.headers["Cache-Control"] == "no-store"
    first = await heard.next()
    etag, body = await street.get(HERE)
    assert first is not None
    assert (first.name, first.entity_tag) == ("availability", etag)
    assert without_time(orjson.dumps(first.json)) == without_time(body)


async def test_a_change_reaches_the_streams_that_it_concerns_and_no_others(street: Street) -> None:
    heard = {target: await street.open(target) for target in (HERE, OTHER, FAR)}
    for one in heard.values():
        assert await one.next() is not None
    await street.settled()
    await street.sell("a", "A", 0)
    event = await heard[HERE].next()
    assert event is not None
    assert (event.entity_tag, without_time(orjson.dumps(event.json))) == (
        (told := await street.get(HERE))[0],
        without_time(told[1]),
    )
    words = {one["store"]["store_code"]: one["availability"] for one in event.json["results"]}
    assert (words["a"], words["b"]) == ("out_of_stock", "in_stock")
    assert await heard[OTHER].nothing_for(0.5)
    assert await heard[FAR].nothing_for(0.1)
    assert street.house.service.streams.events == 4


async def test_each_change_is_told_however_fast_they_follow_each_other(street: Street) -> None:
    heard = await street.open(HERE)
    await heard.next()
    for round_ in range(5):
        left = round_ % 2 * 9
        await street.house.sync.load([count("a", "A", left, at(50 - round_))])
    async with asyncio.timeout(20):
        while True:
            event = await heard.next()
            assert event is not None
            if event.entity_tag == (await street.get(HERE))[0] and _word(event.json, "a") == "out_of_stock":
                break


async def test_a_change_while_a_stream_begins_is_not_missed(street: Street) -> None:
    selling = asyncio.create_task(street.sell("a", "A", 0))
    heard = await street.open(HERE)
    event = await heard.next()
    assert event is not None
    if _word(event.json, "a") != "out_of_stock":
        event = await heard.next()
        assert event is not None
    await selling
    assert _word(event.json, "a") == "out_of_stock"


async def test_who_comes_back_has_the_present_answer_first(street: Street) -> None:
    heard = await street.open(HERE)
    first = await heard.next()
    assert first is not None
    again = await (await street.open(HERE, Last_Event_ID=first.entity_tag)).next()
    assert again is not None
    assert again.entity_tag == first.entity_tag
    await street.settled()
    await street.sell("a", "A", 0)
    changed = await heard.next()
    newest = await (await street.open(HERE, Last_Event_ID=first.entity_tag)).next()
    assert newest is not None
    assert changed is not None
    assert (newest.entity_tag, _word(newest.json, "a")) == (changed.entity_tag, "out_of_stock")


async def test_a_new_name_reaches_the_streams_of_the_product(street: Street) -> None:
    heard, other = await street.open(HERE), await street.open(OTHER)
    assert await heard.next() is not None
    assert await other.next() is not None
    await street.settled()
    await street.house.sync.load([item("A", GTIN, name="Cola")])
    event = await heard.next()
    assert event is not None
    assert event.json["product"]["name"] == "Cola"
    assert await other.nothing_for(0.3)


async def test_without_redis_changes_are_told_all_the_same(street: Street) -> None:
    heard = await street.open(HERE)
    await heard.next()
    await street.settled()
    await street.house.redis.cut()
    await street.sell("a", "A", 0)
    event = await heard.next()
    assert event is not None
    assert _word(event.json, "a") == "out_of_stock"


async def test_a_key_that_is_revoked_ends_its_streams_and_no_others(street: Street) -> None:
    secrets = [await _key(street.house, name) for name in ("one", "two")]
    opened = [await street.open(HERE, Authorization=f"Bearer {secret}") for secret in secrets]
    assert [event.name for event in [await one.next() for one in opened] if event] == ["availability"] * 2
    await street.settled()
    async with connected(street.house.tools.pool, deadline_s=5) as connection:
        key = street.house.service.authenticate(secrets[0])
        assert await api_keys.revoke(connection, key.key_id, NOW)
        await changes.append(connection, "keys", [], [], NOW)
    event = await opened[0].next()
    assert event is not None
    assert (event.name, event.json["status"]) == ("problem", 401)
    assert await opened[0].next() is None
    assert await opened[1].nothing_for(0.3)


async def test_all_streams_are_looked_at_each_new_minute(street: Street) -> None:
    moment, streams = [NOW], Streams(Bounds())
    parts = street.house.service._parts
    follower = Follower(parts.pool, parts.cache, parts.memory, lambda: moment[0], streams)
    following = asyncio.create_task(follower.follow())
    with streams.joined("one", None) as one, streams.joined("other", None) as other:
        while await _is_woken(one) or await _is_woken(other):
            """Both were new."""
        for seconds in (60, 119, 120):
            moment[0] = NOW + timedelta(seconds=seconds)
            woken = await asyncio.gather(_is_woken(one), _is_woken(other))
            assert woken == [seconds % 60 == 0] * 2
    await ended(following)


async def test_too_many_of_one_client_are_turned_away(street: Street) -> None:
    streams = street.house.service.streams
    before = [streams.joined("127.0.0.1", None) for _ in range(streams._bounds.per_client)]
    for one in before:
        one.__enter__()
    refused = await street.open(HERE)
    assert (refused.response.status, refused.response.headers["Retry-After"]) == (429, "60")
    before[0].__exit__(None, None, None)
    assert (await street.open(HERE)).response.status == 200


@pytest.mark.parametrize(
    ("target", "status"),
    [
        (f"/v1/availability?gtin={GTIN}", 400),
        ("/v1/availability?gtin=04012345678901&near=1,1", 404),
        (f"{HERE}&quantity=9", 403),
        (f"{HERE}&key=pk_nobody", 401),
    ],
)
async def test_what_cannot_be_answered_is_no_stream(street: Street, target: str, status: int) -> None:
    heard = await street.open(target)
    assert heard.response.status == status
    assert heard.response.headers["Content-Type"].startswith("application/problem+json")
    assert len(street.house.service.streams) == 0


async def test_a_client_that_leaves_is_forgotten(street: Street) -> None:
    async with listening(street.session, HERE) as heard:
        await heard.next()
        assert len(street.house.service.streams) == 1
    async with asyncio.timeout(20):
        while len(street.house.service.streams):
            await asyncio.sleep(0.01)
    assert street.house.service.streams.product_ids == []


async def test_who_reads_nothing_is_dropped(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "UNREAD_FOR_S", 0.5)
    monkeypatch.setattr(stream, "UNREAD_BYTES", 4_096)
    streams, address = street.house.service.streams, street.session._base_url
    assert address is not None
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    connection.connect((address.host, address.port))
    target = HERE.replace("?", "/stream?")
    connection.sendall(f"GET {target} HTTP/1.1\r\nHost: {address.host}\r\n\r\n".encode())
    async with asyncio.timeout(60):
        while not len(streams):
            await asyncio.sleep(0.01)
        minute = 0
        while len(streams):
            minute += 1
            await street.house.sync.load([count("a", "A", minute % 2 * 9, at(50 - minute / 10))])
            await asyncio.sleep(0.05)
    connection.close()


async def test_streams_end_at_once_where_the_worker_stops(house: House, street: Street) -> None:
    app = create_app(house.service, house.tools.settings)
    async with aiohttp.ClientSession() as session:
        async with serve_app(app, "127.0.0.1", 0) as port:
            heard = await session.get(f"http://127.0.0.1:{port}{HERE.replace('?', '/stream?')}")
            assert await Listener(heard).next() is not None
            began = asyncio.get_running_loop().time()
        assert asyncio.get_running_loop().time() - began < 4.0
        assert await Listener(heard).next() is None


def _word(document: Any, code: str) -> str:
    (word,) = [one["availability"] for one in document["results"] if one["store"]["store_code"] == code]
    assert isinstance(word, str)
    return word


async def _is_woken(watch: Watch) -> bool:
    """Within a while; if it is not to be, one second is enough to see that."""
    began = asyncio.get_running_loop().time()
    await watch.woken(1.0)
    return asyncio.get_running_loop().time() - began < 1.0


async def _key(house: House, name: str) -> str:
    secret = f"sk_stream_{name}_0123456789"
    about = {"name": name, "origins": [], "retailer": None, "store_ids": [], "now": NOW}
    async with connected(house.tools.pool, deadline_s=5) as connection:
        await api_keys.add(connection, kind="sk", secret=secret, scopes=["read"], **about)
        await changes.append(connection, "keys", [], [], NOW)
    async with asyncio.timeout(20):
        while True:
            try:
                house.service.authenticate(secret)
            except UnauthorizedError:
                await asyncio.sleep(0.02)
            else:
                return secret
