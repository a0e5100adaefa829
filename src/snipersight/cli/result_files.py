"""Files that a result goes to, looked at before it is worked for."""

from __future__ import annotations

import os
from pathlib import Path

from snipersight.bootstrap.environment import absolute
from snipersight.domain.errors import ConfigInvalid


def require_writable(path: Path | None, *, option: str, suffix: str = "") -> None:
    """Refuse a place that a result of hours could not be written to.

    Args:
        path: as the user named it; None: nothing is written.
        option: that names it.
        suffix: that it must have; empty: any.

    Raises:
        ConfigInvalid: the file has another suffix, or nothing can be written there.
    """
    if path is None:
        return
    if suffix and path.suffix.lower() != suffix:
        raise ConfigInvalid(
            f"{path.name} does not end in {suffix}",
            where=option,
            next_step=f"name a file that ends in {suffix}",
        )
    target = absolute(path)
    if not os.access(target.parent, os.W_OK) or target.is_dir():
        raise ConfigInvalid(
            f"no file can be written to {path}",
            where=option,
            next_step="name a file in a folder that is there and that you can write to",
        )
