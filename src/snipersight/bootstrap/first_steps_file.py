"""The settings file as a person wrote it, with some values changed and everything else kept."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dotenv import dotenv_values
from dotenv.parser import Binding, parse_stream

from snipersight.bootstrap.env_file import check_env_file
from snipersight.bootstrap.settings import load_settings
from snipersight.domain.errors import ConfigInvalid, StateUnavailable
from snipersight.storage.home import make_private_folder
from snipersight.storage.new_files import written_whole

_HEADER: Final = """\
# SniperSight's settings, begun by `snipersight init`. .env.example explains each one, and those
# that are not here.
"""
_PLAIN: Final = re.compile(r"[A-Za-z0-9_./:,@%+=~-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvFile:
    """A settings file as it was read.

    Args:
        path: where it is, or will be.
        text: everything in it; None: there is no such file.
    """

    path: Path
    text: str | None

    @property
    def exists(self) -> bool:
        """Return whether there was such a file."""
        return self.text is not None

    @property
    def values(self) -> dict[str, str]:
        """Return what it sets, by names in capitals; empty values are not set."""
        found = dotenv_values(stream=io.StringIO(self.text or ""))
        return {name.upper(): value for name, value in found.items() if value}


def read_env_file(path: Path) -> EnvFile:
    """Return a settings file as it is.

    Raises:
        ConfigInvalid: it is unreadable, or a line of it is no `NAME=value`.
    """
    path = path.expanduser().absolute()
    # A link stays one: what it points at is changed.
    path = path.resolve() if path.is_symlink() else path
    if not check_env_file(path, required=False) and not path.exists():
        return EnvFile(path=path, text=None)
    return EnvFile(path=path, text=path.read_text(encoding="utf-8"))


def changed_text(file: EnvFile, changes: Mapping[str, str]) -> str:
    """Return the file with these values; lines that set nothing of them stay as they are.

    Args:
        file: as it was read.
        changes: new values by names in capitals; an empty one means "not set".

    Raises:
        ConfigInvalid: a value cannot be written so that it is read as the same.
    """
    lines, left = [], dict(changes)
    bindings = list(parse_stream(io.StringIO(file.text or _HEADER)))
    for place, binding in enumerate(bindings):
        name = _name_of(binding)
        if name not in changes:
            lines.append(binding.original.string)
        elif all(_name_of(later) != name for later in bindings[place + 1 :]):
            lines.append(_line(name, left.pop(name)))  # of several, the last one counts
    text = "".join(lines)
    text += "" if not text or text.endswith("\n") else "\n"
    text += "".join(_line(name, value) for name, value in left.items())
    _require_same(text, changes)
    return text


def write_env_file(file: EnvFile, changes: Mapping[str, str]) -> None:
    """Put the changed file in the place of the old one, whole or not at all, mode 0600.

    Args:
        file: as it was read; one that was changed since is left alone.
        changes: see `changed_text`.

    Raises:
        ConfigInvalid: the settings would contradict each other, or the file changed meanwhile.
        StateUnavailable: it cannot be written.
    """
    text, folder = changed_text(file, changes), file.path.parent
    try:
        if not folder.exists():
            make_private_folder(folder)
        with written_whole(folder, prefix=".env-") as path:
            path.write_text(text, encoding="utf-8")
            load_settings(path)
            _require_unchanged(file)
            _take_place(path, file.path)
    except OSError as error:
        raise StateUnavailable(
            f"the settings file cannot be written: {(error.strerror or str(error)).lower()}",
            where=str(file.path),
            next_step="free space, correct the folder's mode, or name another file with --env",
        ) from error


def _name_of(binding: Binding) -> str:
    return (binding.key or "").upper()


def _line(name: str, value: str) -> str:
    if _PLAIN.fullmatch(value):
        return f"{name}={value}\n"
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"{name}='{escaped}'\n"


def _require_same(text: str, changes: Mapping[str, str]) -> None:
    found = dotenv_values(stream=io.StringIO(text))
    read = {name.upper(): value or "" for name, value in found.items()}
    wrong = [name for name, value in changes.items() if read.get(name) != value]
    if wrong:
        raise ConfigInvalid(
            f"the value of {', '.join(wrong)} cannot be kept in a file",
            where="settings file",
            next_step="it would be read as something else; set it in the environment instead",
        )


def _require_unchanged(file: EnvFile) -> None:
    if read_env_file(file.path).text != file.text:
        raise ConfigInvalid(
            "the settings file was changed by somebody else meanwhile; nothing was written",
            where=str(file.path),
            next_step="run `snipersight init` again",
        )


def _take_place(written: Path, target: Path) -> None:
    with written.open("rb") as stream:
        os.fsync(stream.fileno())
    written.replace(target)
    handle = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
