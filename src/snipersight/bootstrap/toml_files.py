"""Reading TOML with errors that name the file and the line."""

from __future__ import annotations

import tomllib
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from snipersight.domain.errors import ConfigInvalid


def read_toml(file: Path | Traversable) -> dict[str, Any]:
    """Return the document of a TOML file.

    Raises:
        ConfigInvalid: it cannot be read, is no UTF-8 text, or breaks TOML's syntax (with line).
    """
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigInvalid(
            f"not valid TOML: {error}", where=str(file), next_step="correct the line"
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigInvalid(
            "not UTF-8 text", where=str(file), next_step="save it as UTF-8"
        ) from error
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise ConfigInvalid(f"cannot be read: {reason}", where=str(file)) from error
