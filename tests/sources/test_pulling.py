"""A pulled URL: asked for when it is due, loaded when it is new, and kept to its bounds."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer
from structlog.testing import capture_logs
from yarl import URL

from inventory_service.storage.source_pulls import Version
from store_sync.pulling import Puller, clear_spool
from store_sync.sources.fetching import FetchError, Request, fetch, redirected
from store_sync.sources.pace import wait_s
from store_sync.sources.taking import Means
from tests.sources.world import FEED, Sources, feed, touch
from tests.sync.world import NOW, at

COLA_5 = feed(("1", "cola", 5)).encode()
COLA_7 = feed(("1", "cola", 7)).encode()
AN_HOUR_AGO = at(60).strftime("%a, %d %b %Y %H:%M:%S GMT")
NOTHING = Version(None, None)


@dataclass
class Shop:
    """A web server of a retailer, and what it was asked."""

    body: bytes = COLA_5
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[web.Request] = field(default_factory=list)
    url: str = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request)
        known = request.headers.get("If-None-Match")
        if known is not None and known == self.headers.get("ETag"):
            return web.Response(status=304)
        return web.Response(status=self.status, body=self.body, headers=self.headers)


@pytest_asyncio.fixture
async def shop() -> AsyncIterator[Shop]:
    async with served(shop := Shop(), shop.answer):
        yield shop


class served:  # noqa: N801 -- reads as a word
    """Serves a shop on a free port while the block lasts."""

    def __init__(self, shop: Shop, answer: Callable[[web.Request], Any]) -> None:
        app = web.Application()
        app.router.add_get("/{path:.*}", answer)
        self._shop, self._server = shop, TestServer(app)

    async def __aenter__(self) -> Shop:
        await self._server.start_server()
        self._shop.url = str(self._server.make_url("/stock.txt"))
        return self._shop

    async def __aexit__(self, *_: object) -> None:
        await self._server.close()


def puller(shop: Shop, means: Means, url: str | None = None, **more: Any) -> Puller:
    source = replace(FEED, url=url or shop.url, every_s=900.0, **more)
    assert source.url is not None
    return Puller(source, source.url, means)


async def pull(sources: Sources, one: Puller) -> None:
    """Looks as if the time had come."""
    await sources.sync.pool.execute("UPDATE source_pull SET next_at = now()")
    await one.look()


async def test_a_new_version_is_loaded_and_then_asked_for_only_if_it_changed(
    sources: Sources, shop: Shop, means: Means
) -> None:
    shop.headers = {"ETag": '"v1"', "Last-Modified": AN_HOUR_AGO}
    one = puller(shop, means)
    await pull(sources, one)
    assert await sources.quantities() == {("1", "cola"): 5}
    await pull(sources, one)
    assert shop.asked[0].headers.get("If-None-Match") is None
    assert shop.asked[1].headers["If-None-Match"] == '"v1"'
    assert shop.asked[1].headers["If-Modified-Since"] == AN_HOUR_AGO
    assert await sources.files() == ["stock.txt"]
    shop.body, shop.headers = COLA_7, {"ETag": '"v2"'}
    await pull(sources, one)
    assert await sources.quantities() == {("1", "cola"): 7}


async def test_an_unchanged_version_counts_as_a_look(sources: Sources, shop: Shop, means: Means) -> None:
    shop.headers = {"ETag": '"v1"'}
    one = puller(shop, means)
    await pull(sources, one)
    await sources.sync.pool.execute("UPDATE source SET looked_at = NULL, look_failure = 'away.'")
    await pull(sources, one)
    row = await sources.row()
    assert (row["last_look"], row["look_failure"]) == (NOW, None)


async def test_what_is_known_outlives_the_process(sources: Sources, shop: Shop, means: Means) -> None:
    shop.headers = {"ETag": '"v1"'}
    await pull(sources, puller(shop, means))
    await pull(sources, puller(shop, means))
    assert shop.asked[1].headers["If-None-Match"] == '"v1"'


async def test_last_modified_is_when_the_file_was_observed(sources: Sources, shop: Shop, means: Means) -> None:
    shop.headers = {"Last-Modified": AN_HOUR_AGO}
    await pull(sources, puller(shop, means))
    [shelf] = (await sources.sync.shelves()).values()
    assert shelf.observed_at == at(60)


async def test_without_last_modified_the_file_was_observed_when_it_came(
    sources: Sources, shop: Shop, means: Means
) -> None:
    shop.headers = {"Last-Modified": "yesterday"}
    await pull(sources, puller(shop, means))
    [shelf] = (await sources.sync.shelves()).values()
    assert shelf.observed_at == NOW


async def test_a_refused_version_is_told_and_asked_for_again(sources: Sources, shop: Shop, means: Means) -> None:
    shop.headers, shop.body = {"ETag": '"v1"'}, b"colour\tsize\nred\t7\n"
    one = puller(shop, means)
    await pull(sources, one)
    assert (await sources.row())["look_failure"].endswith(".")
    await pull(sources, one)
    assert shop.asked[1].headers.get("If-None-Match") is None


async def test_another_url_or_another_reading_forgets_what_is_known(sources: Sources, shop: Shop, means: Means) -> None:
    shop.headers = {"ETag": '"v1"'}
    await pull(sources, puller(shop, means))
    await pull(sources, puller(shop, means, url=f"{shop.url}?all=1"))
    assert shop.asked[1].headers.get("If-None-Match") is None
    await pull(sources, puller(shop, means, url=f"{shop.url}?all=1", snapshot=True))
    assert shop.asked[2].headers.get("If-None-Match") is None


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", None])
@pytest.mark.parametrize("packed", [False, True])
async def test_gzip_is_taken_off_the_transfer_and_off_the_file(
    sources: Sources, shop: Shop, means: Means, coding: str | None, packed: bool
) -> None:
    body = gzip.compress(COLA_5) if packed else COLA_5
    shop.body = gzip.compress(body) if coding else body
    shop.headers = {"Content-Encoding": coding} if coding else {}
    await pull(sources, puller(shop, means, url=f"{shop.url}.gz"))
    assert await sources.quantities() == {("1", "cola"): 5}


async def test_it_is_asked_for_when_it_is_due_and_not_before(sources: Sources, shop: Shop, means: Means) -> None:
    one = puller(shop, means)
    for _ in range(3):
        await one.look()
    assert len(shop.asked) == 1
    await puller(shop, means).look()
    assert len(shop.asked) == 1, "a restarted process keeps to the schedule"


async def test_several_processes_ask_once(sources: Sources, shop: Shop, means: Means) -> None:
    await asyncio.gather(*(puller(shop, means).look() for _ in range(4)))
    assert len(shop.asked) == 1


async def test_a_failure_is_told_once_keeps_the_last_good_and_is_tried_again_sooner(
    sources: Sources, shop: Shop, means: Means
) -> None:
    one = puller(shop, means)
    await pull(sources, one)
    shop.status = 500
    with capture_logs() as logs:
        await pull(sources, one)
        await pull(sources, one)
        assert (await sources.row())["look_failure"] == "The server answered 500."
        assert 0 < await due_in_s(sources) < 60
        shop.status = 200
        await pull(sources, one)
    assert [(entry["event"], entry.get("reason")) for entry in logs] == [
        ("away", "The server answered 500."),
        ("back", None),
    ]
    assert await sources.quantities() == {("1", "cola"): 5}
    assert await due_in_s(sources) > 600


async def test_a_server_that_asks_for_time_gets_it(sources: Sources, shop: Shop, means: Means) -> None:
    shop.status, shop.headers = 503, {"Retry-After": "7200"}
    await pull(sources, puller(shop, means))
    assert await due_in_s(sources) > 7000


async def due_in_s(sources: Sources) -> float:
    return float(await sources.sync.value("SELECT extract(epoch FROM next_at - now()) FROM source_pull"))


def test_waits_double_after_failures_up_to_the_interval() -> None:
    assert [wait_s(900.0, failures, 0.5) for failures in (1, 2, 3, 9, 60)] == [5.0, 10.0, 20.0, 900.0, 900.0]
    assert (wait_s(100.0, 0, 0.0), wait_s(100.0, 0, 1.0)) == (95.0, 105.0)


async def test_an_unreachable_server_is_one_sentence(sources: Sources, shop: Shop, means: Means) -> None:
    await pull(sources, puller(shop, means, url="http://127.0.0.1:1/stock.txt"))
    assert (await sources.row())["look_failure"].startswith("The server cannot be reached")


async def test_a_cut_transfer_changes_nothing(sources: Sources, means: Means) -> None:
    async def cut(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": str(len(COLA_5) + 100)})
        await response.prepare(request)
        await response.write(COLA_5)
        assert request.transport is not None
        request.transport.close()
        return response

    async with served(Shop(), cut) as shop:
        await pull(sources, puller(shop, means))
    assert await sources.files() == []
    assert "broke off" in (await sources.row())["look_failure"]


async def test_a_server_that_says_nothing_is_given_up(tmp_path: Path) -> None:
    ends = asyncio.Event()

    async def silent(request: web.Request) -> web.StreamResponse:
        await ends.wait()
        return web.Response()

    async with served(Shop(), silent) as shop:
        with pytest.raises(FetchError, match="did not answer in time"):
            await fetch(Request(shop.url, NOTHING, None, 1 << 20), tmp_path / "file", read_within_s=0.2)
        ends.set()


@pytest.mark.parametrize("headers", [{}, {"Content-Encoding": "gzip"}])
async def test_more_bytes_than_allowed_are_not_kept(
    sources: Sources, shop: Shop, means: Means, headers: dict[str, str]
) -> None:
    body = b"\0" * (2 << 20)
    shop.headers, shop.body = headers, gzip.compress(body) if headers else body
    await pull(sources, puller(shop, means))
    assert "more than 1,048,576 bytes" in (await sources.row())["look_failure"]
    assert list(means.spool.iterdir()) == []


async def test_an_encoding_nobody_asked_for_is_refused(sources: Sources, shop: Shop, means: Means) -> None:
    shop.headers = {"Content-Encoding": "br"}
    await pull(sources, puller(shop, means))
    assert "encoding" in (await sources.row())["look_failure"]


async def test_the_spool_is_empty_afterwards(sources: Sources, shop: Shop, means: Means) -> None:
    await pull(sources, puller(shop, means))
    assert list(means.spool.iterdir()) == []


def test_what_a_killed_process_left_behind_is_cleared_a_day_later(tmp_path: Path) -> None:
    for name in ("pull-old", "pull-new", "other"):
        (tmp_path / name).touch()
    for name in ("pull-old", "other"):
        touch(tmp_path / name, at(100_000_000 / 60))
    clear_spool(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other", "pull-new"]
    clear_spool(tmp_path / "nowhere")


@pytest.mark.parametrize(("hops", "files"), [(5, ["stock.txt"]), (6, [])])
async def test_five_redirects_are_followed(sources: Sources, means: Means, hops: int, files: list[str]) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        left = int(request.query["left"])
        if left == 0:
            return web.Response(body=COLA_5)
        raise web.HTTPFound(f"/stock.txt?left={left - 1}")

    async with served(Shop(), answer) as shop:
        await pull(sources, puller(shop, means, url=f"{shop.url}?left={hops}"))
    assert await sources.files() == files


@pytest.mark.parametrize("target", ["http://acme.example/a", "ftp://acme.example/a", "file:///etc/passwd"])
def test_https_is_not_left_by_a_redirect(target: str) -> None:
    with pytest.raises(FetchError, match="redirects"):
        redirected(URL("https://acme.example/"), {"Location": target})


def test_a_redirect_may_be_relative() -> None:
    assert redirected(URL("https://acme.example/a/b"), {"Location": "c"}) == URL("https://acme.example/a/c")


async def test_a_credential_goes_to_its_own_server_alone(sources: Sources, shop: Shop, means: Means) -> None:
    async def elsewhere(request: web.Request) -> web.StreamResponse:
        asked.append(request)
        return web.Response(body=COLA_5)

    asked: list[web.Request] = []
    means = replace(means, environ={"ACME_HEADER": "Bearer t0p"})
    async with served(Shop(), elsewhere) as other:
        shop.status, shop.headers = 302, {"Location": other.url}
        await pull(sources, puller(shop, means, authorization_env="ACME_HEADER"))
    assert shop.asked[0].headers["Authorization"] == "Bearer t0p"
    assert "Authorization" not in asked[0].headers
    assert await sources.files() == ["stock.txt"]


async def test_secrets_stand_in_no_log_and_no_row(sources: Sources, shop: Shop, means: Means) -> None:
    means = replace(means, environ={"ACME_TOKEN": "t0p", "ACME_HEADER": "Bearer h1dden"})
    url = f"{shop.url}?token=${{ACME_TOKEN}}"
    one = puller(shop, means, url=url, authorization_env="ACME_HEADER")
    with capture_logs() as logs:
        await pull(sources, one)
        shop.status = 500
        await pull(sources, one)
    assert shop.asked[0].query["token"] == "t0p"
    rows = [await sources.sync.fetch(f"SELECT * FROM {table}") for table in ("source", "source_pull", "load")]
    told = f"{logs} {rows}"
    assert "500" in told
    assert "t0p" not in told
    assert "h1dden" not in told


async def test_a_variable_that_is_not_set_is_told(sources: Sources, shop: Shop, means: Means) -> None:
    await pull(sources, puller(shop, means, authorization_env="ACME_HEADER"))
    assert "ACME_HEADER is not set" in (await sources.row())["look_failure"]
    assert shop.asked == []


async def test_a_paused_source_is_not_asked_for_until_it_is_resumed(sources: Sources, shop: Shop, means: Means) -> None:
    await sources.pause()
    one = puller(shop, means)
    await one.look()
    assert shop.asked == []
    await sources.resume()
    await one.look()
    assert await sources.files() == ["stock.txt"]
