"""Entry of `python -m store_sync`."""

from inventory_service.runtime.priority import behind_answers
from store_sync.cli import app

behind_answers()
app(prog_name="python -m store_sync")
