"""The home folder: cache, logs, charts and keys of one user, private to that user."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from snipersight.domain.errors import StateUnavailable

PRIVATE_FOLDER_MODE: Final = 0o700
_NEXT_STEP: Final = "set SNIPERSIGHT_HOME to a folder you can write to"


@dataclass(frozen=True, slots=True)
class Home:
    """One `SNIPERSIGHT_HOME`; sub-folders are created when they are first asked for.

    Args:
        path: absolute path of the home folder; it need not exist yet.

    Every method that creates something raises `StateUnavailable` where the folder is missing and
    cannot be made, is read-only, or is a file.
    """

    path: Path

    def cache(self) -> Path:
        """Return the folder of what can be fetched or computed again."""
        return self._folder("cache")

    def logs(self) -> Path:
        """Return the folder of the structured logs."""
        return self._folder("logs")

    def charts(self) -> Path:
        """Return the folder of pictures nobody named a place for."""
        return self._folder("charts")

    def reports(self) -> Path:
        """Return the folder of reports nobody named a place for."""
        return self._folder("reports")

    def keys(self) -> Path:
        """Return the folder of signing keys."""
        return self._folder("keys")

    @property
    def backtests(self) -> Path:
        """Return where the backtests that were made are kept; the folder may be absent."""
        return self.path / "backtests"

    @property
    def profiles(self) -> Path:
        """Return where the user's own profiles lie; the folder may be absent."""
        return self.path / "profiles"

    @property
    def watchlists(self) -> Path:
        """Return the file of named watch-lists; it may be absent."""
        return self.path / "watchlists.toml"

    @property
    def env_file(self) -> Path:
        """Return the settings file; it may be absent."""
        return self.path / ".env"

    def problem(self) -> StateUnavailable | None:
        """Return why nothing can be written here, or None if it can.

        Trying is the only sure test: permission bits say nothing about a read-only mount.
        """
        try:
            make_private_folder(self.path)
            with tempfile.TemporaryFile(dir=self.path):
                return None
        except StateUnavailable as error:
            return error
        except OSError as error:
            return _unusable(self.path, error)

    def _folder(self, name: str) -> Path:
        make_private_folder(self.path)
        return make_private_folder(self.path / name)


def make_private_folder(path: Path) -> Path:
    """Create a folder that only its owner can enter, with its parents, and return it.

    An existing folder keeps the permissions its owner gave it.

    Raises:
        StateUnavailable: it cannot be created, or is not a folder.
    """
    try:
        path.mkdir(mode=PRIVATE_FOLDER_MODE, parents=True, exist_ok=True)
    except OSError as error:
        raise _unusable(path, error) from error
    return path


def _unusable(path: Path, error: OSError) -> StateUnavailable:
    reason = error.strerror or type(error).__name__
    return StateUnavailable(
        f"cannot write to the home folder: {reason.lower()}", where=str(path), next_step=_NEXT_STEP
    )
