"""Forms that several settings share: lists of words, secrets that are long enough."""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, SecretStr
from pydantic_settings import NoDecode

SHORTEST_SECRET: Final = 16  # characters


def _split(value: object) -> object:
    if not isinstance(value, str):
        return value
    return tuple(part for part in re.split(r"[,\s]+", value.strip()) if part)


def _long_enough(value: SecretStr) -> SecretStr:
    if len(value.get_secret_value()) < SHORTEST_SECRET:
        raise ValueError(f"is shorter than {SHORTEST_SECRET} characters")
    return value


# Words between commas and blanks.
Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]

# What signs messages: long enough that nobody guesses it.
SigningSecret = Annotated[SecretStr, AfterValidator(_long_enough)]
