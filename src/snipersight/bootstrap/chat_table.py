"""One `[[chat]]` of `channels.toml`: its keys, and everything that is wrong with them at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import time
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from snipersight.bootstrap.suggestions import did_you_mean
from snipersight.domain.channels import Chat, ChatRole, QuietHours
from snipersight.domain.confluence import Tier
from snipersight.domain.direction import Direction
from snipersight.domain.errors import DataInvalid
from snipersight.domain.instrument import parse_symbol

_ASSET: Final = re.compile(r"[A-Z0-9]{1,20}")
_UNKNOWN_KEY: Final = "extra_forbidden"


def read_chat(entry: Mapping[str, Any], *, place: int) -> tuple[Chat | None, list[str]]:
    """Return the chat of a table, or None and what is wrong with it, one sentence each.

    Args:
        entry: as TOML has it.
        place: 1 for the first chat of the file, for the sentences.
    """
    try:
        return _ChatEntry.model_validate(entry).chat(), []
    except ValidationError as error:
        return None, [f"chat {place}: {_sentence(dict(item))}" for item in error.errors()]


def _symbol(value: object) -> str:
    text = value.strip().upper() if isinstance(value, str) else ""
    if _ASSET.fullmatch(text):
        return text
    try:
        parse_symbol(text)
    except DataInvalid as error:
        raise ValueError("is no symbol such as BTC or BTC/USDT") from error
    return text


def _lower(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


def _upper(value: object) -> object:
    return value.strip().upper() if isinstance(value, str) else value


def _address(value: object) -> object:
    return str(value) if type(value) is int else value  # a chat's number needs no quotes


def _wall_time(value: object) -> time:
    if isinstance(value, time):  # TOML knows 22:00:00 without quotes
        return value
    try:
        read = time.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        read = None
    if read is None or read.tzinfo is not None:
        raise ValueError('is no time such as "22:00"')
    return read


def _zone(value: object) -> str:
    try:
        if isinstance(value, str):
            return ZoneInfo(value).key
    except (ValueError, OSError, KeyError):  # of one that is unknown: a KeyError
        pass
    raise ValueError("is no time zone such as Europe/Berlin")


_STRICT: Final = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class _QuietEntry(BaseModel):
    model_config = _STRICT

    begin: Annotated[time, BeforeValidator(_wall_time)]
    end: Annotated[time, BeforeValidator(_wall_time)]
    timezone: Annotated[str, BeforeValidator(_zone)] = "UTC"


class _ChatEntry(BaseModel):
    model_config = _STRICT

    channel: str = Field(pattern=r"^[a-z][a-z0-9_-]{0,15}$")
    address: Annotated[str, BeforeValidator(_address)] = Field(pattern=r"^\S(.{0,126}\S)?$")
    role: Annotated[ChatRole, BeforeValidator(_lower)] = ChatRole.PRIVATE
    tiers: list[Annotated[Tier, BeforeValidator(_upper)]] = []
    symbols: list[Annotated[str, BeforeValidator(_symbol)]] = []
    directions: list[Annotated[Direction, BeforeValidator(_upper)]] = []
    quiet_hours: _QuietEntry | None = None
    cornix: bool = Field(default=False, strict=True)
    practice: bool | None = Field(default=None, strict=True)

    def chat(self) -> Chat:
        hours = self.quiet_hours
        # An audience asks for practice by name; the trader's own chats show all there is.
        is_private = self.role is ChatRole.PRIVATE
        return Chat(
            channel=self.channel,
            address=self.address,
            role=self.role,
            tiers=frozenset(self.tiers),
            symbols=frozenset(self.symbols),
            directions=frozenset(self.directions),
            quiet_hours=None
            if hours is None
            else QuietHours(begin=hours.begin, end=hours.end, timezone=hours.timezone),
            cornix=self.cornix,
            practice=is_private if self.practice is None else self.practice,
        )


def _sentence(item: dict[str, Any]) -> str:
    path = [str(part) for part in item["loc"]]
    name = ".".join(path)
    if item["type"] == _UNKNOWN_KEY:
        model = _QuietEntry if path[0] == "quiet_hours" and len(path) > 1 else _ChatEntry
        return f"{name} means nothing here; {did_you_mean(path[-1], model.model_fields)}"
    if item["type"] == "missing":
        return f"{name} is missing"
    message = str(item["msg"]).removeprefix("Value error, ").removeprefix("Input ")
    return f"{name} {message} (given {item.get('input')!r})"
