"""Which room may use which: data flows one way through the house."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]
ROOMS = ("geo", "inventory_service", "store_sync", "loadtests")
SQL = re.compile(r"\b(SELECT\b.+\bFROM|INSERT\s+INTO|UPDATE\b.+\bSET|DELETE\s+FROM|CREATE\s+TABLE)\b", re.DOTALL)
CLIENTS = ("asyncpg", "redis", "valkey")

MAY_USE = {
    "geo": ("geo",),
    "inventory_service.domain": ("inventory_service.domain", "geo"),
    "inventory_service": ("inventory_service", "geo"),
    "store_sync": (
        "store_sync",
        "geo",
        "inventory_service.domain",
        "inventory_service.storage",
        "inventory_service.runtime",
        "inventory_service.settings",
        "inventory_service.embedded",
    ),
    "loadtests": ("loadtests",),
}
"""A room and what of ours it may import; the longest name that fits a module counts."""


@cache
def modules() -> dict[str, Path]:
    """Every module of ours by its dotted name."""
    files = [file for room in ROOMS for file in (PROJECT / room).rglob("*.py")]
    return {_dotted(file): file for file in files}


def imports_of(module: str) -> Iterator[str]:
    """Dotted names that a module imports while it runs: a submodule where one is named, else what holds the name."""
    for node in _running_nodes(ast.parse(modules()[module].read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _base(module, node)
            for alias in node.names:
                yield f"{base}.{alias.name}" if f"{base}.{alias.name}" in modules() else base


def texts_of(module: str) -> Iterator[str]:
    """String constants, docstrings aside."""
    tree = ast.parse(modules()[module].read_text())
    statements = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in statements:
            yield node.value


def within(name: str, *rooms: str) -> bool:
    return any(name == room or name.startswith(f"{room}.") for room in rooms)


def rule_of(module: str) -> tuple[str, ...]:
    return MAY_USE[max((room for room in MAY_USE if within(module, room)), key=len)]


def test_every_room_uses_only_what_it_may() -> None:
    wrong = {
        f"{module} imports {name}"
        for module in modules()
        for name in imports_of(module)
        if within(name, *ROOMS) and not within(name, *rule_of(module))
    }
    assert sorted(wrong) == []


def test_only_storage_talks_to_postgres_and_redis() -> None:
    wrong = {
        f"{module} imports {name}"
        for module in modules()
        if not within(module, "inventory_service.storage", "inventory_service.embedded", "loadtests")
        for name in imports_of(module)
        if within(name, *CLIENTS)
    }
    assert sorted(wrong) == []


def test_sql_stands_in_storage_alone() -> None:
    homes = ("inventory_service.storage", "inventory_service.embedded", "loadtests")
    elsewhere = (module for module in modules() if not within(module, *homes))
    assert [f"{module}: {text}" for module in elsewhere for text in texts_of(module) if SQL.search(text)] == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = {module: {name for name in imports_of(module) if name in modules()} - {module} for module in modules()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" → ".join(error.args[1]))


def test_the_kernel_of_the_house_stays_free_of_frameworks() -> None:
    framework = ("aiohttp", "typer", "rich", "structlog", "pydantic", "uvloop")
    wrong = {
        f"{module} imports {name}"
        for module in modules()
        if within(module, "geo", "inventory_service.domain")
        for name in imports_of(module)
        if within(name, *framework)
    }
    assert sorted(wrong) == []


def _dotted(file: Path) -> str:
    return ".".join(file.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__")


def _base(module: str, node: ast.ImportFrom) -> str:
    """The module that `from … import` names, relative dots resolved."""
    if not node.level:
        return node.module or ""
    package = module if modules()[module].name == "__init__.py" else module.rpartition(".")[0]
    for _ in range(node.level - 1):
        package = package.rpartition(".")[0]
    return f"{package}.{node.module}" if node.module else package


def _running_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes but those under `if TYPE_CHECKING:`, which never run."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING"):
            continue
        yield child
        yield from _running_nodes(child)
