"""Every error of ours; the docstring of a class is its title for people."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldFault:
    """One thing wrong with one field; `pointer` names the parameter, column or JSON pointer."""

    pointer: str
    detail: str

    @property
    def sentence(self) -> str:
        """What is wrong with the whole (no pointer) needs no name."""
        return f"{self.pointer}: {self.detail}" if self.pointer else self.detail


class NearshelfError(Exception):
    """Something went wrong."""

    slug = "error"

    @property
    def title(self) -> str:
        return (type(self).__doc__ or "").strip().splitlines()[0].rstrip(".")


class InputError(NearshelfError):
    """The request has invalid values."""

    slug = "invalid-input"

    def __init__(self, *faults: FieldFault) -> None:
        super().__init__("; ".join(fault.sentence for fault in faults))
        self.faults = faults


class NotFoundError(NearshelfError):
    """Nothing is known by that name."""

    slug = "not-found"

    def __init__(self, detail: str, *faults: FieldFault) -> None:
        super().__init__(detail)
        self.faults = faults


class MovedError(NearshelfError):
    """The product has been merged into another."""

    slug = "moved"

    def __init__(self, product_id: int) -> None:
        super().__init__(f"The product is now {product_id}.")
        self.product_id = product_id


class UnauthorizedError(NearshelfError):
    """A valid key is needed."""

    slug = "unauthorized"


class KeyRequiredError(UnauthorizedError):
    """A key is needed, and none was sent."""

    slug = "key-required"


class KeyInvalidError(UnauthorizedError):
    """The key is not valid."""

    slug = "key-invalid"


class ForbiddenError(NearshelfError):
    """The key does not allow this."""

    slug = "forbidden"


class WrongOriginError(ForbiddenError):
    """The key is for other web origins."""

    slug = "wrong-origin"


class TooCostlyError(ForbiddenError):
    """The request costs more than the limit allows at all."""

    slug = "too-costly"


class TooManyError(NearshelfError):
    """More has been sent than is taken."""

    slug = "too-many"

    def __init__(self, detail: str, retry_after_s: int) -> None:
        """`retry_after_s`: seconds until more is taken."""
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class RateLimitedError(TooManyError):
    """The limit is used up for now."""

    slug = "rate-limited"


class OtherRequestError(NearshelfError):
    """The Idempotency-Key belongs to another request."""

    slug = "other-request"


class SettledError(NearshelfError):
    """It can no longer be taken back."""

    slug = "settled"


class OvertakenError(NearshelfError):
    """It need not be sent again."""

    slug = "overtaken"


class FeedRefusedError(NearshelfError):
    """The whole file is refused."""

    slug = "feed-refused"


class PausedError(NearshelfError):
    """The source is paused."""

    slug = "paused"


class UnavailableError(NearshelfError):
    """The service cannot answer just now."""

    slug = "unavailable"


class StorageError(UnavailableError):
    """The database did not answer in time."""


class CacheError(UnavailableError):
    """The cache did not answer in time."""


class ConfigurationError(NearshelfError):
    """The program is not set up so that it can run."""

    slug = "configuration"
