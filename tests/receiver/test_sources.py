"""What came from each source, and what was refused: for whoever holds a key of its retailer."""

from tests.receiver.world import ACME, ANY, READER, Receiver, add_key, tsv

FEED = "/v1/feeds/till"


async def test_a_key_sees_the_sources_of_its_retailer(receiver: Receiver) -> None:
    await receiver.post(FEED, tsv(("1", "10", 4)))
    await receiver.post(f"{FEED}?retailer=rival", tsv(("1", "10", 4)), ANY)
    mine, all_of_them = await receiver.get("/v1/sources"), await receiver.get("/v1/sources", ANY)
    assert mine.json["next"] is None
    found = {one["source"]: one["way"] for one in mine.json["results"] if one["retailer"] == "acme"}
    assert len(found) == len(mine.json["results"])
    assert found == {
        "nouns": None,
        "till": None,
        "nightly": "send",
        **dict.fromkeys(("acme-shopify", "acme-square", "mute"), "webhook"),
    }
    assert ("rival", "till") in {(one["retailer"], one["source"]) for one in all_of_them.json["results"]}


async def test_one_source_is_told_with_its_counts(receiver: Receiver) -> None:
    await receiver.post(FEED, tsv(("1", "10", 4), ("9", "10", 4)))
    heard = await receiver.get("/v1/sources/till")
    assert (heard.status, heard.json["rows"], heard.json["applied"], heard.json["rejected"]) == (200, 2, 1, 1)


async def test_an_unknown_source_is_404(receiver: Receiver) -> None:
    assert (await receiver.get("/v1/sources/nothing")).status == 404


async def test_refused_lines_are_listed_page_by_page(receiver: Receiver) -> None:
    await receiver.post(FEED, tsv(*(("1", "10", -number) for number in range(1, 6))))
    lines, cursor = [], ""
    for _ in range(10):
        page = (await receiver.get(f"/v1/sources/till/rejected?limit=2{cursor}")).json
        lines += [tuple(one[name] for name in ("line", "field", "reason", "raw")) for one in page["results"]]
        assert all(one["detail"].endswith(".") for one in page["results"])
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert [line[0] for line in lines] == [2, 3, 4, 5, 6]
    assert lines[0][1:] == ("quantity", "negative", "1\t10\t-1")


async def test_another_retailers_refused_lines_are_not_shown(receiver: Receiver) -> None:
    await add_key(receiver.pool, "sk_rival_0123456789", retailer=None)
    await receiver.post(f"{FEED}?retailer=rival", tsv(("1", "10", -1)), ANY)
    assert (await receiver.get("/v1/sources/till/rejected")).json["results"] == []
    assert (await receiver.get("/v1/sources/till/rejected?retailer=rival")).status == 403


async def test_wrong_parameters_are_named(receiver: Receiver) -> None:
    for query in ("limit=0", "limit=many", "cursor=-1", "colour=red", "load=x"):
        heard = await receiver.get(f"/v1/sources/till/rejected?{query}")
        assert (heard.status, heard.pointers) == (400, [query.partition("=")[0]])


async def test_a_key_that_may_not_send_sees_nothing(receiver: Receiver) -> None:
    assert (await receiver.get("/v1/sources", READER)).status == 403
    assert (await receiver.get("/v1/sources", None)).status == 401
    assert (await receiver.get("/v1/sources", ACME)).status == 200
