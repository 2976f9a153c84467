"""What client and supervisor say to each other: one JSON message each way, then a connection held open."""

import json
from dataclasses import asdict, dataclass
from enum import StrEnum

MESSAGE_BYTES = 65536
"""No message is longer."""


class Durability(StrEnum):
    """What a power cut may cost."""

    SAFE = "safe"
    """Nothing that was committed."""
    THROWAWAY = "throwaway"
    """Everything: for tests, which are several times faster so."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a client needs. An empty text: not needed, it has its own."""

    postgres_bin: str
    redis_program: str
    durability: Durability


@dataclass(frozen=True, slots=True)
class Reply:
    """Addresses of what was asked for and now runs, or one clear sentence in `failure`."""

    database_url: str = ""
    redis_url: str = ""
    failure: str = ""


def encode(message: Request | Reply) -> bytes:
    return json.dumps(asdict(message)).encode()


def decode_request(data: bytes) -> Request:
    """Raises ValueError where the client speaks another version of this protocol."""
    fields = json.loads(data)
    try:
        return Request(fields["postgres_bin"], fields["redis_program"], Durability(fields["durability"]))
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a request: {fields!r}") from error


def decode_reply(data: bytes) -> Reply:
    fields = json.loads(data)
    return Reply(fields["database_url"], fields["redis_url"], fields["failure"])
