"""Every type of problem that either program can send leads to a page with words of its own."""

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import inventory_service
import store_sync
from inventory_service.domain.errors import NearshelfError
from inventory_service.runtime.http.problems import HTTP_PROBLEMS, STATUSES, http_problem, problem_of
from inventory_service.web.problem_texts import TEXTS, USUAL
from inventory_service.web.problems import OF_RECEIVER, all_problems

DOCS = Path(__file__).parents[2] / "docs"
ABSTRACT = {"error", "configuration"}
"""Sent as `internal`."""


def kinds(of: type[NearshelfError]) -> Iterator[type[NearshelfError]]:
    for kind in of.__subclasses__():
        yield kind
        yield from kinds(kind)


def sent() -> set[str]:
    """All types, of all errors of all modules."""
    for package in (inventory_service, store_sync):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    ours = {kind.slug for kind in kinds(NearshelfError) if issubclass(kind, tuple(STATUSES))}
    return {f"/problems/{slug}" for slug in (*ours, *(slug for slug, _ in HTTP_PROBLEMS.values()))}


def test_every_type_that_can_be_sent_is_known_and_nothing_else_is() -> None:
    assert {str(known["type"]) for known in all_problems()} == sent()


def test_an_error_that_no_request_is_expected_to_meet_is_internal() -> None:
    others = [kind for kind in kinds(NearshelfError) if not issubclass(kind, tuple(STATUSES))]
    assert {kind.slug for kind in others} <= ABSTRACT
    assert {problem_of(kind.__new__(kind)).type for kind in others} == {"/problems/internal"}


def test_every_type_has_words_of_its_own() -> None:
    """Its page is held to them beside."""
    assert {f"/problems/{slug}" for slug in TEXTS} == sent()
    assert USUAL not in TEXTS.values()


def test_the_receivers_manual_lists_its_own() -> None:
    manual = (DOCS / "RECEIVER.md").read_text()
    assert all(f"`/problems/{kind.slug}`" in manual for kind in OF_RECEIVER)


@pytest.mark.parametrize("status", [400, 405, 410, 418, 426, 501])
def test_what_says_no_more_than_its_status_has_no_page(status: int) -> None:
    kind = http_problem(status).type
    assert kind == "about:blank" or kind in {known["type"] for known in all_problems()}
