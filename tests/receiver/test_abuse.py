"""The receiver under requests at and beyond the edge of HTTP."""

from tests.hardening.abuse import ANYWHERE, of_bodies, statuses
from tests.receiver.world import Receiver

PATHS = {"/v1/webhooks/shopify/nobodys": (401,), "/v1/feeds/a": (401,), "/v1/events/a": (401,)}


async def test_no_abuse_is_our_fault_or_hides_a_request(receiver: Receiver) -> None:
    wrong = {}
    bodies = [one for path, taken in PATHS.items() for one in of_bodies(path, (400, *taken))]
    for abuse in [*ANYWHERE, *bodies]:
        got = await statuses(receiver.port, abuse)
        allowed = {*abuse.statuses, 401, 404} if abuse.statuses else set()
        if not set(got) <= allowed or len(got) > 1 + (100 in got):
            wrong[abuse.name, abuse.sent[:60]] = got
    assert wrong == {}
