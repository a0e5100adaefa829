"""Near matches for names a user mistyped."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def did_you_mean(name: str, known: Iterable[str], *, lister: str = "") -> str:
    """Return what to type instead: the nearest names, or all of them where none is near.

    Args:
        name: what was typed.
        known: what would have been right.
        lister: a command that lists them, mentioned if given.
    """
    choices = list(known)
    near = difflib.get_close_matches(name.lower(), choices, n=3, cutoff=0.6)
    said = f"did you mean {' or '.join(near)}?" if near else f"use one of {', '.join(choices)}"
    if not lister:
        return said
    return f"{said}{'' if near else ';'} `{lister}` lists them"
