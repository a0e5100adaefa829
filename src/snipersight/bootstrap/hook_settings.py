"""Settings of plug-ins: which are told what happens, and what they may take."""

from __future__ import annotations

import re
from typing import Final

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings

from snipersight.bootstrap.setting_forms import Words

_NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,31}")


class HookSettings(BaseSettings):
    """Every variable of plug-ins of the running bot; a part of `Settings`."""

    hooks: Words = ()
    hook_timeout_seconds: float = Field(default=5.0, ge=0.1, le=60)
    hook_memory_mb: int = Field(default=512, ge=64, le=65_536)

    @field_validator("hooks", mode="after")
    @classmethod
    def _plain_hook_names(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        strange = [name for name in names if not _NAME.fullmatch(name)]
        if strange:
            raise ValueError(f"{', '.join(strange)} is no name of a plug-in such as csv")
        return tuple(dict.fromkeys(names))
