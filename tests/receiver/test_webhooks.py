"""Webhooks: whoever signed is heard exactly once, and nobody else ever."""

import asyncio
import json
import random
from dataclasses import replace

import pytest

from store_sync.declared import Declared
from store_sync.formats.signatures import shopify_signature
from store_sync.receiver.bounds import Bounds, WebhookBounds
from tests.receiver.conftest import Start
from tests.receiver.world import (
    DECLARED,
    KEY,
    NOTIFICATION_URL,
    OLD_SECRET,
    SECRET,
    Receiver,
    counts,
    eventually,
    level,
)

HOOK = "/v1/webhooks/shopify/acme-shopify"
MUTATIONS = 2_000


async def test_a_signed_count_is_on_the_shelf_once_it_is_answered(receiver: Receiver) -> None:
    assert (await receiver.shopify(level(10, 1, 7))).status == 200
    assert await receiver.quantities() == {("1", "10"): 7}


async def test_square_signs_the_address_with_the_body(receiver: Receiver) -> None:
    assert (await receiver.square(counts("e", ("10", "1", "3"), ("20", "2", "0")))).status == 200
    assert await receiver.quantities() == {("1", "10"): 3, ("2", "20"): 0}
    body = counts("e", ("10", "1", "9"))
    heard = await receiver.post(
        "/v1/webhooks/square/acme-square", body, None, x_square_hmacsha256_signature=shopify_signature(KEY, body)
    )
    assert heard.status == 401
    assert NOTIFICATION_URL.encode() not in heard.body


async def test_while_secrets_are_rotated_both_sign(receiver: Receiver) -> None:
    assert (await receiver.shopify(level(10, 1, 7, 5), OLD_SECRET)).status == 200
    assert (await receiver.shopify(level(10, 1, 6, 4), SECRET)).status == 200
    assert await receiver.quantities() == {("1", "10"): 6}


async def test_what_is_forged_is_refused_alike_whether_there_is_such_a_source_or_not(receiver: Receiver) -> None:
    body = level(10, 1, 7)
    heard = [
        await receiver.shopify(body, b"guess"),
        await receiver.shopify(body, SECRET, "nobody"),
        await receiver.shopify(body, b"", "mute"),
        await receiver.post(HOOK, body, None),
        await receiver.post("/v1/webhooks/magento/acme-shopify", body, None),
        await receiver.post("/v1/webhooks/square/acme-shopify", body, None),
    ]
    assert [one.status for one in heard] == [401] * len(heard)
    assert len({one.body for one in heard}) == 1
    assert await receiver.quantities() == {}


async def test_no_mutation_of_a_webhook_is_accepted(receiver: Receiver) -> None:
    body, dice = level(10, 1, 7), random.Random(7)
    signature = shopify_signature(SECRET, body)

    async def refused(_: int) -> int:
        altered, signed = _mutated(body, signature, dice)
        return (await receiver.post(HOOK, altered, None, X_Shopify_Hmac_Sha256=signed)).status

    for start in range(0, MUTATIONS, 50):
        statuses = await asyncio.gather(*(refused(start + number) for number in range(50)))
        assert set(statuses) == {401}
    assert await receiver.quantities() == {}


def _mutated(body: bytes, signature: str, dice: random.Random) -> tuple[bytes, str]:
    """Never the two as they were."""
    altered = bytearray(body)
    kind, place = dice.randrange(6), dice.randrange(len(body))
    if kind == 0:
        altered[place] ^= 1 << dice.randrange(8)
    elif kind == 1:
        del altered[place:]
    elif kind == 2:
        altered[place:place] = dice.randbytes(1)
    elif kind == 3:
        altered += dice.choice([b"\n", b" ", b"\0"])
    elif kind == 4:
        return body, signature[:-1]
    else:
        spot = dice.randrange(len(signature) - 2)
        other = dice.choice([letter for letter in "ABCDxyz019" if letter != signature[spot]])
        return body, signature[:spot] + other + signature[spot + 1 :]
    return bytes(altered), signature


async def test_each_event_sent_several_times_to_two_receivers_has_one_effect(start: Start, shops: None) -> None:
    """Also under a new event id; the newest count of each position stays."""
    dice = random.Random(3)
    told = [level(dice.choice((10, 20)), dice.choice((1, 2)), dice.randrange(50), minutes) for minutes in range(1, 60)]
    async with start() as one, start() as other:
        sendings = [(dice.choice((one, other)), body) for body in told for _ in range(dice.randint(1, 5))]
        dice.shuffle(sendings)
        heard = await asyncio.gather(
            *(
                receiver.shopify(body, X_Shopify_Event_Id=str(number))
                for number, (receiver, body) in enumerate(sendings)
            )
        )
        assert {answer.status for answer in heard} == {200}
        newest: dict[tuple[str, str], int] = {}
        for body in told:
            level_told = json.loads(body)
            key = str(level_told["location_id"]), str(level_told["inventory_item_id"])
            newest.setdefault(key, level_told["available"])
        assert await one.quantities() == newest


async def test_a_signed_body_that_says_nothing_of_use_is_answered_and_listed(receiver: Receiver) -> None:
    answered = await asyncio.gather(
        receiver.shopify(b"no json"), receiver.shopify(level(10, 1, 4)), receiver.shopify(level(10, 99, 4))
    )
    assert [one.status for one in answered] == [200, 200, 200]
    assert await receiver.quantities() == {("1", "10"): 4}
    assert await receiver.pool.fetchval("SELECT count(*) FROM rejected") == 2


async def test_a_topic_of_no_use_is_answered_without_effect(receiver: Receiver) -> None:
    heard = await receiver.shopify(level(10, 1, 4), X_Shopify_Topic="orders/create")
    assert (heard.status, await receiver.quantities()) == (200, {})


async def test_a_body_that_is_too_large_is_refused(receiver: Receiver) -> None:
    assert (await receiver.shopify(b" " * (1 << 20) + b" ")).status == 413


async def test_a_paused_source_is_asked_to_come_back_later(receiver: Receiver) -> None:
    await receiver.shopify(level(10, 1, 4, 5))
    await receiver.pool.execute("UPDATE source SET paused = true WHERE slug = 'acme-shopify'")
    heard = await receiver.shopify(level(10, 1, 9, 1))
    assert (heard.status, heard.headers["Retry-After"]) == (503, "300")
    assert await receiver.quantities() == {("1", "10"): 4}


async def test_a_database_that_is_away_is_told_at_once(start: Start) -> None:
    async with start(database_url="postgresql://nobody@127.0.0.1:1/none") as receiver:
        heard = await receiver.shopify(level(10, 1, 4))
    assert (heard.status, heard.json["type"]) == (503, "/problems/unavailable")
    assert "Retry-After" in heard.headers


async def test_what_cannot_be_stored_in_time_is_503_and_safe_to_send_again(start: Start, shops: None) -> None:
    bounds = replace(Bounds(), webhooks=WebhookBounds(answer_within_s=0.3))
    async with start(bounds) as receiver:
        await receiver.shopify(level(10, 1, 4, 5))
        async with receiver.pool.acquire() as connection, connection.transaction():
            await connection.execute("LOCK TABLE load IN ACCESS EXCLUSIVE MODE")
            heard = await receiver.shopify(level(10, 1, 9, 1))
            assert (heard.status, heard.json["type"]) == (503, "/problems/busy")

        async def taken() -> bool:
            return (await receiver.shopify(level(10, 1, 9, 1))).status == 200

        await eventually(taken)
        assert await receiver.quantities() == {("1", "10"): 9}


@pytest.mark.parametrize("source", ["acme-shopify", "mute"])
async def test_a_source_that_is_not_declared_is_not_heard(start: Start, shops: None, source: str) -> None:
    without = Declared([one for one in DECLARED.sources if one.source != "acme-shopify"])
    async with start(declared=without) as receiver:
        assert (await receiver.shopify(level(10, 1, 4), SECRET, source)).status == 401
