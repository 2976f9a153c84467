"""The problems that the answer API gives, and those of the receiver alone, for their documentation."""

from collections.abc import Iterable

from inventory_service.domain.errors import (
    FeedRefusedError,
    ForbiddenError,
    InputError,
    KeyInvalidError,
    KeyRequiredError,
    MovedError,
    NearshelfError,
    NotFoundError,
    OtherRequestError,
    OvertakenError,
    PausedError,
    RateLimitedError,
    SettledError,
    TooCostlyError,
    TooManyError,
    UnauthorizedError,
    UnavailableError,
    WrongOriginError,
)
from inventory_service.runtime.http.errors import BusyError, CrowdedError, NoRoomError, TooSlowError, UnsupportedError
from inventory_service.runtime.http.problems import HTTP_PROBLEMS, status_of

GIVEN = (
    MovedError,
    InputError,
    KeyRequiredError,
    KeyInvalidError,
    ForbiddenError,
    WrongOriginError,
    TooCostlyError,
    NotFoundError,
    TooSlowError,
    SettledError,
    OvertakenError,
    UnsupportedError,
    OtherRequestError,
    RateLimitedError,
    TooManyError,
    CrowdedError,
    UnavailableError,
)
OF_RECEIVER = (UnauthorizedError, FeedRefusedError, BusyError, PausedError, NoRoomError)

Known = dict[str, str | int]


def known_problems() -> list[Known]:
    """Type, title and status of each kind that the answer API gives."""
    return _told(GIVEN) + [_known(slug, title, status) for status, (slug, title) in HTTP_PROBLEMS.items()]


def all_problems() -> list[Known]:
    """Those of the receiver too."""
    return known_problems() + _told(OF_RECEIVER)


def _told(kinds: Iterable[type[NearshelfError]]) -> list[Known]:
    return [_known(kind.slug, (kind.__doc__ or "").strip().rstrip("."), status_of(kind)) for kind in kinds]


def _known(slug: str, title: str, status: int) -> Known:
    return {"type": f"/problems/{slug}", "title": title, "status": status}
