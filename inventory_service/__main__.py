"""Entry of `python -m inventory_service`."""

from inventory_service.cli import app

app(prog_name="python -m inventory_service")
