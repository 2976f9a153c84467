"""`python -m store_sync`: feeds in, and what became of them."""

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

MODULES = {
    "load": "cli_load",
    "serve": "cli_serve",
    "sources": "cli_sources",
    "loads": "cli_loads",
    "rejected": "cli_loads",
    "undo": "cli_loads",
    "held": "cli_held",
    "verify": "cli_cache",
    "rebuild": "cli_cache",
}
"""Where each command stands."""


class Commands(TyperGroup):
    """Reads a command's module once that command is called: a load needs nothing of the receiver."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 -- as it is called
        return list(MODULES)

    def get_command(self, ctx: Any, cmd_name: str) -> TyperCommand | TyperGroup | None:  # noqa: ARG002 -- likewise
        if cmd_name not in MODULES:
            return None
        found = typer.main.get_command(import_module(f"store_sync.{MODULES[cmd_name]}").app)
        if isinstance(found, TyperGroup) and cmd_name in found.commands:
            found = found.commands[cmd_name]
        assert isinstance(found, TyperCommand | TyperGroup)
        found.name = cmd_name
        return found


app = typer.Typer(cls=Commands, no_args_is_help=True, pretty_exceptions_enable=False)


@app.callback(help=__doc__)
def commands() -> None:
    """All of them."""
