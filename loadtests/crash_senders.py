"""Senders as partners write them: whatever happens they send the same again until it is taken."""

import asyncio
import base64
import gzip
import hashlib
import hmac
import json
import random
from asyncio.subprocess import Process
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from signal import SIGKILL
from typing import Any

import aiohttp

from loadtests.crash_programs import A_SENTENCE, House, Kept, until
from loadtests.crash_world import RETAILER, SHOP, TILL

AGAIN_AFTER_S = 0.2
GIVE_UP_AFTER_S = 1_800.0
LIVE_WITHIN_S, FILE_WITHIN_S = 10.0, 240.0
"""How long a sender waits for the answer to events, and to a whole file."""
MOST_BREAKDOWNS = 100
AGAIN, AT_ONCE = 0.2, 0.3
"""How often a batch is sent again although it was taken, and how often twice at once."""


class RefusedError(Exception):
    """What was sent is wrong: sending it again is no use."""


@dataclass
class Tally:
    """What has been taken so far, of so much that there is; and what nobody should ever hear."""

    planned: int
    taken: int = 0
    retries: int = 0
    breakdowns: list[str] = field(default_factory=list)

    def broke_down(self, what: str) -> None:
        """A program lost its temper instead of saying in its own words that it cannot."""
        self.breakdowns.append(what)
        if len(self.breakdowns) > MOST_BREAKDOWNS:
            raise RefusedError(f"{MOST_BREAKDOWNS} breakdowns, such as {what}")

    @property
    def share(self) -> float:
        return self.taken / self.planned


@dataclass
class Sender:
    """`loaders` are the living `load` commands; `silences` counts when receivers last did not answer in time."""

    house: House
    receivers: Sequence[Kept]
    session: aiohttp.ClientSession
    key: str
    secret: bytes
    tally: Tally
    draw: random.Random
    loaders: list[Process] = field(default_factory=list)
    silences: Counter[str] = field(default_factory=Counter)

    async def load(self, *command: str) -> dict[str, Any]:
        """`store_sync load …`, started again until it has loaded the file."""
        async with asyncio.timeout(GIVE_UP_AFTER_S):
            while True:
                process = await self.house.start(*command, log="load.log")
                self.loaders.append(process)
                try:
                    printed, _ = await process.communicate()
                finally:
                    self.loaders.remove(process)
                if process.returncode == 0:
                    return dict(json.loads(printed.splitlines()[-1]))
                if process.returncode not in (-SIGKILL, A_SENTENCE):
                    self.tally.broke_down(f"load: exit status {process.returncode}")
                await self._rest()

    async def upload(self, path: Path, source: str, **asked: str) -> dict[str, Any]:
        """A whole file, zipped, to one of the receivers."""
        body = await asyncio.to_thread(lambda: gzip.compress(path.read_bytes(), 1))
        asked = {"retailer": RETAILER, **asked}
        return await self._post(f"/v1/feeds/{source}", body, FILE_WITHIN_S, asked, **{"Content-Encoding": "gzip"})

    async def reached(self, share: float, over: Callable[[], bool]) -> None:
        """Until so much of the files has been taken, or they are `over`."""
        await until(lambda: self.tally.share >= share or over(), GIVE_UP_AFTER_S)

    async def events(self, lines: Sequence[dict[str, Any]]) -> None:
        """Now and then twice at once, to either receiver, or again though it was taken."""
        body = "".join(json.dumps(line) + "\n" for line in lines).encode()
        for _ in range(1 + (self.draw.random() < AGAIN)):
            copies = 1 + (self.draw.random() < AT_ONCE)
            answers = await asyncio.gather(
                *(self._post(f"/v1/events/{TILL}", body, LIVE_WITHIN_S, {"retailer": RETAILER}) for _ in range(copies))
            )
            for told in answers:
                if told["rejected"] or told["rows"] != len(lines):
                    raise RefusedError(f"events: {told}")

    async def webhook(self, body: bytes) -> None:
        signature = base64.b64encode(hmac.digest(self.secret, body, hashlib.sha256)).decode()
        for _ in range(1 + (self.draw.random() < AGAIN)):
            path = f"/v1/webhooks/shopify/{SHOP}"
            await self._post(path, body, LIVE_WITHIN_S, {}, **{"X-Shopify-Hmac-Sha256": signature})

    async def _post(
        self, path: str, body: bytes, within_s: float, asked: dict[str, str], **more: str
    ) -> dict[str, Any]:
        """Until the answer is 200. Raises RefusedError where it says that the request itself is wrong."""
        headers = {"Authorization": f"Bearer {self.key}", **more}
        patience = aiohttp.ClientTimeout(total=within_s)
        async with asyncio.timeout(GIVE_UP_AFTER_S):
            while True:
                url = await self._somebody()
                try:
                    async with self.session.post(
                        url + path, data=body, params=asked, headers=headers, timeout=patience
                    ) as answer:
                        said = await answer.read()
                        self.silences[url] = 0
                        if answer.status == 200:
                            return dict(json.loads(said))
                        if 400 <= answer.status < 500 and answer.status not in (408, 429):
                            raise RefusedError(f"{path}: {answer.status} {said[:500]!r}")
                        if answer.status not in (408, 429, 503):
                            self.tally.broke_down(f"{path}: {answer.status} {said[:200]!r}")
                except TimeoutError:
                    self.silences[url] += 1
                except (aiohttp.ClientError, OSError):
                    pass
                await self._rest()

    async def _somebody(self) -> str:
        """One of the receivers that answer best."""
        await until(lambda: any(one.url for one in self.receivers), GIVE_UP_AFTER_S)
        urls = [one.url for one in self.receivers if one.url]
        fewest = min(self.silences[url] for url in urls)
        return self.draw.choice([url for url in urls if self.silences[url] == fewest])

    async def _rest(self) -> None:
        self.tally.retries += 1
        await asyncio.sleep(AGAIN_AFTER_S)
