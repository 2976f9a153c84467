"""For machines: alive, ready, and what was counted; and manners that every response has."""

from tests.receiver.conftest import Start
from tests.receiver.world import Receiver, level, tsv


async def test_a_receiver_with_its_database_is_alive_and_ready(receiver: Receiver) -> None:
    assert (await receiver.get("/livez", None)).status == 200
    assert (await receiver.get("/readyz", None)).json == {"status": "ready"}


async def test_without_its_database_it_is_alive_and_not_ready(start: Start) -> None:
    async with start(database_url="postgresql://nobody@127.0.0.1:1/none") as receiver:
        assert (await receiver.get("/livez", None)).status == 200
        assert (await receiver.get("/readyz", None)).status == 503


async def test_rows_are_counted_by_source_and_way_in(receiver: Receiver) -> None:
    await receiver.post("/v1/feeds/counted", tsv(("1", "10", 4), ("1", "20", -4)))
    await receiver.shopify(level(10, 1, 4))
    told = (await receiver.get("/metrics", None)).body.decode()
    assert 'nearshelf_received_applied_total{retailer="acme",source="counted",way="feeds"}' in told
    assert 'nearshelf_received_rejected_total{reason="negative",retailer="acme",source="counted",way="feeds"}' in told
    assert 'nearshelf_received_rows_total{retailer="acme",source="acme-shopify",way="webhooks"}' in told
    assert "nearshelf_webhooks_waiting 0.0" in told
    assert "nearshelf_spool_bytes 0.0" in told
    assert 'route="/v1/feeds/{source}"' in told


async def test_unknown_addresses_and_wrong_methods_are_problems(receiver: Receiver) -> None:
    assert (await receiver.get("/v1/nothing")).json["type"] == "/problems/no-such-address"
    heard = await receiver.get("/v1/feeds/till")
    assert (heard.status, heard.headers["Allow"]) == (405, "POST")
    assert heard.headers["X-Content-Type-Options"] == "nosniff"
