"""Every setting with its unit, default and reason: one table, which docs/SETTINGS.md repeats under a test."""

from datetime import UTC, datetime
from pathlib import Path

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from inventory_service.runtime.http.callers import read_networks


class Settings(BaseSettings):
    """Read from the environment; a bad value names its variable."""

    model_config = SettingsConfigDict(env_prefix="", extra="ignore", frozen=True, env_ignore_empty=True)

    host: str = Field("127.0.0.1", description="Address that both programs listen on.")
    port: int = Field(8080, ge=0, le=65535, description="Port of the answer API and the pages; 0 takes a free one.")
    sync_port: int = Field(8081, ge=0, le=65535, description="Port of the sync receiver; 0 takes a free one.")
    data_dir: Path = Field(Path(".data"), description="Folder of the embedded servers and of what they keep.")
    database_url: str | None = Field(None, description="Postgres 15+; unset: an embedded one is started in DATA_DIR.")
    redis_url: str | None = Field(None, description="Redis 7.0+ or Valkey; unset: an embedded one is started.")
    sources: Path | None = Field(
        None, description="File that declares the sources; unset: `sources.toml` in the working directory, if there."
    )
    pull_max_bytes: int = Field(8 << 30, ge=1, description="Most bytes that are fetched from a source's URL at once.")
    workers: int = Field(1, ge=1, le=64, description="API processes on one port.")
    listen_fd: int | None = Field(
        None,
        ge=3,
        description="An open listening socket instead of HOST:PORT; `make run` hands it on.",
    )
    require_key: bool = Field(
        False,
        description="1: requests without a key get 401, and our own pages for shoppers answer nobody (docs/KEYS.md).",
    )
    anonymous_per_minute: int = Field(
        60_000,
        ge=0,
        description="What one address (IPv6: /64) may ask a minute without a key (docs/KEYS.md); 0: any amount.",
    )
    trusted_proxies: str | None = Field(
        None,
        description="Proxies whose `X-Forwarded-For` and `-Proto` are believed: addresses or networks; unset: none.",
    )
    demo: bool = Field(True, description="0: an empty database stays empty; 1: it gets the demo world.")
    clock: datetime | None = Field(None, description="ISO 8601 time from which our clock runs; unset: the system's.")
    horizon_s: int = Field(
        14 * 24 * 3600,
        ge=60,
        description="Seconds after which evidence that nobody stood by is `unknown`, until a source's own are learned.",
    )
    deadline_s: float = Field(1.5, gt=0, le=30, description="Seconds that a request may wait for Postgres or Redis.")
    reports_per_device: int = Field(50, ge=1, description="Shoppers' reports taken of one device on a UTC day.")
    reports_per_address: int = Field(
        500, ge=1, description="The same of one address (IPv6: /64); behind a proxy see TRUSTED_PROXIES."
    )
    streams_per_worker: int = Field(2_000, ge=0, description="Open streams of one API process; 503 beyond.")
    streams_per_client: int = Field(
        100,
        ge=1,
        description="The same of one secret key, or one address (IPv6: /64); 429 beyond. Raise it behind a proxy.",
    )
    stream_life_s: float = Field(
        3600,
        ge=0.1,
        le=86_400,
        description="Seconds after which a stream ends and its client comes back, so that streams spread over workers.",
    )
    webhook_private: bool = Field(
        False,
        description="1: webhooks may go to http and to private addresses, such as 127.0.0.1; for development alone.",
    )
    cache_max_age_s: int = Field(1, ge=0, description="Seconds in `Cache-Control: max-age` of an answer.")
    default_country: str = Field(
        "US", pattern="^[A-Z]{2}$", description="Country preferred where a place name or postcode is ambiguous."
    )
    log_level: str = Field("info", pattern="^(debug|info|warning|error)$", description="Least level that is logged.")
    embedded_pg_bin: Path | None = Field(
        None, description="Folder with `initdb` and `postgres` to use instead of ours."
    )
    embedded_redis_bin: Path | None = Field(None, description="Redis or Valkey server program to use instead of ours.")

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: str | None) -> str | None:
        read_networks(value or "")
        return value

    @field_validator("clock")
    @classmethod
    def _aware(cls, value: datetime | None) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
