"""What `snipersight init` collects: values that are possible one by one, written once together."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from typing import Any, Final, get_args

from pydantic import SecretStr, ValidationError
from pydantic_core import ErrorDetails

from snipersight.bootstrap.first_steps_file import EnvFile, write_env_file
from snipersight.bootstrap.settings import VARIABLES, Settings
from snipersight.bot.telemetry.masking import register_secrets
from snipersight.domain.errors import ConfigInvalid

_HOME: Final = "SNIPERSIGHT_HOME"
_LIKENESS: Final = 0.6


@dataclass(slots=True, kw_only=True)
class Draft:
    """Settings on their way into a file.

    Args:
        file: as it was read.
        changes: what becomes of it; an empty value unsets.
    """

    file: EnvFile
    changes: dict[str, str] = field(default_factory=dict)

    def value(self, name: str) -> str:
        """Return what is set now, changes included; empty: nothing is."""
        return self.changes.get(name, self.file.values.get(name, ""))

    def take(self, name: str, text: str) -> None:
        """Set a variable, or unset it with an empty text; what is so already changes nothing.

        Raises:
            ConfigInvalid: there is no such variable, or the value is impossible.
        """
        fault = fault_of(name, text)
        if fault is not None:
            raise fault
        if is_secret(name):
            register_secrets([text])
        if text == self.file.values.get(name, ""):
            self.changes.pop(name, None)
        else:
            self.changes[name] = text

    def settings(self) -> Settings:
        """Return the settings as they would be, but for what the environment says otherwise.

        Raises:
            ConfigInvalid: they contradict each other.
        """
        held = {**self.file.values, **self.changes}
        known: dict[str, Any] = {
            name.lower(): text for name, text in held.items() if name in VARIABLES and text
        }
        try:
            return Settings(_env_file=None, **known)
        except ValidationError as error:
            raise ConfigInvalid(_told(error), where=str(self.file.path)) from error

    def write(self) -> None:
        """Put the file in its place.

        Raises:
            ConfigInvalid: settings contradict each other, or the file changed meanwhile.
            StateUnavailable: it cannot be written.
        """
        write_env_file(self.file, self.changes)


def fault_of(name: str, text: str) -> ConfigInvalid | None:
    """Return why a value cannot be that of a variable, or None; the value of a secret is not told.

    Args:
        name: in capitals.
        text: as it would stand in the file; empty is always possible.
    """
    if name not in VARIABLES:
        advice = _spelt(name)
        return ConfigInvalid("is no setting", where=name, next_step=advice)
    if name == _HOME:
        advice = "export it in your shell: the settings file lies in that folder"
        return ConfigInvalid("cannot stand in the settings file", where=name, next_step=advice)
    if not text:
        return None
    alone: dict[str, Any] = {name.lower(): text}
    try:
        Settings(_env_file=None, **alone)
    except ValidationError as error:
        mine = [item for item in error.errors() if item["loc"] and item["loc"][0] == name.lower()]
        if mine:
            return ConfigInvalid(_reason(name, mine[0]), where=name)
    return None


def is_secret(name: str) -> bool:
    """Return whether the value of a variable is shown to nobody."""
    found = Settings.model_fields.get(name.lower())
    return found is not None and SecretStr in (found.annotation, *get_args(found.annotation))


def _spelt(name: str) -> str:
    near = difflib.get_close_matches(name, VARIABLES, n=1, cutoff=_LIKENESS)
    return f"did you mean {near[0]}?" if near else ".env.example lists them all"


def _told(error: ValidationError) -> str:
    return "; ".join(
        f"{'.'.join(map(str, item['loc'])).upper()} {_sentence(str(item['msg']))}".strip()
        for item in error.errors()
    )


def _reason(name: str, item: ErrorDetails) -> str:
    """Return what is wrong with a value; a pattern is shown by what fits it."""
    default = Settings.model_fields[name.lower()].default
    if item["type"] == "string_pattern_mismatch" and isinstance(default, str):
        return f"has not the shape of one, such as {default}"
    return _sentence(str(item["msg"]))


def _sentence(message: str) -> str:
    return message.removeprefix("Value error, ").removeprefix("Input ")
