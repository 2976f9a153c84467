"""The command `load`, from paths to the tally."""

import zipfile
from pathlib import Path
from typing import Any

import pytest
from rich.progress import Progress

from inventory_service.domain.errors import FeedRefusedError
from inventory_service.embedded import Servers
from inventory_service.runtime.toolbox import Toolbox
from inventory_service.settings import Settings
from store_sync.loading import LoadRequest, load_paths
from tests.sync.world import Syncer, at, shop, stopped_clock

pytestmark = pytest.mark.asyncio

GOOD, BAD = "store_code\tid\tquantity\n1\t{}\t5\n", "foo\tbar\n1\t2\n"


async def loaded(sync: Syncer, *paths: Path, source: str = "stock") -> dict[str, Any]:
    await sync.load([shop("1")])
    tools = Toolbox(Settings(), Servers("", "", embedded=False), sync.pool, stopped_clock())
    request = LoadRequest("acme", source, "google-local-inventory", None, None, at(5), snapshot=False)
    with Progress(disable=True) as bar:
        return await load_paths(tools, request, [str(path) for path in paths], bar, rehearse=False)


async def test_a_refused_file_is_named_and_the_others_are_loaded(sync: Syncer, tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a.tsv", "b.tsv", "c.tsv")]
    for path, text in zip(paths, (GOOD.format("cola"), BAD, GOOD.format("tea")), strict=True):
        path.write_text(text)
    tally = await loaded(sync, paths[0], paths[1], tmp_path / "nowhere.tsv", paths[2])
    assert (tally["applied"], len(tally["loads"])) == (2, 2)
    bad, missing = tally["refused"]
    assert bad.startswith(f"{paths[1]}: A Google local inventory feed needs the columns")
    assert missing == f"There is no file {tmp_path / 'nowhere.tsv'}."


async def test_a_refused_member_of_a_zip_is_named_and_the_others_are_loaded(sync: Syncer, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for name, text in (("a.tsv", GOOD.format("cola")), ("readme.pdf", "%PDF-1.7"), ("z.tsv", GOOD.format("tea"))):
            archive.writestr(name, text)
    tally = await loaded(sync, tmp_path / "all.zip")
    assert tally["applied"] == 2
    (refused,) = tally["refused"]
    assert "readme.pdf" in refused


async def test_no_feed_goes_by_the_name_of_staff(sync: Syncer, tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text(GOOD.format("cola"))
    with pytest.raises(FeedRefusedError, match="staff is the name for what staff see"):
        await loaded(sync, tmp_path / "a.tsv", source="staff")
