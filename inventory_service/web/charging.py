"""What a request costs, and who has spent too much."""

from aiohttp import web

from inventory_service.domain.key import Key


async def charge(_request: web.Request, _key: Key | None, _cost: int) -> None:
    """Counts `cost` for the key, or for the address where there is none. Raises TooManyError."""
