"""The sources that a retailer's engineer declares: one readable TOML file, checked whole before anything runs."""

import hashlib
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from inventory_service.domain.errors import ConfigurationError, FeedRefusedError
from store_sync.formats.mapping import shipped_names
from store_sync.formats.registry import parser_for
from store_sync.sources.table import PLACEHOLDER, SourceTable, sentences

DEFAULT_FILE = Path("sources.toml")
WATCH_EVERY_S = 2.0
PULL_EVERY_S = 900.0


@dataclass(frozen=True, slots=True)
class DeclaredSource:
    """One source. At most one of `watch`, `url` and `vendor` is set; with none of them it is uploaded or sends events.

    `mapping` is the name of a shipped one or an absolute path. `secrets` are NAMES of environment variables, any of
    which may sign. `url` may hold `${NAME}` of one. `authorization_env` names the variable with the whole header value.
    """

    retailer: str
    source: str
    format: str
    kind: str | None = None
    mapping: str | None = None
    snapshot: bool = False
    watch: Path | None = None
    url: str | None = None
    every_s: float = 0.0
    vendor: str | None = None
    secrets: tuple[str, ...] = ()
    notification_url: str | None = None
    authorization_env: str | None = None

    @property
    def name(self) -> str:
        return f"{self.retailer}/{self.source}"

    @property
    def way(self) -> str:
        """How its reports come: watch, pull, webhook or send."""
        if self.watch is not None:
            return "watch"
        if self.url is not None:
            return "pull"
        return "send" if self.vendor is None else "webhook"

    @property
    def variables(self) -> tuple[str, ...]:
        """The environment variables that it reads."""
        header = () if self.authorization_env is None else (self.authorization_env,)
        return (*self.secrets, *PLACEHOLDER.findall(self.url or ""), *header)


class Declared:
    """What the file declares."""

    def __init__(self, sources: Iterable[DeclaredSource]) -> None:
        self.sources = tuple(sources)
        self._by_name = {(one.retailer, one.source): one for one in self.sources}
        self._webhooks = {(one.vendor, one.source): one for one in self.sources if one.vendor is not None}

    def of(self, retailer: str, source: str) -> DeclaredSource | None:
        return self._by_name.get((retailer, source))

    def webhook(self, vendor: str, source: str) -> DeclaredSource | None:
        return self._webhooks.get((vendor, source))


def load_declared(path: Path | None) -> Declared:
    """The sources of the file at `path`; None: of `sources.toml` in the working directory, if there is one.

    Raises ConfigurationError with one sentence a mistake.
    """
    if path is None:
        if not DEFAULT_FILE.exists():
            return Declared(())
        path = DEFAULT_FILE
    tables = _tables(path)
    faults: list[str] = []
    sources: list[DeclaredSource] = []
    for number, table in enumerate(tables, 1):
        place = f"{path}: [[source]] {number}{_called(table)}"
        try:
            sources.append(_source(SourceTable.model_validate(table), path.absolute().parent))
        except ValidationError as error:
            faults += [f"{place}: {sentence}" for sentence in sentences(error)]
        except (ConfigurationError, FeedRefusedError) as error:
            faults.append(f"{place}: {error}")
    faults += [f"{path}: {sentence}" for sentence in _clashes(sources)]
    if faults:
        raise ConfigurationError("\n".join(faults))
    return Declared(sources)


def secrets_of(source: DeclaredSource, environ: Mapping[str, str]) -> tuple[bytes, ...]:
    """The secrets that may have signed, those that are set. Raises ConfigurationError where none is."""
    found = tuple(environ[name].encode() for name in source.secrets if environ.get(name))
    if not found:
        names = " or ".join(source.secrets)
        raise ConfigurationError(f"{source.name}: the environment variable {names} is not set.")
    return found


def filled_in(source: DeclaredSource, text: str, environ: Mapping[str, str]) -> str:
    """`text` with each `${NAME}` replaced. Raises ConfigurationError that names the variable that is not set."""

    def value(match: re.Match[str]) -> str:
        found = environ.get(match[1])
        if not found:
            raise ConfigurationError(f"{source.name}: the environment variable {match[1]} is not set.")
        return found

    return PLACEHOLDER.sub(value, text)


def reading_of(source: DeclaredSource) -> str:
    """A digest of how its files are read: where that has changed, files that are known are worth another look."""
    mapping = source.mapping or ""
    path = Path(mapping)
    text = path.read_bytes() if mapping not in shipped_names() and path.is_file() else b""
    parts = (source.format, source.kind or "", mapping, str(source.snapshot))
    return hashlib.sha256("\0".join(parts).encode() + b"\0" + text).hexdigest()


def _source(table: SourceTable, folder: Path) -> DeclaredSource:
    """Raises FeedRefusedError where the format, kind and mapping do not go together."""
    mapping = table.mapping
    if mapping is not None and mapping not in shipped_names():
        mapping = str(folder / mapping)
    if table.format is not None or mapping is not None:
        parser_for(table.format or "csv", table.kind, mapping)
    return DeclaredSource(
        retailer=table.retailer,
        source=table.source,
        format=table.vendor or table.format or ("auto" if mapping is None else "csv"),
        kind=table.kind,
        mapping=mapping,
        snapshot=table.snapshot,
        watch=None if table.watch is None else folder / table.watch,
        url=table.url,
        every_s=table.every_s or _usual_interval_s(table),
        vendor=table.vendor,
        secrets=tuple(table.secrets),
        notification_url=table.notification_url,
        authorization_env=table.authorization_env,
    )


def _usual_interval_s(table: SourceTable) -> float:
    if table.watch is not None:
        return WATCH_EVERY_S
    return 0.0 if table.url is None else PULL_EVERY_S


def _tables(path: Path) -> list[dict[str, Any]]:
    try:
        whole = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigurationError(f"{path}: there is no such file.") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{path} is no TOML: {error}.") from None
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{path} cannot be read: {error}.") from None
    strange = sorted(set(whole) - {"source"})
    if strange:
        raise ConfigurationError(f"{path}: {', '.join(strange)}: the file holds [[source]] tables and nothing else.")
    tables = whole.get("source", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise ConfigurationError(f"{path}: source: write each source as a table headed [[source]], with two brackets.")
    return tables


def _called(table: dict[str, Any]) -> str:
    retailer, source = table.get("retailer"), table.get("source")
    return f" ({retailer}/{source})" if isinstance(retailer, str) and isinstance(source, str) else ""


def _clashes(sources: Iterable[DeclaredSource]) -> Iterator[str]:
    names: set[str] = set()
    webhooks: dict[str, str] = {}
    for one in sources:
        if one.name in names:
            yield f"source: {one.name} is declared twice."
        elif one.vendor is not None:
            if one.source in webhooks:
                yield f"source: {webhooks[one.source]} and {one.name} would share the webhook address {one.source}."
            webhooks.setdefault(one.source, one.name)
        names.add(one.name)
