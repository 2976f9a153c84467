"""What is wrong with how something was sent, whatever it says; and what the program has no room for."""

from inventory_service.domain.errors import NearshelfError


class TooLargeError(NearshelfError):
    """The request is too large."""

    slug = "too-large"


class TooSlowError(NearshelfError):
    """What was to be sent did not come in time."""

    slug = "too-slow"


class UnsupportedError(NearshelfError):
    """What was sent is encoded in a way that is not taken here."""

    slug = "unsupported"


class BusyError(NearshelfError):
    """There is too much to do just now."""

    slug = "busy"


class CrowdedError(BusyError):
    """More is asked at once than can be looked up."""

    slug = "crowded"


class NoRoomError(NearshelfError):
    """The disk has no room for this."""

    slug = "no-room"
