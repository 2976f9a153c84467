"""docs/LOADTESTS.md: its commands run, and its table tells the shapes as they are."""

import asyncio
import json
import os
import re
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from tests.programs.running import PROJECT

PAGE = (PROJECT / "docs" / "LOADTESTS.md").read_text()
COMMANDS = [
    line for block in re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL) for line in block.splitlines()
]
SHOWN = "http://127.0.0.1:8080"
GTIN, TAG = "09520000000417", 'W/"same"'
WITHIN_S = 100.0
SHAPES = """
import json
from loadtests.shapes import SHAPES
print(json.dumps({name: [shape.__doc__, shape.steps] for name, shape in SHAPES.items()}))
"""


async def test_its_commands_run_and_right_answers_are_no_failures() -> None:
    statuses: Counter[int] = Counter()
    async with answering(statuses) as url:
        for command in COMMANDS:
            status, told = await run(*command.replace(".venv/bin/python", sys.executable).replace(SHOWN, url).split())
            assert status == 0, (command, told)
    assert {200, 304, 404} <= set(statuses)


async def test_other_machines_are_left_alone() -> None:
    (shoppers,) = [command for command in COMMANDS if "locust" in command]
    status, told = await run(sys.executable, *shoppers.replace(SHOWN, "http://192.0.2.1").split()[1:])
    assert status != 0
    assert "is not on this machine" in told


async def test_its_table_tells_users_and_duration_of_each_shape_as_their_docstrings_do() -> None:
    status, told = await run(sys.executable, "-c", SHAPES)
    assert status == 0, told
    shapes = json.loads(told.splitlines()[-1])
    rows = dict(re.findall(r"^\| `(\w+)` \|(.*)\|$", PAGE, re.MULTILINE))
    assert list(rows) == list(shapes)
    for name, (says, steps) in shapes.items():
        most, seconds = max(users for _, users, _ in steps), steps[-1][0]
        takes = f"{seconds} seconds" if seconds < 60 else f"{seconds // 60} minutes"
        for text in (rows[name], says):
            assert re.search(rf"\b{most}\b", text), name
            assert takes in text, name


async def run(*words: str) -> tuple[int, str]:
    """Exit status and all that was printed."""
    process = await asyncio.create_subprocess_exec(
        *words,
        cwd=PROJECT,
        env={name: value for name, value in os.environ.items() if not name.startswith("LOCUST_")},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(WITHIN_S):
        printed, _ = await process.communicate()
    return process.returncode or 0, printed.decode()


@asynccontextmanager
async def answering(statuses: Counter[int]) -> AsyncIterator[str]:
    """A service that knows one product, and every other question about another."""

    async def availability(request: web.Request) -> web.Response:
        if request.headers.get("If-None-Match") == TAG:
            return counted(304)
        return counted(404 if sum(statuses.values()) % 7 == 6 else 200, {"results": [{"distance_m": 1}]})

    async def products(_: web.Request) -> web.Response:
        return counted(200, {"results": [{"gtin": GTIN}, {"gtin": None}], "next": None})

    async def product(_: web.Request) -> web.Response:
        return counted(200, {"gtin": GTIN})

    def counted(status: int, body: object = None) -> web.Response:
        statuses[status] += 1
        if status == 304:
            return web.Response(status=304)
        return web.json_response(body, status=status, headers={"ETag": TAG})

    app = web.Application()
    app.router.add_get("/v1/availability", availability)
    app.router.add_get("/v1/products", products)
    app.router.add_get(f"/v1/products/{GTIN}", product)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
