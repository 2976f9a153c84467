"""What a client may take of a server."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """docs/SECURITY.md tells the same numbers."""

    headers_within_s: float = 10.0
    """From the first byte of a request to the end of its headers; and from connecting to the first byte."""
    keepalive_s: float = 12.0
    """Between two requests."""
    unread_s: float = 10.0
    """How long an answer may lie there of which the client takes next to nothing."""
    lingering_s: float = 1.0
    """How long an unread body is still swallowed."""
    shutdown_s: float = 5.0
    line_bytes: int = 32 * 1024
    """So that an over-long parameter is refused by its name, and only a monstrous one by the parser."""
    header_bytes: int = 8 * 1024
    headers: int = 64
    head_bytes: int = 64 * 1024
    """Of a request whose headers have not ended yet."""
    connections: int = 4096
    """Of one process; fewer where the system lets it open fewer files."""


USUAL = Limits()
