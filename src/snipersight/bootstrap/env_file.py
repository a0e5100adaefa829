"""The settings file: readable as a whole, with names that mean something to us."""

from __future__ import annotations

import difflib
import os
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Final

from dotenv.parser import parse_stream

from snipersight.domain.errors import ConfigInvalid

_PREFIX: Final = "SNIPERSIGHT_"
_LIKENESS: Final = 0.85  # high: an .env may hold other programs' variables


def check_env_file(path: Path, *, required: bool) -> tuple[str, ...]:
    """Return the names a settings file sets, in order; empty for an absent file.

    Args:
        path: the file.
        required: an absent file is an error (the user named it).

    Raises:
        ConfigInvalid: the file is missing, unreadable, no UTF-8, or a line is no `NAME=value`.
    """
    try:
        with path.open(encoding="utf-8") as stream:
            bindings = list(parse_stream(stream))
    except (FileNotFoundError, NotADirectoryError) as error:
        if not required:
            return ()
        raise _unreadable(path, "there is no such file") from error
    except UnicodeDecodeError as error:
        raise _unreadable(path, "the file is not UTF-8 text") from error
    except OSError as error:
        raise _unreadable(path, (error.strerror or "cannot be read").lower()) from error
    broken = [str(binding.original.line) for binding in bindings if binding.error]
    if broken:
        raise ConfigInvalid(
            f"line {', '.join(broken)} is not NAME=value",
            where=str(path),
            next_step="write one variable a line, as in .env.example",
        )
    return tuple(binding.key for binding in bindings if binding.key)


def misspelt_variables(held: Iterable[str], *, known: Collection[str]) -> tuple[str, ...]:
    """Return a sentence for every variable that was probably meant to be one of ours.

    Args:
        held: names from the settings file; those of the process are looked at too.
        known: the names that mean something.
    """
    names = dict.fromkeys((*held, *os.environ))
    return tuple(filter(None, (_suspicion(name, known) for name in names)))


def _suspicion(name: str, known: Collection[str]) -> str | None:
    if name.upper() in known:
        return None
    near = difflib.get_close_matches(name.upper(), known, n=1, cutoff=_LIKENESS)
    if near:
        return f"{name} means nothing to SniperSight and is ignored; did you mean {near[0]}?"
    if name.upper().startswith(_PREFIX):
        return f"{name} means nothing to SniperSight and is ignored"
    return None


def _unreadable(path: Path, what: str) -> ConfigInvalid:
    return ConfigInvalid(
        f"the settings file cannot be used: {what}",
        where=str(path),
        next_step="name another file with --env, or copy .env.example",
    )
