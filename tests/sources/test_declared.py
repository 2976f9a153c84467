"""The file that declares sources: what it may say, and one sentence for every mistake."""

from collections.abc import Callable
from pathlib import Path

import pytest

from inventory_service.domain.errors import ConfigurationError
from store_sync.declared import filled_in, load_declared, reading_of, secrets_of

STOCK = """
[[source]]
retailer = "acme"
source = "stock"
watch = "incoming"
format = "google-local-inventory"
snapshot = true
"""
PRODUCTS = """
[[source]]
retailer = "acme"
source = "products"
url = "https://acme.example/products.txt?token=${ACME_TOKEN}"
authorization_env = "ACME_HEADER"
every_s = 60
format = "google-products"
"""
SHOP = """
[[source]]
retailer = "acme"
source = "shop"
vendor = "shopify"
secrets = ["ACME_SHOPIFY_SECRET", "ACME_SHOPIFY_SECRET_OLD"]
"""
SQUARE = """
[[source]]
retailer = "corner"
source = "till"
vendor = "square"
secrets = ["CORNER_SQUARE_KEY"]
notification_url = "https://stock.example/v1/webhooks/square/till"
"""
SENT = """
[[source]]
retailer = "acme"
source = "tills"
"""
MAPPING = """
about = "mine"
[stock]
store_code = "shop"
item_id = "sku"
quantity = "count"
"""

Writing = Callable[[str], Path]


@pytest.fixture
def written(tmp_path: Path) -> Writing:
    def write(text: str) -> Path:
        path = tmp_path / "sources.toml"
        path.write_text(text)
        return path

    return write


def fault(path: Path) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load_declared(path)
    return str(caught.value)


def test_each_way_in_can_be_declared(written: Writing, tmp_path: Path) -> None:
    declared = load_declared(written(STOCK + PRODUCTS + SHOP + SQUARE + SENT))
    assert [(one.name, one.way) for one in declared.sources] == [
        ("acme/stock", "watch"),
        ("acme/products", "pull"),
        ("acme/shop", "webhook"),
        ("corner/till", "webhook"),
        ("acme/tills", "send"),
    ]
    stock, products, shop, square, tills = declared.sources
    assert (stock.watch, stock.snapshot, stock.every_s) == (tmp_path / "incoming", True, 2.0)
    assert (products.every_s, products.variables) == (60.0, ("ACME_TOKEN", "ACME_HEADER"))
    assert (shop.format, shop.secrets) == ("shopify", ("ACME_SHOPIFY_SECRET", "ACME_SHOPIFY_SECRET_OLD"))
    assert square.notification_url == "https://stock.example/v1/webhooks/square/till"
    assert tills.format == "auto"


def test_a_source_is_found_by_retailer_and_name_and_a_webhook_by_vendor_and_name(written: Writing) -> None:
    declared = load_declared(written(STOCK + SHOP + SQUARE))
    assert declared.of("acme", "stock") is declared.sources[0]
    assert declared.of("acme", "till") is None
    assert declared.webhook("square", "till") is declared.sources[2]
    assert declared.webhook("shopify", "till") is None
    assert declared.webhook("shopify", "stock") is None


def test_without_a_file_there_are_no_sources_and_sources_toml_is_found_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: Writing
) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_declared(None).sources == ()
    written(SENT)
    assert [one.name for one in load_declared(None).sources] == ["acme/tills"]


def test_paths_are_relative_to_the_file(written: Writing, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(MAPPING)
    text = STOCK.replace('format = "google-local-inventory"', 'mapping = "mine.toml"')
    [source] = load_declared(written(text)).sources
    assert (source.format, source.mapping) == ("csv", str(tmp_path / "mine.toml"))


def test_a_shipped_mapping_keeps_its_name(written: Writing) -> None:
    text = STOCK.replace('format = "google-local-inventory"', 'format = "csv"\nmapping = "stock-simple"')
    [source] = load_declared(written(text)).sources
    assert source.mapping == "stock-simple"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (STOCK + 'colour = "red"\n', "(acme/stock): colour: there is no such key; there are retailer, source, "),
        (STOCK + 'url = "https://acme.example/a"\n', "watch and url: a source has one way in"),
        (SHOP + 'url = "https://acme.example/a"\n', "url and vendor: a source has one way in"),
        (SHOP.replace("secrets", "# "), "secrets: a webhook of shopify needs at least one"),
        (SHOP.replace('"shopify"', '"etsy"'), "vendor: Input should be 'shopify' or 'square'"),
        (SHOP + 'format = "csv"\n', "format: what shopify sends has its own format"),
        (SHOP + "snapshot = true\n", "snapshot: a webhook tells only what changed"),
        (SQUARE.replace("notification_url", "# "), "notification_url: Square signs it"),
        (SHOP + 'notification_url = "https://a.example/"\n', "notification_url: Square signs it"),
        (STOCK + 'secrets = ["A_SECRET"]\n', "secrets: only a webhook is signed"),
        (STOCK.replace('"stock"', '"my stock"'), "source: 'my stock' is no name"),
        (STOCK.replace('"stock"', '"staff"'), "source: staff is the name for what staff see: take another"),
        (STOCK.replace('retailer = "acme"', ""), "retailer: every source needs it"),
        (STOCK.replace("google-local-inventory", "gogle"), "There is no format gogle"),
        (STOCK.replace("google-local-inventory", "csv"), "needs a mapping"),
        (STOCK + 'mapping = "stock-simple"\n', "takes no mapping"),
        (STOCK + 'kind = "shelves"\n', "There is no kind shelves"),
        (STOCK.replace('format = "google-local-inventory"', 'mapping = "nope"'), "There is no mapping"),
        (STOCK.replace('format = "google-local-inventory"', ""), "format: say what the files are"),
        (STOCK.replace("snapshot = true", 'snapshot = "yes"'), "snapshot: Input should be a valid boolean"),
        (PRODUCTS + "snapshot = true\nkind = 'products'\n", "snapshot: it is for stock"),
        (PRODUCTS.replace("60", "0"), "every_s: Input should be greater than or equal to"),
        (SENT + "every_s = 5\n", "every_s: only what is watched or pulled"),
        (SENT + 'authorization_env = "A_B"\n', "authorization_env: it is sent with the request"),
        (PRODUCTS.replace("https://", "ftp://"), "url: give a whole address"),
        (STOCK + STOCK, "acme/stock is declared twice"),
        (SHOP + SHOP.replace("acme", "corner"), "would share the webhook address shop"),
    ],
)
def test_a_mistake_is_one_sentence_that_names_file_table_and_key(written: Writing, text: str, sentence: str) -> None:
    path = written(text)
    told = fault(path)
    assert len(told.splitlines()) == 1
    assert told.startswith(f"{path}: ")
    assert sentence in told
    assert told.endswith(".")


def test_the_number_and_the_name_of_the_faulty_table_are_told(written: Writing) -> None:
    assert "[[source]] 2 (acme/shop): secrets:" in fault(written(STOCK + SHOP.replace("secrets", "# ")))


def test_all_mistakes_are_told_at_once(written: Writing) -> None:
    told = fault(written(STOCK + 'a = 1\nb = "x"\n' + SHOP.replace("secrets", "# ")))
    assert len(told.splitlines()) == 3


@pytest.mark.parametrize(
    "text",
    [
        SHOP.replace("ACME_SHOPIFY_SECRET_OLD", "shpss_0f3a77c1"),
        SHOP.replace("ACME_SHOPIFY_SECRET_OLD", "0F3A77C1D2E4A5B6C7D8"),
        SHOP.replace("ACME_SHOPIFY_SECRET_OLD", "A0F3A77C1D2E4A5B6C7D8"),
        PRODUCTS.replace("ACME_HEADER", "Bearer 0f3a77c1"),
        PRODUCTS.replace("https://", "https://ann:0f3a77c1@"),
        PRODUCTS.replace("${ACME_TOKEN}", "${0f3a77c1}"),
    ],
)
def test_a_secret_in_the_file_is_refused_and_not_repeated(written: Writing, text: str) -> None:
    told = fault(written(text))
    assert "variable" in told
    assert "0f3a77c1" not in told.lower()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[[source]\n", "is no TOML"),
        ('[source]\nretailer = "acme"\n', "with two brackets"),
        ("source = [1]\n", "with two brackets"),
        ('[[sources]]\nretailer = "acme"\n', "sources: the file holds [[source]] tables and nothing else"),
    ],
)
def test_a_file_of_another_shape_is_refused(written: Writing, text: str, sentence: str) -> None:
    assert sentence in fault(written(text))


def test_a_missing_file_is_a_mistake_where_it_was_named(tmp_path: Path) -> None:
    assert fault(tmp_path / "nope.toml").endswith("nope.toml: there is no such file.")


def test_secrets_are_those_that_are_set_and_one_must_be(written: Writing) -> None:
    [shop] = load_declared(written(SHOP)).sources
    assert secrets_of(shop, {"ACME_SHOPIFY_SECRET_OLD": "b"}) == (b"b",)
    assert secrets_of(shop, {"ACME_SHOPIFY_SECRET": "a", "ACME_SHOPIFY_SECRET_OLD": "b"}) == (b"a", b"b")
    with pytest.raises(ConfigurationError, match=r"acme/shop: .*ACME_SHOPIFY_SECRET or ACME_SHOPIFY_SECRET_OLD"):
        secrets_of(shop, {"ACME_SHOPIFY_SECRET": ""})


def test_a_url_is_filled_in_from_the_environment(written: Writing) -> None:
    [products] = load_declared(written(PRODUCTS)).sources
    assert products.url is not None
    assert filled_in(products, products.url, {"ACME_TOKEN": "t0"}).endswith("?token=t0")
    with pytest.raises(ConfigurationError, match="ACME_TOKEN is not set"):
        filled_in(products, products.url, {})


def test_another_mapping_is_another_reading(written: Writing, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(MAPPING)
    [source] = load_declared(
        written(STOCK.replace('format = "google-local-inventory"', 'mapping = "mine.toml"'))
    ).sources
    before = reading_of(source)
    assert reading_of(source) == before
    (tmp_path / "mine.toml").write_text(MAPPING.replace('"count"', '"pieces"'))
    assert reading_of(source) != before
