"""Files that only their owner can read."""

from __future__ import annotations

import contextlib
import os
from typing import Final

PRIVATE_FILE_MODE: Final = 0o600


def private_opener(path: str, flags: int) -> int:
    """Open a file so that only its owner can read it; for `open(…, opener=private_opener)`.

    A file with wider permissions is narrowed: it may have been made by hand.
    """
    descriptor = os.open(path, flags, PRIVATE_FILE_MODE)
    with contextlib.suppress(PermissionError):  # another user's file: theirs to protect
        os.fchmod(descriptor, PRIVATE_FILE_MODE)
    return descriptor
