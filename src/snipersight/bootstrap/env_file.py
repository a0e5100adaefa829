"""The settings file: readable as a whole, with names that mean something to us."""

from __future__ import annotations

import difflib
import os
from collections.abc import Collection, Iterable
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class SuspiciousNames:
    """Names that look like ours and are not, one sentence each.

    Args:
        misspelt: meant to be one of ours, beyond reasonable doubt.
        unknown: perhaps somebody else's; they stop nothing.
    """

    misspelt: tuple[str, ...]
    unknown: tuple[str, ...]


def suspicious_names(
    held: Iterable[str], *, known: Collection[str], limits: Collection[str]
) -> SuspiciousNames:
    """Return the names that were probably meant to be one of ours.

    The settings file is the user's own, so a near miss in it is a mistake. The process's variables
    are everybody's (`LOGLEVEL`): there only a near miss of a limit is one, and of what begins with
    `SNIPERSIGHT_`. A limit that silently does not hold is worse than a refusal to start.

    Args:
        held: names from the settings file; those of the process are looked at too.
        known: the names that mean something.
        limits: those of them that limit risk.
    """
    own = dict.fromkeys(held)
    misspelt = [_near_miss(name, known) for name in own]
    unknown: list[str] = []
    for name in os.environ:
        if name in own:
            continue
        is_ours = name.upper().startswith(_PREFIX) or _near(name, known) in limits
        (misspelt if is_ours else unknown).append(_near_miss(name, known))
    unknown += [_nobody(name, known) for name in dict.fromkeys((*own, *os.environ))]
    return SuspiciousNames(tuple(filter(None, misspelt)), tuple(filter(None, unknown)))


def _near(name: str, known: Collection[str]) -> str:
    if name.upper() in known:
        return ""
    near = difflib.get_close_matches(name.upper(), known, n=1, cutoff=_LIKENESS)
    return near[0] if near else ""


def _near_miss(name: str, known: Collection[str]) -> str:
    near = _near(name, known)
    return f"{name} means nothing to SniperSight; did you mean {near}?" if near else ""


def _nobody(name: str, known: Collection[str]) -> str:
    is_strange = name.upper().startswith(_PREFIX) and name.upper() not in known
    return f"{name} means nothing to SniperSight" if is_strange and not _near(name, known) else ""


def _unreadable(path: Path, what: str) -> ConfigInvalid:
    return ConfigInvalid(
        f"the settings file cannot be used: {what}",
        where=str(path),
        next_step="name another file with --env, or copy .env.example",
    )
