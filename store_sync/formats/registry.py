"""Which parser reads which format."""

from collections.abc import Callable, Iterator
from typing import Literal, get_args

from inventory_service.domain.errors import FeedRefusedError
from inventory_service.domain.feed import Refusal, Row, StockColumns
from store_sync.formats import google_columns, google_xml, json_lines, mapped
from store_sync.formats.google import GoogleKind
from store_sync.formats.lines import ByteSource, Peeked
from store_sync.formats.mapping import MappingFile, load_mapping, shipped_names

Kind = Literal["stores", "products", "stock"]
Parser = Callable[[ByteSource], Iterator[Row | Refusal | StockColumns]]
"""Reads a whole file. Raises FeedRefusedError: at its start where nothing can be used, later where the file breaks off
(what came before stands)."""

_GOOGLE: dict[str, tuple[GoogleKind | None, Literal["text", "xml"] | None]] = {
    "google": (None, None),
    "google-tsv": (None, "text"),
    "google-xml": (None, "xml"),
    "google-local-inventory": ("stock", None),
    "google-products": ("products", None),
    "google-lfp": ("sales", None),
}
_JSON_KINDS: dict[Kind | None, str] = {None: "record", "stock": "record", "stores": "store", "products": "product"}
"""What a JSON line is that does not say it."""
_SPOKEN_OF: dict[GoogleKind, Kind] = {"stock": "stock", "sales": "stock", "products": "products"}
"""What a user calls the kind of such a feed."""
_DELIMITERS = {"csv": None, "tsv": "\t"}
FORMATS = (*_GOOGLE, "jsonl", "auto", *_DELIMITERS)
PEEKED = 512
"""Bytes that tell one container from another."""


def parser_for(format_name: str, kind: str | None, mapping: str | None) -> Parser:
    """The parser of a format; `mapping` is a shipped name or a path.

    Raises FeedRefusedError that lists what there is.
    """
    wanted = _kind(kind)
    if format_name not in FORMATS:
        raise FeedRefusedError(f"There is no format {format_name}; there are {', '.join(FORMATS)}.")
    if format_name in _DELIMITERS:
        return _mapped(format_name, wanted, mapping)
    if mapping is not None:
        raise FeedRefusedError(f"The format {format_name} takes no mapping: it names its fields itself.")
    if format_name == "jsonl":
        return _json(wanted)
    return _any(wanted) if format_name == "auto" else _google(format_name, wanted)


def _kind(kind: str | None) -> Kind | None:
    for known in get_args(Kind):
        if kind == known:
            return known  # type: ignore[no-any-return]
    if kind is not None:
        raise FeedRefusedError(f"There is no kind {kind}; there are {', '.join(get_args(Kind))}.")
    return None


def _google(format_name: str, wanted: Kind | None) -> Parser:
    kind, container = _GOOGLE[format_name]
    if wanted == "stores":
        raise FeedRefusedError("Google's feeds describe no stores: use csv with a mapping, such as stores-simple.")
    if kind is not None and wanted not in (None, _SPOKEN_OF[kind]):
        raise FeedRefusedError(f"The format {format_name} holds {kind}, not {wanted}.")
    meant = kind or wanted
    if container == "text":
        return lambda stream: google_columns.parse(stream, meant)
    if container == "xml":
        return lambda stream: google_xml.parse(stream, meant)
    return lambda stream: _by_content(stream, meant)


def _json(wanted: Kind | None) -> Parser:
    return lambda stream: json_lines.parse(stream, _JSON_KINDS[wanted])


def _any(wanted: Kind | None) -> Parser:
    """JSON lines begin with {; the rest is Google's."""

    def parse(stream: ByteSource) -> Iterator[Row | Refusal | StockColumns]:
        peeked = Peeked(stream, PEEKED)
        parser = _json(wanted) if _first_byte(peeked) == b"{" else _google("google", wanted)
        return parser(peeked)

    return parse


def _by_content(stream: ByteSource, kind: GoogleKind | None) -> Iterator[Row | Refusal | StockColumns]:
    """XML begins with <; no header of a text feed does."""
    peeked = Peeked(stream, PEEKED)
    parse = google_xml.parse if _first_byte(peeked) == b"<" else google_columns.parse
    return parse(peeked, kind)


def _first_byte(peeked: Peeked) -> bytes:
    """Of the text: after a byte order mark and white space, in any encoding that we read."""
    return peeked.head.lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n")[:1]


def _mapped(format_name: str, kind: Kind | None, mapping: str | None) -> Parser:
    if mapping is None:
        raise FeedRefusedError(
            f"The format {format_name} needs a mapping: a path or one of {', '.join(shipped_names())}."
        )
    plan = load_mapping(mapping)
    if kind is not None and _part(plan, kind) is None:
        raise FeedRefusedError(f"The mapping {mapping} yields no {kind}.")
    return lambda stream: mapped.parse(stream, plan, kind, _DELIMITERS[format_name])


def _part(plan: MappingFile, kind: Kind) -> object:
    return {"stores": plan.store, "products": plan.product, "stock": plan.stock}[kind]
