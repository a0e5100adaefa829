"""Which code decided: one hash over the source of everything that a verdict passes through."""

from __future__ import annotations

import hashlib
import importlib
import re
from functools import cache
from typing import Final

_JUDGE: Final = "snipersight.risk.gate"
# Read off the text: a module that only a constant comes from leaves no other trace.
_IMPORT: Final = re.compile(r"^\s*(?:from|import) (snipersight\.[\w.]+)", re.MULTILINE)


@cache
def code_hash(*judges: str) -> str:
    """Return a hash of code and of all of ours that it uses, 16 hex digits.

    Two verdicts with it equal were reached by the same code; a new comment changes it too.

    Args:
        judges: names of modules; the gate's where none is given.
    """
    digest = hashlib.sha256()
    for name, source in sorted(judging_code(*judges).items()):
        digest.update(f"{name}\n{source}\n".encode())
    return digest.hexdigest()[:16]


def judging_code(*judges: str) -> dict[str, str]:
    """Return the source of modules, and of every module of ours they build on, by name.

    A module that is installed without its source counts with its name alone.

    Args:
        judges: their names; the gate's where none is given.
    """
    found: dict[str, str] = {}
    waiting = list(judges) or [_JUDGE]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = _source(name)
            waiting.extend(_IMPORT.findall(found[name]))
    return found


def _source(name: str) -> str:
    read = getattr(importlib.import_module(name).__loader__, "get_source", None)
    source: str | None = read(name) if read else None
    return source or ""
