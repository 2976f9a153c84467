"""An open door to the house, and the two ways in: the quick one, and the usual one, which tells the same."""

from typing import Any

import aiohttp
import orjson
from prometheus_client import CollectorRegistry, generate_latest

PLAIN = {"Accept-Encoding": "identity"}
UNUSUAL = "&open_now=0"
"""Asks for nothing else, but in words that the quick way does not know."""


class Door:
    """An open one, and what was counted behind it."""

    def __init__(self, session: aiohttp.ClientSession, registry: CollectorRegistry) -> None:
        self._session, self._registry = session, registry

    async def ask(self, target: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        spelled = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self._session.get(target, headers=spelled) as response:
            told = {name.lower(): value for name, value in response.headers.items() if name != "Date"}
            return response.status, told, await response.read()

    def counted(self, line: str) -> float:
        lines = generate_latest(self._registry).decode().splitlines()
        return sum(float(one.rpartition(" ")[2]) for one in lines if one.startswith(line))


def without_time(body: bytes) -> Any:
    document = orjson.loads(body)
    document.pop("answered_at", None)
    beyond = document.get("nearest_beyond")
    for result in [*document.get("results", []), *([beyond] if beyond else [])]:
        result.pop("age_s", None)
    return document


async def same(door: Door, target: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    quick, usual = await door.ask(target, **headers), await door.ask(target + UNUSUAL, **headers)
    lengths = [one[1].pop("content-length", None) for one in (quick, usual)]
    assert (quick[0], quick[1]) == (usual[0], usual[1]), target
    if quick[0] == 200 and "content-encoding" not in quick[1]:
        assert lengths[0] == str(len(quick[2]))
        assert without_time(quick[2]) == without_time(usual[2]), target
    elif quick[0] >= 400:
        assert quick[2] == usual[2], target
    return quick
