"""One JSON object → its members, strictly: names stand once, numbers keep every digit, every text can be stored."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn, TypeVar

from store_sync.formats import values
from store_sync.formats.reasons import Unusable
from store_sync.formats.values import missing, read

T = TypeVar("T")

_WHOLE = re.compile(r"(?:0|[1-9][0-9]*)\Z")
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_CALLED = {dict: "an object", list: "a list", bool: "true or false"}


class Number(str):
    """A number as it was written: ids beyond 2^53 and prices lose nothing."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Members:
    """A JSON object's members, by name; null counts as absent. Readers raise Unusable that names the member.

    `path` leads from the outermost object to this one: "" or such as "price.".
    """

    held: Mapping[str, object]
    path: str = ""

    def text(self, name: str) -> str:
        """A text without spaces around it, or a number as it was written; "" where absent."""
        value = self.held.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise self._misfit(name, f"{_CALLED[type(value)]}, not a text or a number")
        return value.strip()

    def filled(self, *names: str) -> str:
        """The first of these names that has a value; the first name where none has."""
        return next((name for name in names if self.held.get(name) not in (None, "")), names[0])

    def needed(self, name: str) -> str:
        text = self.text(name)
        if not text:
            raise missing(self.path + name)
        return text

    def maybe(self, name: str, meaning: Callable[[str], T]) -> T | None:
        """What `meaning` makes of the text, or None where there is none."""
        text = self.text(name)
        return read(self.path + name, meaning, text) if text else None

    def must(self, name: str, meaning: Callable[[str], T]) -> T:
        return read(self.path + name, meaning, self.needed(name))

    def code(self, name: str) -> str | None:
        """An id: a text, or a whole number in its own digits."""
        number = self.held.get(name)
        if isinstance(number, Number) and not _WHOLE.match(number):
            raise self._misfit(name, "a number that is no id: write it as a text")
        return self.maybe(name, values.code)

    def needed_code(self, name: str) -> str:
        code = self.code(name)
        if code is None:
            raise missing(self.path + name)
        return code

    def moment(self, name: str) -> datetime | None:
        """An ISO 8601 time, or a number of seconds since 1970."""
        meaning = values.unix_time if isinstance(self.held.get(name), Number) else values.moment
        return self.maybe(name, meaning)

    def needed_moment(self, name: str) -> datetime:
        moment = self.moment(name)
        if moment is None:
            raise missing(self.path + name)
        return moment

    def money(self, name: str) -> str:
        """`29.99 USD`, from a text, from `{"amount", "currency"}`, or from an amount beside a member `currency`."""
        value = self.held.get(name)
        if isinstance(value, dict):
            nested = Members(value, f"{self.path}{name}.")
            return f"{nested.needed('amount')} {nested.needed('currency')}"
        amount = self.text(name)
        return f"{amount} {self.text('currency')}".strip() if amount and " " not in amount else amount

    def _misfit(self, name: str, what: str) -> Unusable:
        return Unusable("invalid_value", f"{self.path}{name} is {what}.", self.path + name)


def json_object(text: str) -> Members:
    """The object that `text` is. Raises Unusable."""
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise Unusable("invalid_json", f"This is no JSON, from character {error.pos + 1} on: {error.msg}.") from None
    except RecursionError:
        raise Unusable("invalid_json", "The JSON nests too deeply.") from None
    if not isinstance(value, dict):
        raise Unusable("invalid_json", "This is JSON, but no object in braces.")
    return Members(value)


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in pairs:
        if name in found:
            raise Unusable("invalid_json", f"{_plain(name)} stands twice in one object.", _plain(name))
        if isinstance(value, str) and _UNSTORABLE.search(value):
            raise Unusable("encoding", f"{_plain(name)} holds NUL or half a character.", _plain(name))
        found[name] = value
    return found


def _plain(name: str) -> str:
    return _UNSTORABLE.sub("?", name)[:60]


def _decimal(text: str) -> Number:
    """As it was written, but for zeros behind two decimals: in JSON a point never stands between thousands."""
    whole, point, decimals = text.partition(".")
    return Number(f"{whole}{point}{decimals[:2]}{decimals[2:].rstrip('0')}" if decimals.isdigit() else text)


def _no_number(word: str) -> NoReturn:
    raise Unusable("invalid_json", f"This is no JSON: {word} is no number.")


_DECODER = json.JSONDecoder(object_pairs_hook=_once, parse_int=Number, parse_float=_decimal, parse_constant=_no_number)
