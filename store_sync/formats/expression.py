"""Sources of a mapping, tied to a file's header: cells → text."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from store_sync.formats.conversions import CONVERSIONS, Conversion
from store_sync.formats.mapping import Source
from store_sync.formats.reasons import Unusable

T = TypeVar("T")
Cells = Sequence[str]


class Expression(Protocol):
    """`text` may raise Unusable; `blame` names the column that a person should look at."""

    def text(self, cells: Cells, /) -> str: ...
    def blame(self, cells: Cells, /) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Column:
    place: int
    name: str

    def text(self, cells: Cells) -> str:
        return cells[self.place].strip()

    def blame(self, _: Cells) -> str | None:
        return self.name


@dataclass(frozen=True, slots=True)
class Constant:
    value: str

    def text(self, _: Cells) -> str:
        return self.value

    def blame(self, _: Cells) -> str | None:
        return None


ABSENT = Constant("")


@dataclass(frozen=True, slots=True)
class FirstOf:
    """The first alternative that is not empty."""

    parts: tuple[Expression, ...]

    def text(self, cells: Cells) -> str:
        for part in self.parts:
            if text := part.text(cells):
                return text
        return ""

    def blame(self, cells: Cells) -> str | None:
        filled = (part for part in self.parts if _is_filled(part, cells))
        return next(filled, self.parts[0]).blame(cells)


@dataclass(frozen=True, slots=True)
class Join:
    """All parts that are not empty, with `between` in between."""

    parts: tuple[Expression, ...]
    between: str

    def text(self, cells: Cells) -> str:
        return self.between.join(text for part in self.parts if (text := part.text(cells)))

    def blame(self, cells: Cells) -> str | None:
        return next((name for part in self.parts if (name := part.blame(cells))), None)


@dataclass(frozen=True, slots=True)
class Converted:
    """`origin`'s text, if not empty: what `words` say for it, else what the `steps` make of it."""

    origin: Expression
    words: Mapping[str, str]
    steps: tuple[Conversion, ...]

    def text(self, cells: Cells) -> str:
        text = self.origin.text(cells)
        if self.words and (meaning := self.words.get(_folded(text))) is not None:
            return meaning
        for step in self.steps:
            if not text:
                break
            text = step(text)
        return text

    def blame(self, cells: Cells) -> str | None:
        return self.origin.blame(cells)


@dataclass(frozen=True, slots=True)
class FieldReader(Generic[T]):
    """A field of ours: its text, what it means, and whether it may be empty."""

    name: str
    expression: Expression
    meaning: Callable[[str], T]
    required: bool

    def read(self, cells: Cells) -> T | None:
        """None where it is empty and may be. Raises Unusable that names the column."""
        try:
            if text := self.expression.text(cells):
                return self.meaning(text)
        except Unusable as fault:
            raise fault.at(self.column(cells)) from None
        if self.required:
            raise self.empty(cells)
        return None

    def need(self, cells: Cells) -> T:
        """The value. Raises Unusable where it is empty."""
        if (value := self.read(cells)) is None:
            raise self.empty(cells)
        return value

    def column(self, cells: Cells) -> str:
        """The column that a person should look at; the field's own name where a constant is to blame."""
        return self.expression.blame(cells) or self.name

    def empty(self, cells: Cells) -> Unusable:
        column = self.column(cells)
        return Unusable("missing", f"{column} is empty.", column)


class Header:
    """A file's column names; case and surrounding spaces make no difference. `lacking` gathers what was not found."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = names
        self.lacking: list[str] = []
        self.ambiguous: list[str] = []
        folded = [_folded(name) for name in names]
        self._places = {name: place for place, name in reversed(list(enumerate(folded)))}
        self._twice = {name for name in folded if folded.count(name) > 1}

    def compile(self, source: Source | None) -> Expression:
        """The expression of `source`; ABSENT where it is None, or may be absent and is."""
        if source is None:
            return ABSENT
        origin = self._origin(source)
        steps = _steps(source)
        words = {_folded(word): meaning for word, meaning in source.words.items()}
        return Converted(origin, words, steps) if (steps or words) and origin is not ABSENT else origin

    def _origin(self, source: Source) -> Expression:
        if source.constant is not None:
            return Constant(source.constant)
        if source.join:
            return Join(tuple(self.compile(part) for part in source.join), source.between)
        if source.first_of:
            return self._first_of(source)
        return self._column(source)

    def _column(self, source: Source) -> Expression:
        name = source.column or ""
        place = self._places.get(_folded(name))
        if place is None:
            if not source.if_present:
                self.lacking.append(name)
            return ABSENT
        if _folded(name) in self._twice:
            self.ambiguous.append(name)
        return Column(place, self.names[place])

    def _first_of(self, source: Source) -> Expression:
        """The alternatives that this file has; it must have one of them."""
        found: list[Expression] = []
        lacking: list[str] = []
        for alternative in source.first_of:
            before = len(self.lacking)
            part = self.compile(alternative)
            lacking += self.lacking[before:]
            if len(self.lacking) == before and part is not ABSENT:
                found.append(part)
            del self.lacking[before:]
        if not found and not source.if_present:
            self.lacking.append(" or ".join(lacking or ["(nothing)"]))
        return FirstOf(tuple(found)) if found else ABSENT


def _steps(source: Source) -> tuple[Conversion, ...]:
    conversions = tuple(CONVERSIONS[name] for name in source.conversions)
    return conversions if source.split is None else (_splitter(source.split, source.part), *conversions)


def _splitter(separator: str, part: int) -> Conversion:
    def nth(text: str) -> str:
        parts = text.split(separator)
        return parts[part - 1].strip() if part <= len(parts) else ""

    return nth


def _folded(name: str) -> str:
    return name.strip().casefold()


def _is_filled(part: Expression, cells: Cells) -> bool:
    try:
        return bool(part.text(cells))
    except Unusable:
        return True
