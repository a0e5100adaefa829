"""Settings: the variables a user may set, their defaults and their limits.

A variable of the process wins over the settings file (`.env` in the home folder, or the one named
with `--env`). An empty value means "not set". `.env.example` lists every variable.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Final, Literal
from urllib.parse import unquote, urlsplit

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import SettingsConfigDict

from snipersight.bootstrap.dashboard_settings import DashboardSettings
from snipersight.bootstrap.env_file import check_env_file, suspicious_names
from snipersight.bootstrap.environment import absolute, home_path
from snipersight.bootstrap.execution_settings import ExecutionSettings
from snipersight.bootstrap.hook_settings import HookSettings
from snipersight.bootstrap.notify_settings import NotifySettings
from snipersight.bootstrap.risk_settings import VARIABLES_OF_LIMITS, RiskSettings
from snipersight.bootstrap.run_settings import RunSettings
from snipersight.bootstrap.telemetry_settings import TelemetrySettings, unused_addresses
from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.units import LARGEST

# Their values appear in no message; the chat is no secret, but nobody else's business either.
_SECRET: Final = (
    "telegram_bot_token",
    "telegram_chat_id",
    "notify_webhook_url",
    "notify_webhook_secret",
    "notify_apprise_urls",
    "events_webhook_url",
    "events_webhook_secret",
    "otlp_endpoint",
    "binance_api_key",
    "binance_api_secret",
    "bybit_api_key",
    "bybit_api_secret",
    "database_url",
)
_DATABASE_URL: Final = re.compile(r"sqlite:////[^?#]+|postgresql://[^/?#]*(/.*)?")

LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]


def _upper(value: object) -> object:
    return value.strip().upper() if isinstance(value, str) else value


class Settings(
    ExecutionSettings,
    NotifySettings,
    TelemetrySettings,
    RunSettings,
    DashboardSettings,
    HookSettings,
    RiskSettings,
):
    """What the environment says; `load_settings` reads it."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="ignore",  # an .env may be shared with other programs; typos are refused
        env_ignore_empty=True,
        env_file_encoding="utf-8",
        hide_input_in_errors=True,
        allow_inf_nan=False,
    )

    snipersight_home: Path = Field(default_factory=home_path)

    default_account_balance: Decimal = Field(default=Decimal("10000.0"), gt=0, le=LARGEST)
    account_currency: Annotated[str, BeforeValidator(_upper)] = Field(
        default="USDT", pattern=r"^[A-Z0-9]{2,10}$"
    )

    built_in_markets: int = Field(default=46, ge=46, le=500)

    database_url: SecretStr | None = None
    audit_retention_days: int = Field(default=1825, ge=1, le=36_500)
    queue_retention_days: int = Field(default=30, ge=1, le=36_500)
    audit_key_file: Path | None = None
    audit_head_file: Path | None = None

    telegram_bot_token: SecretStr | None = None
    telegram_chat_id: str | None = None

    log_level: Annotated[LogLevel, BeforeValidator(_upper)] = "INFO"
    analytics_enabled: bool = True

    @field_validator("snipersight_home", "audit_key_file", "audit_head_file", mode="after")
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        return None if value is None else absolute(value)

    @field_validator(*_SECRET, mode="before")
    @classmethod
    def _not_a_placeholder(cls, value: object) -> object:
        if isinstance(value, str) and re.fullmatch(r"\s*<.*>\s*", value):
            raise ValueError("still holds its placeholder: put your own value or leave it empty")
        return value

    @field_validator("database_url", mode="after")
    @classmethod
    def _known_database(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None:
            return None
        text = value.get_secret_value()
        urlsplit(text)  # refuses half an IPv6 address
        if not _DATABASE_URL.fullmatch(text):
            raise ValueError(
                "is neither sqlite:////absolute/path nor postgresql://user:password@host/database"
            )
        return value

    @property
    def has_telegram(self) -> bool:
        """Return whether both the bot and the chat are named."""
        return self.telegram_bot_token is not None and self.telegram_chat_id is not None

    def secrets(self) -> tuple[str, ...]:
        """Return the values that no log may show."""
        token = self.telegram_bot_token
        return (
            *(() if token is None else (token.get_secret_value(),)),
            *self.execution_secrets(),
            *_passwords(self.database_url),
            *self.notify_secrets(),
            *self.events_secrets(),
        )


VARIABLES: Final = tuple(name.upper() for name in Settings.model_fields)


def load_settings(env_file: Path | None = None) -> tuple[Settings, tuple[str, ...]]:
    """Return the settings in force and what looks wrong but stops nothing.

    Args:
        env_file: settings file to read instead of the one in the home folder.

    Raises:
        ConfigInvalid: the named file is missing or unreadable, a value is impossible, limits
            contradict each other, or a name is a misspelt one of ours; all of it is said at once.
    """
    path = env_file if env_file is not None else home_path() / ".env"
    held = check_env_file(path, required=env_file is not None)
    names = suspicious_names(held, known=VARIABLES, limits=VARIABLES_OF_LIMITS)
    settings, problems = _read(path)
    if settings is None or names.misspelt:
        where = f"environment or {path}" if held else "environment"
        raise ConfigInvalid(
            "; ".join((*names.misspelt, *problems)),
            where=where,
            next_step="correct or unset it; .env.example explains each one",
        )
    halves = (*_half_set(settings), *_half_a_bot(settings), *unused_addresses(settings))
    return settings, (*names.unknown, *halves)


def _read(path: Path) -> tuple[Settings | None, tuple[str, ...]]:
    """Return the settings, or None and everything that is wrong with them."""
    try:
        return Settings(_env_file=path), ()
    except ValidationError as error:
        found = [dict(item) for item in error.errors()]
        wrong = {_name_of(item) for item in found if item["loc"]}
        problems = [_describe(item) for item in found]
    if wrong:
        problems += _contradictions_beside(path, wrong)
    return None, tuple(problems)


def _contradictions_beside(path: Path, wrong: Collection[str]) -> list[str]:
    """Return what the readable limits contradict in each other, whatever the unreadable ones say.

    pydantic asks for contradictions only once every value is possible; a user with two mistakes
    should not learn of them one by one.
    """
    fields = Settings.model_fields
    readable = {
        name: field.get_default(call_default_factory=True)
        for name, field in fields.items()
        if name in wrong
    }
    try:
        Settings(_env_file=path, **readable)
    except ValidationError as error:
        sentences = "; ".join(_describe(dict(item)) for item in error.errors()).split("; ")
        return [each for each in sentences if not any(name.upper() in each for name in wrong)]
    return []


def _passwords(url: SecretStr | None) -> tuple[str, ...]:
    # As written in the URL, and as the server is told it.
    held = urlsplit(url.get_secret_value()).password if url is not None else None
    return () if not held else tuple(dict.fromkeys((held, unquote(held))))


def _describe(item: dict[str, object]) -> str:
    message = str(item["msg"]).removeprefix("Value error, ").removeprefix("Input ")
    name = _name_of(item)
    if not name:
        return message  # a contradiction names its variables itself
    given = "" if name in _SECRET else f" (given {item.get('input')!r})"
    return f"{name.upper()}: {message}{given}"


def _name_of(item: dict[str, object]) -> str:
    location = item["loc"]
    return str(location[0]).lower() if isinstance(location, tuple) and location else ""


def _half_set(settings: Settings) -> tuple[str, ...]:
    pairs = (
        ("binance_api_key", "binance_api_secret"),
        ("bybit_api_key", "bybit_api_secret"),
        ("notify_webhook_url", "notify_webhook_secret"),
        ("events_webhook_url", "events_webhook_secret"),
    )
    return tuple(
        _half(one, other)
        for first, second in pairs
        for one, other in ((first, second), (second, first))
        if getattr(settings, one) is not None and getattr(settings, other) is None
    )


def _half_a_bot(settings: Settings) -> tuple[str, ...]:
    has_bot, has_chat = (
        settings.telegram_bot_token is not None,
        settings.telegram_chat_id is not None,
    )
    if has_chat and not has_bot:
        return (_half("telegram_chat_id", "telegram_bot_token"),)
    # The chats of a bot may all be named in the other file.
    if has_bot and not has_chat and not channels_file(settings).exists():
        return (_half("telegram_bot_token", "telegram_chat_id"),)
    return ()


def channels_file(settings: Settings) -> Path:
    """Return the file of further chats in the home folder; it may be absent."""
    return settings.snipersight_home / "channels.toml"


def _half(one: str, other: str) -> str:
    return f"{one.upper()} is set but {other.upper()} is not: neither is used"
