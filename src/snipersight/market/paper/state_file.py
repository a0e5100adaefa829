"""What a simulated venue must not forget, in one private file that is replaced whole."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from snipersight.domain.errors import StateUnavailable

_SCHEMA: Final = "snipersight.paper/1"
_FILE_MODE: Final = 0o600
_FOLDER_MODE: Final = 0o700


class PaperFile:
    """The state of one paper account at one venue.

    Args:
        path: of the file; its folder is made when something is first saved.
    """

    def __init__(self, path: Path) -> None:
        self.path: Final = path

    def load(self) -> Mapping[str, Any] | None:
        """Return what was saved last; None where nothing was.

        Raises:
            StateUnavailable: the file cannot be read, or is not what was written.
        """
        try:
            text = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise self._problem(f"cannot be read: {error}") from error
        return self._checked(text)

    def save(self, state: Mapping[str, Any]) -> None:
        """Replace what is saved; after a crash the file holds the old or the new state whole.

        Raises:
            StateUnavailable: it cannot be written; what was saved before still is.
        """
        body = _canonical(state)
        head = f'{{"schema": "{_SCHEMA}", "sha256": "{_digest(body)}", "state": '
        beside = self.path.with_name(f".{self.path.name}.{secrets.token_hex(4)}")
        try:
            self.path.parent.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
            _write_private(beside, b"".join((head.encode(), body, b"}")))
            beside.replace(self.path)
        except OSError as error:
            with suppress(OSError):
                beside.unlink()
            raise self._problem(f"cannot be written: {error.strerror or error}") from error

    def _checked(self, text: str) -> Mapping[str, Any]:
        try:
            held = json.loads(text)
            state, digest = held["state"], held["sha256"]
            is_ours = held["schema"] == _SCHEMA and digest == _digest(_canonical(state))
        except (ValueError, KeyError, TypeError) as error:
            raise self._problem("is damaged") from error
        if not is_ours or not isinstance(state, dict):
            raise self._problem("is damaged, or of another version")
        return state

    def _problem(self, what: str) -> StateUnavailable:
        return StateUnavailable(
            f"the paper account's file {what}",
            where=str(self.path),
            next_step="restore the file, or remove it to begin again with an empty venue",
        )


def _canonical(state: Mapping[str, Any]) -> bytes:
    return json.dumps(state, sort_keys=True, separators=(",", ":")).encode()


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _write_private(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _FILE_MODE)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
