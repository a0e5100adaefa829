"""Settings of notifications: where messages go besides the Telegram chat, and how many there are."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings

from snipersight.bootstrap.setting_forms import SHORTEST_SECRET, SigningSecret, Words

TELEGRAM_API: Final = "https://api.telegram.org"
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
_NAMED: Final = re.compile(r"([A-Za-z0-9_-]{1,32})=(?=[a-z][a-z0-9+.-]*://)(.+)", re.IGNORECASE)
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*://.+", re.IGNORECASE)
_PLUGIN: Final = re.compile(r"[a-z][a-z0-9_-]{0,15}")


class NotifySettings(BaseSettings):
    """Every variable of notifications but the bot and the chat; a part of `Settings`."""

    telegram_api_url: str = TELEGRAM_API
    notify_top: int = Field(default=3, ge=0, le=20)
    notify_webhook_url: SecretStr | None = None
    notify_webhook_secret: SigningSecret | None = None
    notify_webhook_allow_private: bool = False
    notify_apprise_urls: SecretStr | None = None
    notify_plugins: Words = ()

    @field_validator("telegram_api_url", mode="after")
    @classmethod
    def _safe_api(cls, value: str) -> str:
        parts = _split(value.strip())
        if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
            raise ValueError("sends the token in clear text: write https (http for 127.0.0.1 only)")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"is no address such as {TELEGRAM_API}")
        if parts.username or parts.query or parts.fragment:
            raise ValueError(f"must be an address alone, such as {TELEGRAM_API}")
        return value.strip().rstrip("/")

    @field_validator("notify_webhook_url", mode="after")
    @classmethod
    def _web_address(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None:
            return None
        parts = _split(value.get_secret_value().strip())
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("is no web address: write https://host/path")
        return SecretStr(value.get_secret_value().strip())

    @field_validator("notify_apprise_urls", mode="after")
    @classmethod
    def _known_form(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            named_urls(value.get_secret_value())
        return value

    @field_validator("notify_plugins", mode="after")
    @classmethod
    def _plain_names(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        strange = [name for name in names if not _PLUGIN.fullmatch(name)]
        if strange:
            raise ValueError(f"{', '.join(strange)} is no name of a plug-in")
        return tuple(dict.fromkeys(names))

    @property
    def apprise_urls(self) -> dict[str, str]:
        """Return the addresses of Apprise by name; they hold passwords."""
        held = self.notify_apprise_urls
        return {} if held is None else named_urls(held.get_secret_value())

    @property
    def has_webhook(self) -> bool:
        """Return whether the webhook and the secret that signs it are both there."""
        return self.notify_webhook_url is not None and self.notify_webhook_secret is not None

    def notify_secrets(self) -> tuple[str, ...]:
        """Return the values of notifications that no log may show."""
        held = (self.notify_webhook_url, self.notify_webhook_secret)
        values = [one.get_secret_value() for one in held if one is not None]
        for url in self.apprise_urls.values():
            values += (url, *_secret_parts(url))
        return tuple(dict.fromkeys(values))


def named_urls(text: str) -> dict[str, str]:
    """Return addresses of Apprise by name, in order: `discord=discord://…`, or an address alone.

    An address alone is named after its scheme, a second one of that scheme `mailto-2`.

    Raises:
        ValueError: something is no address, or two have one name; the message shows none of them.
    """
    named: dict[str, str] = {}
    for place, word in enumerate(text.split(), start=1):
        match = _NAMED.fullmatch(word)
        url = match[2] if match else word
        if not _SCHEME.fullmatch(url):
            raise ValueError(f"number {place} is no address such as discord://id/token")
        name = match[1].lower() if match else _free_name(url, named)
        if name in named:
            raise ValueError(f"the name {name} occurs twice")
        named[name] = url
    return named


def _free_name(url: str, taken: dict[str, str]) -> str:
    scheme = re.sub(r"[^a-z0-9-]", "-", url.partition("://")[0].lower())[:24]
    number = 1
    while (name := scheme if number == 1 else f"{scheme}-{number}") in taken:
        number += 1
    return name


def _secret_parts(url: str) -> list[str]:
    """Return what an address of Apprise may hide: passwords, tokens in its path and query."""
    rest = url.partition("://")[2]
    words = [word for word in re.split(r"[/?&=:@#]+", rest) if len(word) >= SHORTEST_SECRET]
    password = _password(url)
    found = [password, *words] if password else words
    return [*found, *(unquote(word) for word in found if "%" in word)]


def _password(url: str) -> str:
    try:
        return urlsplit(url).password or ""
    except ValueError:  # half an IPv6 address; Apprise refuses it by itself
        return ""


def _split(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        _ = parts.port  # reading it refuses one that is no number
    except ValueError as error:
        raise ValueError("is no address") from error
    return parts
