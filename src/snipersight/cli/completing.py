"""What the Tab key offers where names are the user's own: profiles, accounts, watch-lists.

Only names of files and keys of TOML are looked at. A file that cannot be read offers nothing: the
command itself says what is wrong with it, and a shell in the middle of a line is no place for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from snipersight.bootstrap.account_names import MAIN, PRACTICE
from snipersight.bootstrap.environment import home_path

_UNIVERSES: Final = ("top20", "top50", "top100", "all")
_SUFFIX: Final = ".toml"


def profile_names(incomplete: str) -> list[str]:
    """Return the profiles that begin so, shipped ones and the user's own."""
    shipped = (entry.name for entry in files("snipersight.profiles").iterdir())
    own = (path.name for path in _listed(home_path() / "profiles"))
    names = (name for name in (*shipped, *own) if name.endswith(_SUFFIX))
    return _beginning(incomplete, (name.removesuffix(_SUFFIX) for name in names))


def account_names(incomplete: str) -> list[str]:
    """Return the accounts that begin so, those of `accounts.toml` included."""
    named = _table(home_path() / "accounts.toml").get("accounts", {})
    return _beginning(incomplete, (MAIN, PRACTICE, *(named if isinstance(named, dict) else ())))


def symbol_lists(incomplete: str) -> list[str]:
    """Return the kinds of lists, and the user's watch-lists, that begin so."""
    own = (f"@{name}" for name in _table(home_path() / "watchlists.toml"))
    return _beginning(incomplete, (*_UNIVERSES, *own))


def _beginning(incomplete: str, names: Iterable[str]) -> list[str]:
    return sorted({name for name in names if name.startswith(incomplete)})


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _table(path: Path) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # absent, unreadable, or no TOML
        return {}
