"""Where the home folder is: the one answer that settings, caches and logs start from."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

HOME_VARIABLE: Final = "SNIPERSIGHT_HOME"
_DEFAULT_FOLDER: Final = ".snipersight"


def home_path(environ: Mapping[str, str] | None = None) -> Path:
    """Return `SNIPERSIGHT_HOME` as an absolute path, `~/.snipersight` if it is unset or empty.

    Args:
        environ: the environment to read; the process's own by default.
    """
    named = (os.environ if environ is None else environ).get(HOME_VARIABLE, "").strip()
    return absolute(named) if named else Path.home() / _DEFAULT_FOLDER


def absolute(path: str | Path) -> Path:
    """Return a path the user wrote as an absolute one, with `~` expanded."""
    return Path(path).expanduser().absolute()
