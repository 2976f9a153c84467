"""How what is told gets there: tried again, given up, never lost, and nobody waits for somebody else's server."""

import asyncio

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from inventory_service.domain.webhooks import Attempt, Backoff, Illness
from inventory_service.storage import outbox
from inventory_service.webhooks.sending import attempt_of
from tests.webhooks.receiver import Receiver, receiving
from tests.webhooks.world import AT_ONCE, NEVER, OTHER, House, Open

ENDED = "nearshelf_webhooks_ended_total"


async def test_a_receiver_that_fails_is_told_again_under_the_same_id(house: House, receiver: Receiver) -> None:
    made = await house.subscribe(receiver)
    receiver.answers.extend([500, 503])
    await house.holds(0)
    arrivals = await receiver.gets(3)
    assert len({one.event_id for one in arrivals}) == 1
    assert len({one.body for one in arrivals}) == 1
    assert all(one.verified(made["secret"]) for one in arrivals)
    await house.settled("delivered")
    [told] = (await house.deliveries(made))["results"]
    assert (told["state"], told["attempts"], told["status"], told["failure"]) == ("delivered", 3, 204, None)
    assert told["webhook_id"] == arrivals[0].event_id
    assert (house.counted("nearshelf_webhooks_sent_total"), house.counted("nearshelf_webhooks_failed_total")) == (1, 2)


async def test_what_nobody_took_is_delivered_once_somebody_is_there(open_house: Open) -> None:
    house = await open_house(Backoff(delays_s=(0.2,) * 400, rests_s=(0.0,)))
    async with receiving() as receiver:
        made = await house.subscribe(receiver)
    await house.holds(0)
    await house.until("SELECT attempts >= 2 FROM webhook_delivery")
    assert (await house.deliveries(made))["results"][0]["failure"] == "no connection could be made"
    async with receiving(int(receiver.url.rpartition(":")[2].removesuffix("/hook"))) as again:
        [arrival] = await again.gets(1)
        assert arrival.verified(made["secret"])["data"]["quantity_band"] == "0"
        await house.settled("delivered")


async def test_what_was_given_up_is_kept_and_can_be_delivered_by_hand(house: House, receiver: Receiver) -> None:
    made = await house.subscribe(receiver)
    receiver.answers.extend([500] * (len(AT_ONCE.delays_s) + 1))
    await house.holds(0)
    await house.settled("dead")
    [dead] = (await house.deliveries(made, query="?state=dead"))["results"]
    assert (dead["attempts"], dead["status"], dead["failure"]) == (5, 500, "answered 500")
    assert dead["next_attempt_at"] is None
    assert (await house.send("GET", f"/v1/webhooks/{made['id']}")).json["dead"] == 1
    retried = await house.send("POST", f"/v1/webhooks/{made['id']}/deliveries/{dead['id']}/retry")
    assert (retried.status, retried.json["state"]) == (202, "waiting")
    arrivals = await receiver.gets(6)
    await house.settled("delivered")
    assert len({one.event_id for one in arrivals}) == 1
    again = await house.send("POST", f"/v1/webhooks/{made['id']}/deliveries/{dead['id']}/retry")
    assert (again.status, again.json["type"]) == (409, "/problems/overtaken")


async def test_a_dead_letter_does_not_come_back_over_something_newer(house: House, receiver: Receiver) -> None:
    made = await house.subscribe(receiver)
    receiver.answers.extend([500] * (len(AT_ONCE.delays_s) + 1))
    await house.holds(0)
    await house.settled("dead")
    await house.holds(2)
    await house.settled("delivered")
    [dead] = (await house.deliveries(made, query="?state=dead"))["results"]
    refused = await house.send("POST", f"/v1/webhooks/{made['id']}/deliveries/{dead['id']}/retry")
    assert refused.status == 409


async def test_of_a_position_the_newest_state_wins(open_house: Open, receiver: Receiver) -> None:
    house = await open_house(NEVER)
    made = await house.subscribe(receiver)
    receiver.answers.append(500)
    await house.holds(0)
    await house.until("SELECT attempts = 1 FROM webhook_delivery")
    await house.holds(2)
    arrivals = await receiver.gets(2)
    await house.settled("delivered")
    assert [one.data["quantity_band"] for one in arrivals] == ["0", "1-2"]
    assert arrivals[0].event_id != arrivals[1].event_id
    states = [one["state"] for one in (await house.deliveries(made))["results"]]
    assert states == ["delivered", "replaced"]


async def test_gone_ends_the_webhook(house: House, receiver: Receiver) -> None:
    made = await house.subscribe(receiver)
    receiver.answers.append(410)
    await house.holds(0)
    await house.settled("dead")
    assert (await house.send("GET", f"/v1/webhooks/{made['id']}")).json["state"] == "ended"
    await house.holds(9)
    await house.read_through()
    assert len(receiver.arrivals) == 1
    assert (await house.send("POST", f"/v1/webhooks/{made['id']}/test")).status == 409
    assert house.registry.get_sample_value(ENDED, {"reason": "gone"}) == 1


async def test_an_ended_webhook_is_switched_on_again_and_told_as_before(house: House, receiver: Receiver) -> None:
    made = await house.subscribe(receiver)
    one = f"/v1/webhooks/{made['id']}"
    receiver.answers.append(410)
    await house.holds(0)
    await house.settled("dead")
    ended = (await house.send("GET", "/v1/webhooks")).json["results"][0]
    assert (ended["state"], ended["ended_why"], ended["ended_at"] is None) == ("ended", "gone", False)
    assert (await house.send("POST", f"{one}/resume", OTHER)).status == 404
    resumed = (await house.send("POST", f"{one}/resume")).json
    assert (resumed["state"], resumed["ended_why"], resumed["ended_at"]) == ("active", None, None)
    await house.holds(2)
    _, arrival = await receiver.gets(2)
    told = arrival.verified(made["secret"])["data"]
    assert (told["quantity_band"], told["previous"]["quantity_band"]) == ("1-2", "0")


async def test_a_receiver_that_fails_for_days_is_given_up(open_house: Open, receiver: Receiver) -> None:
    house = await open_house(Backoff(delays_s=(0.0,) * 40, rests_s=(0.0,)))
    made = await house.subscribe(receiver)
    receiver.answers.extend([500] * 30)
    await house.holds(0)
    await receiver.gets(20)
    failing = (await house.send("GET", f"/v1/webhooks/{made['id']}")).json
    assert (failing["state"], failing["failing_since"] is None) == ("active", False)
    receiver.answers.extend([500] * 1_000)
    await house.pool.execute("UPDATE webhook SET failing_since = failing_since - interval '5 days'")
    await house.settled("dead")
    ended = (await house.send("GET", f"/v1/webhooks/{made['id']}")).json
    assert (ended["state"], ended["ended_why"]) == ("ended", "failing")
    assert house.registry.get_sample_value(ENDED, {"reason": "failing"}) == 1
    refused = await house.send("POST", f"/v1/webhooks/{made['id']}/test")
    assert (refused.status, "nothing could be delivered for days" in refused.json["detail"]) == (409, True)
    receiver.answers.clear()
    resumed = (await house.send("POST", f"/v1/webhooks/{made['id']}/resume")).json
    assert (resumed["state"], resumed["failures"], resumed["failing_since"]) == ("active", 0, None)
    [dead] = (await house.deliveries(made))["results"]
    await house.send("POST", f"/v1/webhooks/{made['id']}/deliveries/{dead['id']}/retry")
    await house.settled("delivered")


async def test_what_was_delivered_in_between_begins_the_days_anew(house: House, receiver: Receiver) -> None:
    made = await house.subscribe(receiver)
    receiver.answers.extend([500, 500])
    await house.holds(0)
    await house.settled("delivered")
    seen = (await house.send("GET", f"/v1/webhooks/{made['id']}")).json
    assert (seen["failures"], seen["failing_since"]) == (0, None)


@pytest.mark.parametrize(
    ("failures", "days", "given_up"), [(16, 5.0, True), (15, 30.0, False), (900, 4.9, False), (900, 5.1, True)]
)
def test_a_webhook_is_given_up_after_days_and_not_after_one_bad_hour(
    failures: int, days: float, given_up: bool
) -> None:
    assert Backoff().gives_up(Illness(failures, days * 86_400)) is given_up


async def test_a_receiver_that_hangs_delays_nobody_else(house: House) -> None:
    async with receiving() as slow, receiving() as quick:
        await house.subscribe(slow)
        await house.subscribe(quick, OTHER)
        slow.hanging = True
        await house.holds(0)
        await slow.gets(1)
        await quick.gets(1)
        await house.holds(2)
        await quick.gets(2)
        assert len(slow.arrivals) == 1
        waiting = "SELECT count(*) = 2 FROM webhook_delivery WHERE webhook_id = 1 AND state IN ('waiting', 'replaced')"
        assert await house.pool.fetchval(waiting)


async def test_what_is_asked_by_retry_after_is_done(open_house: Open, receiver: Receiver) -> None:
    house = await open_house(AT_ONCE)
    await house.subscribe(receiver)
    receiver.answers.append(web.Response(status=429, headers={"Retry-After": "3600"}))
    await house.holds(0)
    await house.until("SELECT attempts = 1 FROM webhook_delivery")
    assert await house.pool.fetchval("SELECT next_at > now() + interval '50 minutes' FROM webhook_delivery")


async def test_nobody_is_followed_anywhere(open_house: Open, receiver: Receiver) -> None:
    house = await open_house(NEVER)
    async with receiving() as elsewhere:
        made = await house.subscribe(receiver)
        receiver.answers.append(web.Response(status=307, headers={"Location": elsewhere.url}))
        await house.holds(0)
        await house.until("SELECT attempts = 1 FROM webhook_delivery")
        [told] = (await house.deliveries(made))["results"]
        assert (told["status"], told["failure"]) == (307, "redirects are not followed")
        assert elsewhere.arrivals == []


async def test_an_endless_answer_is_read_to_a_bound(house: House, receiver: Receiver) -> None:
    await house.subscribe(receiver)
    receiver.answers.append(web.Response(status=200, body=b"x" * 5_000_000))
    await house.holds(0)
    await house.settled("delivered")


async def test_of_two_workers_one_delivers_and_the_other_takes_over(open_house: Open, receiver: Receiver) -> None:
    first, second = await open_house(), await open_house()
    made = await first.subscribe(receiver)
    await first.holds(0)
    await receiver.gets(1)
    await first.settled("delivered")
    await first.read_through()
    assert len(receiver.arrivals) == 1
    working = [house.counted("nearshelf_webhooks_working") for house in (first, second)]
    assert sorted(working) == [0, 1]
    ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'nearshelf webhooks'"
    holder = "SELECT pid FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE locktype = 'advisory' AND granted"
    pid = await first.pool.fetchval(f"{holder} AND application_name = 'nearshelf webhooks'")
    assert pid is not None
    await first.pool.execute(f"{ended} AND pid = {pid}")
    await first.holds(9)
    arrivals = await receiver.gets(2)
    assert [one.verified(made["secret"])["data"]["quantity_band"] for one in arrivals] == ["0", "3+"]


async def test_after_a_rotation_both_secrets_verify(house: House, receiver: Receiver) -> None:
    made = await house.subscribe(receiver)
    rotated = (await house.send("POST", f"/v1/webhooks/{made['id']}/rotate")).json
    assert rotated["secret"] != made["secret"]
    await house.send("POST", f"/v1/webhooks/{made['id']}/test")
    [arrival] = await receiver.gets(1)
    assert arrival.verified(made["secret"]) == arrival.verified(rotated["secret"])
    await house.pool.execute("UPDATE webhook SET old_until = now() - interval '1 second'")
    await house.send("POST", f"/v1/webhooks/{made['id']}/test")
    _, later = await receiver.gets(2)
    assert later.verified(rotated["secret"])["type"] == "webhook.test"
    with pytest.raises(Exception, match="signature"):
        later.verified(made["secret"])


async def test_what_is_settled_long_ago_goes_and_a_deleted_webhook_goes_whole(house: House, receiver: Receiver) -> None:
    made = await house.subscribe(receiver)
    await house.send("POST", f"/v1/webhooks/{made['id']}/test")
    await house.settled("delivered")
    async with house.pool.acquire() as connection:
        await outbox.prune(connection)
        assert await connection.fetchval("SELECT count(*) FROM webhook_delivery") == 1
        await connection.execute("UPDATE webhook_delivery SET settled_at = settled_at - interval '8 days'")
        await outbox.prune(connection)
        assert await connection.fetchval("SELECT count(*) FROM webhook_delivery") == 0
        assert (await house.send("DELETE", f"/v1/webhooks/{made['id']}")).status == 200
        assert (await house.send("GET", f"/v1/webhooks/{made['id']}")).status == 404
        async with asyncio.timeout(30):
            while await connection.fetchval("SELECT count(*) FROM webhook"):
                await outbox.prune(connection)
        assert await connection.fetchval("SELECT count(*) FROM webhook_told") == 0


DELAYS = st.lists(st.floats(0, 1e5), max_size=10).map(tuple)


@given(
    delays=DELAYS, attempts=st.integers(1, 12), drawn=st.floats(0, 1, exclude_max=True), asked=st.none() | st.floats(0)
)
def test_a_retry_is_about_when_the_schedule_says_or_later_where_asked(
    delays: tuple[float, ...], attempts: int, drawn: float, asked: float | None
) -> None:
    backoff = Backoff(delays_s=delays)
    after_s = backoff.after(attempts, drawn, asked)
    if attempts > len(delays):
        assert after_s is None
        return
    assert after_s is not None
    usual_s, most_s = delays[attempts - 1], min(asked or 0.0, backoff.longest_asked_s)
    assert usual_s * 0.8 <= after_s * (1 + 1e-9)
    assert after_s <= max(usual_s * 1.2, most_s) * (1 + 1e-9)
    assert after_s >= most_s


def test_the_usual_schedule_goes_on_for_about_a_day_and_grows() -> None:
    delays = [Backoff().after(attempt, 0.5) for attempt in range(1, 9)]
    assert delays == [5, 30, 120, 600, 3_600, 6 * 3_600, 24 * 3_600, None]


@pytest.mark.parametrize(
    ("status", "retry_after", "delivered", "asked_s"),
    [
        (200, None, True, None),
        (204, None, True, None),
        (299, "60", True, None),
        (301, None, False, None),
        (400, "120", False, 120.0),
        (503, " 7 ", False, 7.0),
        (503, "soon", False, None),
        (503, "-5", False, None),
        (503, "9" * 40, False, 999_999_999.0),
        (429, "Sun, 06 Nov 1994 08:49:37 GMT", False, 0.0),
    ],
)
def test_what_a_status_means(status: int, retry_after: str | None, delivered: bool, asked_s: float | None) -> None:
    attempt = attempt_of(status, retry_after)
    assert (attempt.delivered, attempt.retry_after_s) == (delivered, asked_s)
    assert not attempt.gone


def test_gone_is_gone() -> None:
    assert attempt_of(410, None).gone
    assert not Attempt(failure="no answer within 15 s").gone
