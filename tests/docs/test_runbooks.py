"""Every runbook, on a small real database: the harm is done, the page's commands are run, and it is undone."""

import asyncio
import json
import re
import signal
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from redis.asyncio import Redis

from inventory_service.domain import history
from inventory_service.embedded import Durability, servers
from inventory_service.embedded.folders import folders_of
from inventory_service.runtime.http.errors import NoRoomError
from inventory_service.runtime.http.problems import STATUSES
from inventory_service.settings import Settings
from inventory_service.storage.postgres import STOPPED_WITHIN_S, Pool, open_pool
from inventory_service.storage.publishing import LEASE
from store_sync import ahead, publisher
from store_sync.formats.lines import MAX_RECORD
from store_sync.formats.signatures import shopify_signature
from store_sync.publish import fill
from store_sync.receiver import parts
from store_sync.receiver.bounds import Bounds
from store_sync.sources import taking, turns
from tests.docs.pages import ANSWER, RECEIVER, SETTING, Shell, Step, sections
from tests.programs.running import PROJECT, Running, command, environment, gone_within, running
from tests.sync.world import Syncer

PAGE = PROJECT / "docs" / "RUNBOOKS.md"
TEXT = PAGE.read_text()
SECTIONS = {one.title: one for one in sections(PAGE)}
SERVE = (sys.executable, "-m", "store_sync", "serve")
ANSWERING = (sys.executable, "-m", "inventory_service", "serve")
BOUNDS = Bounds()
STOCK = "store_code,item_id,quantity\n"
MONDAY = STOCK + "".join(f"17,A-{number},5\n" for number in range(1, 31))
TUESDAY = MONDAY.replace("17,A-1,5\n", "17,A-1,9\n")
BAD = STOCK + "".join(f"17,A-{number},0\n" for number in range(1, 6)) + "17,A-6,many\n"
FILES = {"stores.csv": "store_code,name,lat,lon\n17,Acme Loop,41.8781,-87.6278\n", "monday.csv": MONDAY}
WATCHED = """
[[source]]
retailer = "acme"
source = "stock"
watch = "incoming/*.csv"
mapping = "stock-simple"
snapshot = true
"""
FULL_DISK = """
CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN RAISE EXCEPTION 'No space left on device' USING ERRCODE = 'disk_full'; END $$;
CREATE TRIGGER full_disk BEFORE INSERT ON change FOR EACH STATEMENT EXECUTE FUNCTION full_disk();
"""
OTHER_NUMBERS = """
INSERT INTO change (xact_id, committed_at, kind, ids)
SELECT '4000000000'::xid8, now(), 'coverage', '{1}' FROM generate_series(1, 11000);
UPDATE change_pruned SET xact_id = '3000000000', seq = 1;
"""
"""As a server that has run for long leaves the log: numbered far beyond those of a new one."""


class Night:
    """A retailer's store with 30 items, of which 5 pieces each were counted on Monday; and whoever is on call."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        declared = str(folder / "sources.toml")
        self.settings = environment(folder / ".data", DEMO="0", SOURCES=declared, **settings)
        (folder / "sources.toml").touch()
        for name, text in FILES.items():
            (folder / name).write_text(text)
        self.shell = Shell(folder, self.settings, {})
        self.shell.take(SECTIONS["Tools"].steps[0])
        self.load("--mapping", "stores-simple", "stores.csv")

    def load(self, *words: str) -> dict[str, object]:
        """The tally."""
        words = ("load", "--retailer", "acme", "--source", "stock", "--format", "csv", *words)
        done = self.shell.run(f"{sys.executable} -m store_sync {' '.join(words)}")
        assert done.returncode == 0, done.stderr
        return dict(json.loads(done.stdout.splitlines()[-1]))

    def monday(self) -> None:
        assert self.load("--mapping", "stock-simple", "monday.csv")["applied"] == 30

    def takes(self, title: str, *parts: str) -> None:
        """The steps of a runbook in which one of `parts` occurs, in their order; none named: all of them."""
        for step in SECTIONS[title].steps:
            if not parts or any(part in step.commands for part in parts):
                self.shell.take(step)

    def sees(self, shown: dict[str, object]) -> None:
        """Sooner or later in `sources`."""
        self.shell.take(Step(".venv/bin/python -m store_sync sources", (shown,)))

    @contextmanager
    def serving(self, **settings: str) -> Iterator[Running]:
        with running({**self.settings, **settings}, SERVE) as program:
            self.shell.addresses[RECEIVER] = program.url
            yield program


@pytest_asyncio.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    pool = await open_pool(database_url, deadline_s=30.0)
    yield pool
    await pool.close()


@pytest.fixture
def night(tmp_path: Path, database_url: str, redis_url: str) -> Night:
    return Night(tmp_path, DATABASE_URL=database_url, REDIS_URL=redis_url, DB=database_url)


async def test_a_bad_feed_is_stopped_and_taken_back(night: Night, pool: Pool) -> None:
    (night.folder / "sources.toml").write_text(WATCHED)
    incoming = night.folder / "incoming"
    incoming.mkdir()
    with night.serving():
        (incoming / "monday.csv").write_text(MONDAY)
        night.sees({"source": "stock", "rows": 31, "applied": 31})
        before = await Syncer(pool).quantities()
        (incoming / "tuesday.csv").write_text(BAD)
        night.sees({"source": "stock", "held_stores": 1})
        assert await Syncer(pool).quantities() != before
        *steps, resume = SECTIONS["A bad feed"].steps
        for step in steps:
            night.shell.take(step)
        assert await Syncer(pool).quantities() == before
        (incoming / "tuesday-corrected.csv").write_text(TUESDAY)
        night.shell.take(resume)
        night.sees({"source": "stock", "last_run": {"load_id": 4, "rows": 30, "applied": 1}})
        assert await Syncer(pool).quantities() == {**before, ("17", "item A-1"): 9}


async def test_a_feed_that_stopped_says_why_and_is_loaded_by_hand(night: Night, pool: Pool) -> None:
    (night.folder / "sources.toml").write_text(WATCHED)
    with night.serving():
        night.takes("A feed that stopped coming")
    assert set((await Syncer(pool).quantities()).values()) == {5}


async def test_a_full_disk_loses_nothing(night: Night, pool: Pool) -> None:
    night.monday()
    (night.folder / "late.csv").write_text(STOCK + "17,A-1,many\n99,A-1,4\n17,A-2,8\n")
    words = ("load", "--retailer", "acme", "--source", "stock", "--format", "csv", "--mapping", "stock-simple")
    await pool.execute(FULL_DISK)
    with night.serving():
        refused = command(night.settings, "store_sync", *words, str(night.folder / "late.csv"))
        assert (refused.returncode, refused.stderr.strip() in TEXT) == (2, True), refused.stderr
        assert set((await Syncer(pool).quantities()).values()) == {5}
        await pool.execute("DROP TRIGGER full_disk ON change")
        assert night.load("--mapping", "stock-simple", "late.csv")["rejected"] == 2
        assert (await Syncer(pool).quantities())["17", "item A-2"] == 8
        await pool.execute("UPDATE load SET started_at = started_at - interval '100 days'")
        night.takes("A full disk")
    assert [row["reason"] for row in await Syncer(pool).rejected()] == ["unknown_store"]


async def test_a_dump_comes_back_on_another_server(night: Night, pool: Pool, tmp_path: Path) -> None:
    title = "A restore from backup"
    night.monday()
    with night.serving():
        night.takes("Redis lost or replaced")
        await pool.execute(OTHER_NUMBERS)
        night.takes(title, "pg_dump")
        (night.folder / "tuesday.csv").write_text(TUESDAY)
        night.load("--mapping", "stock-simple", "tuesday.csv")
    newest = await Syncer(pool).quantities()
    redis_url = night.settings["REDIS_URL"]
    async with servers(Settings(data_dir=tmp_path / "new", redis_url=redis_url), Durability.THROWAWAY) as new:
        night.shell.run(f"NEW='{new.database_url}'")
        night.takes(title, "pg_restore")
        with night.serving(DATABASE_URL=new.database_url):
            night.takes(title, "store_sync rebuild")
            async with await open_pool(new.database_url, deadline_s=30.0) as restored:
                assert set((await Syncer(restored).quantities()).values()) == {5}
                night.takes(title, "store_sync load", "store_sync rebuild")
                assert await Syncer(restored).quantities() == newest


async def test_a_copied_folder_comes_back(tmp_path: Path) -> None:
    title = "A restore from backup"
    night = Night(tmp_path)
    night.monday()
    night.takes(title, "cp -a .data backup.data")
    (night.folder / "tuesday.csv").write_text(TUESDAY)
    assert night.load("--mapping", "stock-simple", "tuesday.csv")["applied"] == 1
    night.takes(title, "mv .data lost.data")
    with night.serving():
        database_url = f"postgresql://nearshelf@/nearshelf?host={folders_of(tmp_path / '.data').postgres_sockets}"
        async with await open_pool(database_url, deadline_s=30.0) as pool:
            assert set((await Syncer(pool).quantities()).values()) == {5}
            assert night.load("--mapping", "stock-simple", "tuesday.csv")["applied"] == 1
            assert (await Syncer(pool).quantities())["17", "item A-1"] == 9
        night.takes("Redis lost or replaced")
    assert gone_within(30, tmp_path) == []


def test_the_embedded_postgres_is_where_the_page_says(monkeypatch: pytest.MonkeyPatch) -> None:
    address = SECTIONS["Tools"].steps[1].commands
    folders = folders_of(Path("/srv/nearshelf/.data"))
    assert f"host=$PWD/{folders.postgres_sockets.relative_to('/srv/nearshelf')}" in address
    assert str(folders_of(Path("/srv") / ("long" * 30)).run).startswith("/tmp/nearshelf-")


async def test_an_empty_redis_fills_again(night: Night, redis: Redis) -> None:
    night.monday()
    with night.serving():
        night.takes("Redis lost or replaced", "rebuild")
        await redis.flushall()
        night.takes("Redis lost or replaced")
    for what in ("ns1:{[0-9]*}:[0-9]*", "ns1:{[0-9]*}:p"):
        assert len([name async for name in redis.scan_iter(what)]) == 30


async def test_sync_goes_on_when_postgres_is_back(night: Night, pool: Pool) -> None:
    night.monday()
    with night.serving():
        await pool.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        night.takes("Postgres restarted or failed over")


def test_two_secrets_sign_while_one_is_changed(night: Night) -> None:
    (files,) = [dict(one.files) for one in SECTIONS.values() if one.title == "A webhook secret rotated"]
    (night.folder / "sources.toml").write_text(files["sources.toml"])
    night.takes("A webhook secret rotated")
    secrets = dict(SETTING.findall(TEXT))
    old, new = secrets["ACME_SHOPIFY_SECRET_OLD"], secrets["ACME_SHOPIFY_SECRET"]
    with night.serving(**secrets) as both:
        assert [signed_by(one, both.url) for one in (old, new, "neither")] == [200, 200, 401]
    with night.serving(ACME_SHOPIFY_SECRET=new) as one:
        assert [signed_by(secret, one.url) for secret in (old, new)] == [401, 200]


def signed_by(secret: str, url: str) -> int:
    """Status of the answer to a webhook."""
    body = b'{"inventory_item_id":1,"location_id":17,"available":6,"updated_at":"2026-11-22T10:00:00Z"}'
    signature = shopify_signature(secret.encode(), body)
    address = f"{url}/v1/webhooks/shopify/shop"
    request = urllib.request.Request(address, body, {"X-Shopify-Hmac-Sha256": signature})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


async def until(pool: Pool, query: str) -> None:
    async with asyncio.timeout(60):
        while not await pool.fetchval(query):
            await asyncio.sleep(0.05)


async def test_a_partner_whose_server_is_down_is_found(night: Night, pool: Pool) -> None:
    night.monday()
    settings = {**night.settings, "WEBHOOK_PRIVATE": "1"}
    (night.folder / "tuesday.csv").write_text(STOCK + "17,A-1,0\n")
    command(settings, "inventory_service", "keys", "create", "--kind", "secret")
    about = ("--key", "1", "--url", "http://127.0.0.1:9/", "--retailer", "acme", "--product")
    product = str(await pool.fetchval("SELECT product_id FROM item WHERE item_id = 'A-1'"))
    made = command(settings, "inventory_service", "webhooks", "create", *about, product)
    assert json.loads(made.stdout)["secret"].startswith("whsec_"), made.stderr
    with running(settings, ANSWERING) as program:
        night.shell.addresses[ANSWER] = program.url
        await until(pool, f"SELECT known_product = {2**31 - 1} FROM webhook")
        night.load("--mapping", "stock-simple", "tuesday.csv")
        await until(pool, "SELECT failures > 0 FROM webhook")
        night.takes("Partners who are not told")
        assert await pool.fetchval("SELECT count(*) FROM webhook_delivery WHERE state = 'waiting'") == 1


def test_a_clock_that_is_ahead_shows(night: Night) -> None:
    now = datetime.now(UTC)
    lines = [
        {"store_code": "17", "item_id": "A-1", "quantity": 3, "observed_at": (now + ahead).isoformat()}
        for ahead in (timedelta(hours=1), timedelta(minutes=4))
    ]
    (night.folder / "till.jsonl").write_text("\n".join(map(json.dumps, lines)))
    done = night.shell.run(
        ".venv/bin/python -m store_sync load --retailer acme --source till --format jsonl till.jsonl"
    )
    assert done.returncode == 0, done.stderr
    night.takes("Clock skew")
    found = [json.loads(line) for line in night.shell.run(".venv/bin/python -m store_sync sources").stdout.splitlines()]
    assert [60 < one["clock_skew_s"] < 300 for one in found if one["source"] == "till"] == [True]


def test_another_process_takes_over_from_one_that_hangs(night: Night) -> None:
    night.monday()
    title = "A stuck or stopped sync process"
    with night.serving() as stuck:
        night.takes(title, "/metrics")
        stuck.process.send_signal(signal.SIGSTOP)
        try:
            with night.serving():
                night.takes(title)
        finally:
            stuck.process.send_signal(signal.SIGCONT)


@pytest.mark.parametrize(
    "sentence",
    [
        f"| rows of a file in memory | {ahead.CHUNK:,} that are stored, and as many read ahead"
        f" ({ahead.CHUNK_OF_NEW:,} of a first stock) |",
        f"| files being loaded from folders and URLs | {taking.LOADS_AT_ONCE} at once |",
        f"| uploads | {BOUNDS.uploads.at_once} at once, {BOUNDS.uploads.max_bytes >> 30} GiB each as sent,",
        f"`DATA_DIR/{taking.SPOOL}`; {BOUNDS.uploads.free_bytes >> 20} MiB of the disk stay free |",
        f"| {BOUNDS.events.streams_at_once} at once, {BOUNDS.events.lines_at_once} lines a batch,",
        f"{BOUNDS.events.desk.bodies_at_once} batches of a source a transaction,"
        f" {BOUNDS.events.desk.clerks} transactions at once,",
        f"{MAX_RECORD:,} bytes a line |",
        f"| webhooks that wait | {BOUNDS.webhooks.desk.waiting:,}, of {BOUNDS.webhooks.max_bytes >> 20} MiB at most;",
        f"{BOUNDS.webhooks.desk.bodies_at_once} a transaction, {BOUNDS.webhooks.desk.clerks} transactions at once |",
        f"| batches of the change log in one go | {publisher.MOST_BATCHES:,} |",
        f"| levels of one step of `rebuild` | {fill.LEVELS_AT_ONCE:,} |",
        f"{parts.LIVE_CONNECTIONS} for live senders, {parts.BULK_CONNECTIONS} for each upload,",
        f"| the change log | {publisher.KEPT.total_seconds() / 3600:g} hours,",
        f"about the {history.RECORDS_KEPT} newest; sales and deliveries {history.KEPT_BEHIND.days} days,"
        f" at most {history.MOST:,} |",
        f"Uploads get {STATUSES[NoRoomError]} as soon as",
        f"publishes after at most {LEASE.total_seconds():g} s, and takes over folders and URLs after at most"
        f" {turns.LEASE_S:g} s",
        f"are ended by Postgres after {STOPPED_WITHIN_S:g} s",
    ],
)
def test_what_the_page_tells_of_bounds_is_true(sentence: str) -> None:
    assert sentence in re.sub(r"\s+", " ", TEXT)


def test_every_runbook_is_tried_and_linked() -> None:
    tried = set(re.findall(r'"([A-Z][^"\n]+)"', Path(__file__).read_text()))
    assert set(SECTIONS) - tried == set()
    anchors = {
        re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in re.findall(r"^#+ (.+)$", TEXT, re.M)
    }
    assert set(re.findall(r"\]\(#([\w-]+)\)", TEXT)) <= anchors
