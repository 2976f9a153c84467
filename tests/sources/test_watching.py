"""A watched folder: every file once, when it is complete, in order, whatever happens to the watcher."""

import asyncio
import gzip
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from store_sync.sources.folder import WatchError
from store_sync.sources.taking import Means
from store_sync.watching import Watcher
from tests.sources.world import Sources, feed, touch, watched, write
from tests.sync.world import NOW, at

COLA_5 = feed(("1", "cola", 5))
COLA_7 = feed(("1", "cola", 7))
COLUMNS_WRONG = "colour\tsize\nred\t7\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "incoming"
    path.mkdir()
    return path


@pytest.fixture
def watcher(folder: Path, means: Means) -> Watcher:
    return Watcher(watched(folder), folder, means)


def another(watcher: Watcher, folder: Path, means: Means) -> Watcher:
    """One that starts anew, as after a restart."""
    return Watcher(watched(folder), folder, means)


async def look(watcher: Watcher, times: int = 2) -> None:
    for _ in range(times):
        await watcher.look()


async def test_a_file_is_taken_once_two_looks_found_it_the_same(
    sources: Sources, watcher: Watcher, folder: Path
) -> None:
    write(folder / "a.txt", COLA_5, at(60))
    await look(watcher, 1)
    assert await sources.files() == []
    await look(watcher, 1)
    assert await sources.files() == ["a.txt"]
    assert await sources.quantities() == {("1", "cola"): 5}
    await look(watcher)
    assert await sources.files() == ["a.txt"]


async def test_a_file_that_still_grows_is_left_alone(sources: Sources, watcher: Watcher, folder: Path) -> None:
    for length in range(1, 4):
        write(folder / "a.txt", feed(*[("1", f"item{n}", n) for n in range(length)]), at(60 - length))
        await look(watcher, 1)
    assert await sources.files() == []
    await look(watcher, 1)
    assert await sources.files() == ["a.txt"]


async def test_a_file_renamed_into_place_is_taken_at_the_next_look(
    sources: Sources, watcher: Watcher, folder: Path
) -> None:
    unfinished = write(folder / "a.txt.part", COLA_5, at(60))
    await look(watcher, 3)
    assert await sources.files() == []
    unfinished.rename(folder / "a.txt")
    await look(watcher, 1)
    assert await sources.files() == ["a.txt"]


@pytest.mark.parametrize("name", ["a.tmp", "a.txt.part", ".a.txt", "A.TMP"])
async def test_names_of_unfinished_files_are_passed_over(
    sources: Sources, watcher: Watcher, folder: Path, name: str
) -> None:
    write(folder / name, COLA_5, at(60))
    await look(watcher, 3)
    assert await sources.files() == []


async def test_files_are_taken_oldest_first_by_their_own_time(sources: Sources, watcher: Watcher, folder: Path) -> None:
    write(folder / "a.txt", COLA_7, at(10))
    write(folder / "c.txt", feed(("2", "cola", 1)), at(30))
    write(folder / "b.txt", COLA_5, at(20))
    await look(watcher)
    assert await sources.files() == ["c.txt", "b.txt", "a.txt"]
    assert (await sources.quantities())["1", "cola"] == 7


async def test_the_files_own_time_is_when_it_was_observed(sources: Sources, watcher: Watcher, folder: Path) -> None:
    write(folder / "a.txt", COLA_5, at(60))
    await look(watcher)
    [shelf] = (await sources.sync.shelves()).values()
    assert shelf.observed_at == at(60)


async def test_what_was_taken_is_not_taken_again_after_a_restart_a_touch_a_copy_or_a_renaming(
    sources: Sources, watcher: Watcher, folder: Path, means: Means
) -> None:
    path = write(folder / "a.txt", COLA_5, at(60))
    await look(watcher)
    await look(another(watcher, folder, means))
    touch(path, at(50))
    await look(watcher, 3)
    write(folder / "copy.txt", COLA_5, at(40))
    await look(watcher, 3)
    path.rename(folder / "old.txt")
    await look(watcher, 3)
    await look(another(watcher, folder, means), 3)
    assert await sources.files() == ["a.txt"]


async def test_a_changed_file_is_taken_again(sources: Sources, watcher: Watcher, folder: Path) -> None:
    write(folder / "a.txt", COLA_5, at(60))
    await look(watcher)
    write(folder / "a.txt", COLA_7, at(50))
    await look(watcher)
    assert await sources.files() == ["a.txt", "a.txt"]
    assert await sources.quantities() == {("1", "cola"): 7}


@pytest.mark.parametrize("name", ["a.txt", "c.txt"])
async def test_older_bytes_that_come_again_after_others_are_news(
    sources: Sources, watcher: Watcher, folder: Path, name: str
) -> None:
    """5, 7 and 5 again: the shelf has 5."""
    write(folder / "a.txt", COLA_5, at(60))
    await look(watcher)
    write(folder / ("a.txt" if name == "a.txt" else "b.txt"), COLA_7, at(50))
    await look(watcher)
    write(folder / name, COLA_5, at(40))
    await look(watcher)
    assert await sources.quantities() == {("1", "cola"): 5}


async def test_a_refused_file_is_remembered_with_its_sentence_and_tried_again_once_it_changes(
    sources: Sources, watcher: Watcher, folder: Path, means: Means
) -> None:
    write(folder / "a.txt", COLUMNS_WRONG, at(60))
    await look(watcher)
    [refused] = (await sources.row())["refused_files"]
    assert refused["name"] == "a.txt"
    assert refused["failure"].endswith(".")
    tries = len(await sources.loads())
    await look(watcher)
    await look(another(watcher, folder, means))
    assert len(await sources.loads()) == tries
    write(folder / "a.txt", COLA_5, at(50))
    await look(watcher)
    assert await sources.quantities() == {("1", "cola"): 5}
    assert (await sources.row())["refused_files"] == []


async def test_a_refused_file_is_tried_again_once_it_would_be_read_in_another_way(
    sources: Sources, folder: Path, means: Means
) -> None:
    write(folder / "a.txt", COLA_5, at(60))
    await look(Watcher(watched(folder, format="google-products"), folder, means))
    assert await sources.quantities() == {}
    await look(Watcher(watched(folder), folder, means))
    assert await sources.quantities() == {("1", "cola"): 5}


async def test_a_refused_file_does_not_keep_the_next_from_being_taken(
    sources: Sources, watcher: Watcher, folder: Path
) -> None:
    write(folder / "a.txt", COLUMNS_WRONG, at(60))
    write(folder / "b.txt", COLA_5, at(50))
    await look(watcher)
    assert await sources.quantities() == {("1", "cola"): 5}


async def test_gzip_and_every_member_of_a_zip_are_taken(sources: Sources, watcher: Watcher, folder: Path) -> None:
    write(folder / "a.txt.gz", gzip.compress(COLA_5.encode()), at(60))
    with zipfile.ZipFile(folder / "b.zip.part", "w") as archive:
        archive.writestr("x.txt", feed(("2", "cola", 3)))
        archive.writestr("y.txt", feed(("3", "cola", 4)))
    touch((folder / "b.zip.part").rename(folder / "b.zip"), at(50))
    await look(watcher)
    assert await sources.files() == ["a.txt.gz", "b.zip:x.txt", "b.zip:y.txt"]
    assert await sources.quantities() == {("1", "cola"): 5, ("2", "cola"): 3, ("3", "cola"): 4}


async def test_a_single_file_may_be_watched(sources: Sources, folder: Path, means: Means) -> None:
    path = write(folder / "a.txt", COLA_5, at(60))
    write(folder / "b.txt", COLA_7, at(50))
    await look(Watcher(watched(path), path, means))
    assert await sources.files() == ["a.txt"]


async def test_a_pattern_picks_files_of_a_folder(sources: Sources, folder: Path, means: Means) -> None:
    write(folder / "stock-1.txt", COLA_5, at(60))
    write(folder / "products.txt", COLA_7, at(50))
    pattern = folder / "stock-*.txt"
    await look(Watcher(watched(pattern), pattern, means))
    assert await sources.files() == ["stock-1.txt"]


async def test_files_stay_where_they_are(sources: Sources, watcher: Watcher, folder: Path) -> None:
    write(folder / "a.txt", COLA_5, at(60))
    write(folder / "b.txt", COLUMNS_WRONG, at(50))
    await look(watcher, 3)
    assert sorted(path.name for path in folder.iterdir()) == ["a.txt", "b.txt"]
    assert (folder / "a.txt").read_text() == COLA_5


async def test_a_paused_source_takes_nothing_and_picks_up_after_it_is_resumed(
    sources: Sources, watcher: Watcher, folder: Path
) -> None:
    await sources.pause()
    write(folder / "a.txt", COLA_5, at(60))
    await look(watcher, 3)
    assert await sources.files() == []
    await sources.resume()
    await look(watcher, 1)
    assert await sources.files() == ["a.txt"]


async def test_a_missing_folder_is_told_and_noticed_once_it_is_there(
    sources: Sources, watcher: Watcher, folder: Path
) -> None:
    folder.rmdir()
    with pytest.raises(WatchError, match="There is no file or folder"):
        await watcher.look()
    assert "There is no file or folder" in (await sources.row())["look_failure"]
    folder.mkdir()
    await look(watcher, 1)
    row = await sources.row()
    assert (row["look_failure"], row["last_look"]) == (None, NOW)


async def test_an_unreadable_file_is_told_and_keeps_no_other_from_being_taken(
    sources: Sources, watcher: Watcher, folder: Path
) -> None:
    """Nobody, not even root, can read the memory of a process from its start."""
    write(folder / "b.txt", COLA_5, at(50))
    (folder / "a.txt").symlink_to("/proc/self/mem")
    with pytest.raises(WatchError, match="cannot be read"):
        await look(watcher)
    assert "cannot be read" in (await sources.row())["look_failure"]
    assert await sources.files() == ["b.txt"]


async def test_a_broken_link_is_no_file(sources: Sources, watcher: Watcher, folder: Path) -> None:
    write(folder / "b.txt", COLA_5, at(50))
    (folder / "a.txt").symlink_to(folder / "a.txt")
    await look(watcher)
    assert await sources.files() == ["b.txt"]


async def test_two_watchers_take_each_file_once(sources: Sources, folder: Path, means: Means) -> None:
    watchers = [Watcher(watched(folder), folder, means) for _ in range(3)]
    for number in range(8):
        write(folder / f"{number}.txt", feed(("1", "cola", number)), at(60 - number))
    for _ in range(12):
        await asyncio.gather(*(one.look() for one in watchers))
    assert await sources.files() == [f"{number}.txt" for number in range(8)]
    assert await sources.quantities() == {("1", "cola"): 7}


async def test_a_file_replaced_while_it_is_loaded_is_taken_again(
    sources: Sources, watcher: Watcher, folder: Path, means: Means
) -> None:
    class Replacing:
        """A loader under whose hands the file changes, once."""

        done = False

        async def load(self, *given: object) -> object:
            loaded = await means.loader.load(*given)  # type: ignore[arg-type]
            if not self.done:
                write(folder / "a.txt", COLA_7, at(50))
            self.done = True
            return loaded

    write(folder / "a.txt", COLA_5, at(60))
    slow = Watcher(watched(folder), folder, replace(means, loader=Replacing()))  # type: ignore[arg-type]
    await look(slow, 4)
    assert await sources.files() == ["a.txt", "a.txt"]
    assert await sources.quantities() == {("1", "cola"): 7}
