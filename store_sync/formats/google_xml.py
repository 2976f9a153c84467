"""Google's feeds as RSS 2.0 or Atom, read as a stream of events: no tree, no entities, no DTD, no network."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from lxml import etree

from inventory_service.domain.errors import FeedRefusedError
from inventory_service.domain.feed import Refusal, Row
from store_sync.formats import google
from store_sync.formats.google import GoogleKind
from store_sync.formats.lines import MAX_RECORD, ByteSource
from store_sync.formats.reasons import Unusable
from store_sync.formats.rows import row_of

BLOCK = 1 << 16
MAX_DEPTH = 32
MAX_NAMES = 2_000
"""Different names of elements, attributes and namespaces: the parser keeps each for as long as the process lives."""
MAX_MARKUP = 1 << 20
"""Bytes of one tag, comment or section, all of which the parser holds until it ends."""
ITEMS = ("item", "entry")
REPEATABLE = ("product_type",)
"""Fields that Google lets an item have several of: the first one counts."""
NAMESPACE = "{http://base.google.com/ns/1.0}"


@dataclass(slots=True)
class Item:
    """One item's fields by our names; `fault` is what makes it unusable already."""

    ordinal: int
    texts: dict[str, str] = field(default_factory=dict)
    from_google: set[str] = field(default_factory=set)
    size: int = 0
    fault: Unusable | None = None

    def add(self, name: str, text: str, tag: str) -> None:
        """A field of Google's namespace stands above one of the same name from RSS or Atom."""
        from_google = tag.startswith(NAMESPACE)
        if name in self.texts and from_google == (name in self.from_google):
            if name not in REPEATABLE:
                self.fault = self.fault or Unusable("invalid_value", f"{name} stands twice in the item.", name)
        elif from_google or name not in self.texts:
            self.texts[name] = text
            if from_google:
                self.from_google.add(name)

    @property
    def raw(self) -> str:
        return " | ".join(f"{name}={text}" for name, text in self.texts.items())


def parse(stream: ByteSource, kind: GoogleKind | None) -> Iterator[Row | Refusal]:
    """Rows of an XML feed, `line` being the item's number; `kind` None: told by the first item.

    Raises FeedRefusedError; where the XML breaks part-way, after the items before that place.
    """
    read_texts: google.TextReader | None = None
    for item in _items(stream):
        if kind is None:
            kind = google.kind_of(item.texts)
        read_texts = read_texts or google.reader(kind)
        yield _row(item, google.FIELDS[kind], read_texts)


def _row(item: Item, fields: Sequence[str], read_texts: google.TextReader) -> Row | Refusal:
    raw = item.raw
    try:
        if item.fault is not None:
            raise item.fault
        return row_of(item.ordinal, read_texts([item.texts.get(name, "") for name in fields]), raw)
    except Unusable as fault:
        return fault.refusal(item.ordinal, raw)


def _items(stream: ByteSource) -> Iterator[Item]:
    events = _Events()
    target: Any = events  # the stubs know no target without comments
    parser = etree.XMLParser(target=target, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    failure: FeedRefusedError | None = None
    while failure is None:
        try:
            block = stream.read(BLOCK)
            events.expect(len(block))
            parser.feed(block) if block else parser.close()
        except FeedRefusedError as error:
            failure = error
        except etree.XMLSyntaxError as error:
            failure = FeedRefusedError(f"The XML breaks off in line {error.lineno or 1}: {_plain(error)}.")
        while events.done:
            yield events.done.popleft()
        if failure is None and not block:
            break
    if failure is not None:
        raise failure
    if not events.ordinal:
        raise FeedRefusedError("The XML holds no <item> or <entry>.")


def _plain(error: etree.XMLSyntaxError) -> str:
    return str(error.msg).split(", line ")[0].rstrip(".")


class _Events:
    """Takes the parser's events and keeps the items that are complete."""

    def __init__(self) -> None:
        self.done: deque[Item] = deque()
        self.ordinal = 0
        self._depth = 0
        self._names: set[str] = set()
        self._silent = 0
        self._item: Item | None = None
        self._item_depth = 0
        self._text: list[str] | None = None

    def doctype(self, name: str, *_: str | None) -> None:
        raise FeedRefusedError(f"The XML declares a document type ({name}); feeds have none, and it may hide a bomb.")

    def expect(self, size: int) -> None:
        """Before so many more bytes. Raises FeedRefusedError where MAX_MARKUP of them have gone by without an event."""
        self._silent += size
        if self._silent > MAX_MARKUP:
            raise FeedRefusedError(f"The XML holds a tag, comment or section of more than {MAX_MARKUP:,} bytes.")

    def start(self, tag: str, attributes: Mapping[str, str], namespaces: Mapping[str | None, str]) -> None:
        self._silent = 0
        if tag not in self._names or attributes or namespaces:
            self._note((tag, *attributes, *(f"{prefix}={uri}" for prefix, uri in namespaces.items())))
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise FeedRefusedError(f"The XML nests deeper than {MAX_DEPTH} elements.")
        if self._item is None:
            if _local(tag) in ITEMS:
                self.ordinal += 1
                self._item, self._item_depth = Item(self.ordinal), self._depth
        elif self._depth == self._item_depth + 1:
            self._text = [] if _field(tag) else None
        elif self._text is not None:
            self._item.fault = Unusable("invalid_value", "A value holds further elements.")

    def pi(self, target: str, _: str | None = None) -> None:
        self._note((target,))

    def data(self, text: str) -> None:
        self._silent = 0
        if self._text is None or self._item is None:
            return
        self._item.size += len(text)
        if self._item.size > MAX_RECORD:
            self._item.fault = Unusable("too_long", f"The item is longer than {MAX_RECORD} characters.")
            return
        self._text.append(text)

    def end(self, tag: str) -> None:
        item = self._item
        if item is not None and self._depth == self._item_depth:
            self.done.append(item)
            self._item = None
        elif item is not None and self._depth == self._item_depth + 1 and self._text is not None:
            if name := _field(tag):
                item.add(name, "".join(self._text).strip(), tag)
            self._text = None
        self._depth -= 1

    def _note(self, names: Iterable[str]) -> None:
        self._names.update(names)
        if len(self._names) > MAX_NAMES:
            raise FeedRefusedError(f"The XML has more than {MAX_NAMES:,} different names of elements and attributes.")

    def close(self) -> None:
        """The parser asks for a result; items were handed over as they came."""


@lru_cache(maxsize=1_024)
def _field(tag: str) -> str | None:
    return google.field_name(_local(tag))


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
