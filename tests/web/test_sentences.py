"""What is said of wrong input: a sentence that tells what would be right."""

import asyncio

import orjson
import pytest

from tests.web.conftest import Ask

REPORT = {"store_id": 1, "product": 17, "found": True, "device": "drawn-by-the-device-01"}
PAIR = {"gtin": "00300691085301", "near": "98101"}


@pytest.mark.parametrize("path", ["/v1/reports", "/v1/basket", "/v1/availability/batch", "/v1/staff/confirmations"])
@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b'{"a": NaN}', "the body is not JSON: unexpected character, expected a JSON value (line 1, column 7)"),
        (b'{\n"a":', "the body is not JSON: unexpected end of data (line 2, column 5)"),
        (b'{"a": "\\ud800"}', "the body is not JSON: no low surrogate in string (line 1, column 8)"),
        (b"[]", "the body must be a JSON object"),
    ],
)
async def test_what_is_no_json_is_told_where(ask: Ask, path: str, body: bytes, detail: str) -> None:
    heard = await ask(path, "POST", body, Authorization="Bearer st_staff_0123456789")
    assert (heard.status, heard.json["errors"]) == (400, [{"pointer": "", "detail": detail}])
    assert heard.json["detail"] == detail


@pytest.mark.parametrize(
    ("target", "detail"),
    [
        (f"/v1/stores?near=98101&limit={'9' * 26}", "limit: must be at most 50"),
        (f"/v1/stores?near=98101&limit=-{'9' * 26}", "limit: must be at least 1"),
        (f"/v1/stores?near=98101&limit={'0' * 26}51", "limit: must be at most 50"),
        (f"/v1/availability?product={'9' * 300}&near=98101", "product: must be at most 2147483647"),
        ("/v1/stores?near=98101&limit=ten", "limit: must be a whole number, such as 10"),
        (
            "/v1/stores?near=98101&" + "&".join(["retailer=cvs"] * 51),
            "retailer: must be given at most 50 times",
        ),
    ],
)
async def test_a_bound_is_named(ask: Ask, target: str, detail: str) -> None:
    heard = await ask(target)
    assert (heard.status, heard.json["detail"]) == (400, detail)


@pytest.mark.parametrize(
    ("path", "body", "fault"),
    [
        ("/v1/availability/batch", {"queries": [PAIR] * 101}, ("/queries", "must have at most 100 items")),
        (
            "/v1/reports",
            {**REPORT, "observed_at": "yesterday"},
            ("/observed_at", "must be an ISO 8601 time, such as 2026-11-22T03:40:12Z"),
        ),
        (
            "/v1/reports",
            {**REPORT, "observed_at": "2026-11-22T03:40:12"},
            ("/observed_at", "must tell its offset from UTC: end it with Z, or with one such as +01:00"),
        ),
        ("/v1/reports?colour=red", REPORT, ("colour", "is not a parameter here; this address takes none")),
    ],
)
async def test_a_field_says_what_would_be_right(ask: Ask, path: str, body: object, fault: tuple[str, str]) -> None:
    heard = await ask(path, "POST", orjson.dumps(body))
    assert [(one["pointer"], one["detail"]) for one in heard.json["errors"]] == [fault]


@pytest.mark.parametrize(
    ("path", "body", "told"),
    [
        ("/v1/basket", {"items": [{"gtin": "123"}], "near": "98101"}, "items"),
        ("/v1/availability/batch", {"queries": [{"gtin": "123", "near": "98101"}]}, "results"),
    ],
)
async def test_an_entrys_detail_names_what_its_pointer_names(ask: Ask, path: str, body: object, told: str) -> None:
    (entry,) = (await ask(path, "POST", orjson.dumps(body))).json[told]
    (fault,) = entry["problem"]["errors"]
    assert fault["pointer"].endswith("/0/gtin")
    assert entry["problem"]["detail"] == f"{fault['pointer']}: {fault['detail']}"


@pytest.mark.parametrize("address", ["/v1/places?q=Zürich", "/v1/places?q=Salem OR", "/v1/Zürich"])
async def test_an_address_that_is_not_percent_encoded_is_told_how(port: int, address: str) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {address} HTTP/1.1\r\nHost: nearshelf\r\n\r\n".encode())
    head, _, body = (await asyncio.wait_for(reader.read(), 10)).partition(b"\r\n\r\n")
    writer.close()
    assert head.split()[1] == b"400"
    assert "percent-encoded: Z%C3%BCrich for Zürich" in orjson.loads(body)["detail"]
