"""Entry of `python -m store_sync`."""

from store_sync.cli import app

app(prog_name="python -m store_sync")
