"""Documents of JSON that are kept for good: whole or not there, and never passed over if damaged."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from snipersight.domain.errors import StateUnavailable
from snipersight.storage.home import make_private_folder
from snipersight.storage.new_files import take_place, written_whole

_PART: Final = ".part-"


def write_kept(target: Path, document: Mapping[str, object], *, what: str) -> None:
    """Write a document in place of the one before, with its folder if that is absent.

    Args:
        target: its file.
        document: what JSON can hold.
        what: it is, `the run`, for the error.

    Raises:
        StateUnavailable: it cannot be written.
        ValueError: a number in it is none.
    """
    text = json.dumps(document, allow_nan=False)
    make_private_folder(target.parent)
    try:
        with written_whole(target.parent, prefix=_PART) as part:
            part.write_text(text + "\n", encoding="utf-8")
            take_place(part, target)
    except OSError as error:
        raise StateUnavailable(
            f"{what} cannot be kept: {(error.strerror or type(error).__name__).lower()}",
            where=str(target),
            next_step="set SNIPERSIGHT_HOME to a folder you can write to, with room for it",
        ) from error


def read_kept(file: Path, *, damaged: StateUnavailable) -> dict[str, Any]:
    """Return a document.

    Args:
        file: where it is.
        damaged: what is raised where it is no object of JSON, or cannot be read.

    Raises:
        StateUnavailable: that.
    """
    try:
        held = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise damaged from error
    if not isinstance(held, dict):
        raise damaged
    return held
