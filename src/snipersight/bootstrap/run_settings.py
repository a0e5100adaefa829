"""Settings of the running bot, `snipersight run`."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings

from snipersight.bootstrap.setting_forms import Words

_NONE: Final = "none"
_LARGEST_PORT: Final = 65_535
_ADDRESS: Final = re.compile(r"(?P<host>\[[0-9A-Fa-f:]+\]|[A-Za-z0-9._-]+):(?P<port>\d{1,5})")
_USER_ID: Final = re.compile(r"[1-9][0-9]{0,18}")  # of people; a group's begins with a minus
_HOST: Final = re.compile(r"[A-Za-z0-9._-]{1,253}|[0-9A-Fa-f:]{2,45}")


class RunSettings(BaseSettings):
    """Every variable of the running bot; a part of `Settings`."""

    run_listen: str = "127.0.0.1:9464"
    run_allowed_hosts: Words = ()

    telegram_admins: Words = ()
    telegram_traders: Words = ()
    telegram_viewers: Words = ()

    approval_minutes: int = Field(default=60, ge=0, le=10_080)
    approval_max_drift_r: Decimal = Field(default=Decimal("0.25"), ge=0, le=10)

    @field_validator("run_listen", mode="after")
    @classmethod
    def _host_and_port(cls, value: str) -> str:
        text = value.strip()
        if text.lower() == _NONE:
            return _NONE
        if parse_address(text) is None:
            raise ValueError("is no address such as 127.0.0.1:9464; none switches it off")
        return text

    @field_validator("run_allowed_hosts", mode="after")
    @classmethod
    def _plain_hosts(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        return plain_hosts(names)

    @field_validator("telegram_admins", "telegram_traders", "telegram_viewers", mode="after")
    @classmethod
    def _user_ids(cls, ids: tuple[str, ...]) -> tuple[str, ...]:
        strange = [one for one in ids if not _USER_ID.fullmatch(one)]
        if strange:
            raise ValueError(
                f"{', '.join(strange)} is no user id such as 424242; names may be anybody's"
            )
        return tuple(dict.fromkeys(ids))

    @property
    def is_listen_chosen(self) -> bool:
        """Return whether somebody wrote `RUN_LISTEN` down; its default suits one bot a machine."""
        return "run_listen" in self.model_fields_set

    @property
    def listen_address(self) -> tuple[str, int] | None:
        """Return host and port that health and metrics are served on; None: they are not."""
        return parse_address(self.run_listen)


def parse_address(text: str) -> tuple[str, int] | None:
    """Return the host and port of `127.0.0.1:9464` or `[::1]:9464`; None: it is no such address."""
    match = _ADDRESS.fullmatch(text)
    if match is None or int(match.group("port")) > _LARGEST_PORT:
        return None
    return match.group("host").strip("[]"), int(match.group("port"))


def plain_hosts(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return names of hosts in lower case, each once.

    Raises:
        ValueError: one is no name of a host.
    """
    strange = [name for name in names if not _HOST.fullmatch(name)]
    if strange:
        raise ValueError(f"{', '.join(strange)} is no name of a host such as bot.example.org")
    return tuple(dict.fromkeys(name.lower() for name in names))
