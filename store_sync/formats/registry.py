"""Which parser reads which format."""

from collections.abc import Callable, Iterator
from typing import Literal, get_args

from inventory_service.domain.errors import FeedRefusedError
from inventory_service.domain.feed import Refusal, Row
from store_sync.formats import google_text, google_xml, mapped
from store_sync.formats.google import GoogleKind
from store_sync.formats.lines import ByteSource, Peeked
from store_sync.formats.mapping import MappingFile, load_mapping, shipped_names

Kind = Literal["stores", "products", "stock"]
Parser = Callable[[ByteSource], Iterator[Row | Refusal]]
"""Reads a whole file. Raises FeedRefusedError: at its start where nothing can be used, later where the file breaks off
(what came before stands)."""

_GOOGLE: dict[str, tuple[GoogleKind | None, Literal["text", "xml"] | None]] = {
    "google": (None, None),
    "google-tsv": (None, "text"),
    "google-xml": (None, "xml"),
    "google-local-inventory": ("stock", None),
    "google-products": ("products", None),
}
_DELIMITERS = {"csv": None, "tsv": "\t"}
FORMATS = (*_GOOGLE, *_DELIMITERS)


def parser_for(format_name: str, kind: str | None, mapping: str | None) -> Parser:
    """The parser of a format; `mapping` is a shipped name or a path.

    Raises FeedRefusedError that lists what there is.
    """
    wanted = _kind(kind)
    if format_name in _GOOGLE:
        if mapping is not None:
            raise FeedRefusedError(f"The format {format_name} takes no mapping: its fields are Google's.")
        return _google(format_name, wanted)
    if format_name in _DELIMITERS:
        return _mapped(format_name, wanted, mapping)
    raise FeedRefusedError(f"There is no format {format_name}; there are {', '.join(FORMATS)}.")


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
    if kind is not None and wanted not in (None, kind):
        raise FeedRefusedError(f"The format {format_name} holds {kind}, not {wanted}.")
    meant: GoogleKind | None = kind or wanted
    if container == "text":
        return lambda stream: google_text.parse(stream, meant)
    if container == "xml":
        return lambda stream: google_xml.parse(stream, meant)
    return lambda stream: _by_content(stream, meant)


def _by_content(stream: ByteSource, kind: GoogleKind | None) -> Iterator[Row | Refusal]:
    """XML begins with <, after a byte order mark and white space; no header of a text feed does."""
    peeked = Peeked(stream, 512)
    bare = peeked.head.lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n")
    parse = google_xml.parse if bare.startswith(b"<") else google_text.parse
    return parse(peeked, kind)


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
