"""How bodies of requests may be packed."""

from aiohttp import web

from inventory_service.runtime.http.errors import UnsupportedError


def require_encoding(request: web.Request, *taken: str) -> None:
    """Raises UnsupportedError where the body is encoded in another way than `taken`; identity always is."""
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in ("identity", *taken):
        advice = f"take {' or '.join(taken)}" if taken else "leave the header out"
        raise UnsupportedError(f"Content-Encoding {encoding[:40]} is not understood here: {advice}.")
