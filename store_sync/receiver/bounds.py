"""How much of everything the receiver takes; docs/RECEIVER.md tells partners the same numbers."""

from dataclasses import dataclass

from store_sync.formats.webhooks import MAX_BODY


@dataclass(frozen=True, slots=True)
class UploadBounds:
    """Of files."""

    max_bytes: int = 4 << 30
    """Of the body as it is sent; what Google allows of a feed."""
    at_once: int = 2
    silent_s: float = 12.0
    """The longest wait for the next byte."""
    pace_after_s: float = 12.0
    min_bytes_per_s: int = 1_000
    """On average, from `pace_after_s` on: nobody holds a place for days."""
    free_bytes: int = 512 << 20
    """What stays free on the disk whatever is sent."""


@dataclass(frozen=True, slots=True)
class DeskBounds:
    """Of bodies that share transactions."""

    waiting: int
    bodies_at_once: int
    """Bodies of one transaction."""
    commit_within_s: float
    clerks: int = 4
    """Transactions at once, a connection each; never two of one source."""


@dataclass(frozen=True, slots=True)
class EventBounds:
    """Of streams of events."""

    lines_at_once: int = 500
    """Lines of one transaction."""
    gather_s: float = 0.02
    """How long the first line of a transaction waits for others."""
    silent_s: float = 60.0
    """Of a stream that stays open."""
    short_silent_s: float = 12.0
    """Of a body that has told its length, and so has all its lines at hand."""
    streams_at_once: int = 200
    told_rejections: int = 20
    desk: DeskBounds = DeskBounds(waiting=2_000, bodies_at_once=20, commit_within_s=60.0)


@dataclass(frozen=True, slots=True)
class WebhookBounds:
    """Of webhooks; Shopify waits 5 s for its answer."""

    max_bytes: int = MAX_BODY
    reading_at_once: int = 512
    """Bodies that are on their way in, signed or not."""
    body_within_s: float = 3.0
    answer_within_s: float = 4.5
    desk: DeskBounds = DeskBounds(waiting=2_000, bodies_at_once=500, commit_within_s=4.0)


@dataclass(frozen=True, slots=True)
class Bounds:
    """All of them."""

    uploads: UploadBounds = UploadBounds()
    events: EventBounds = EventBounds()
    webhooks: WebhookBounds = WebhookBounds()
    asking_s: float = 2.0
    """Deadline of what only looks something up."""
