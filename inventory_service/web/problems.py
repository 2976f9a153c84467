"""The problems that the answer API gives, for its documentation."""

from inventory_service.domain.errors import (
    ForbiddenError,
    InputError,
    KeyInvalidError,
    KeyRequiredError,
    MovedError,
    NotFoundError,
    OtherRequestError,
    OvertakenError,
    SettledError,
    TooCostlyError,
    TooManyError,
    UnavailableError,
    WrongOriginError,
)
from inventory_service.runtime.http.errors import CrowdedError, TooSlowError, UnsupportedError
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
    TooManyError,
    CrowdedError,
    UnavailableError,
)


def known_problems() -> list[dict[str, str | int]]:
    """Type, title and status of each kind."""
    ours = [(kind.slug, (kind.__doc__ or "").strip().rstrip("."), status_of(kind)) for kind in GIVEN]
    theirs = [(slug, title, status) for status, (slug, title) in HTTP_PROBLEMS.items()]
    return [{"type": f"/problems/{slug}", "title": title, "status": status} for slug, title, status in ours + theirs]
