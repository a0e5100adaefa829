"""Notices that settings, profile or lists were changed: a running bot goes on with what it read."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from snipersight.bootstrap.accounts import FILE as ACCOUNTS_FILE
from snipersight.bootstrap.running.supervising import pause
from snipersight.bootstrap.settings import Settings, channels_file
from snipersight.storage.home import Home

_LOOK_S: Final = 5.0
_Contents = Mapping[Path, str]


class Changes:
    """Compares files with what they held when the bot began.

    Args:
        files: that it was set up from; they may be absent.
        tell: told of each change once; and that there is none any more.
    """

    def __init__(self, files: tuple[Path, ...], *, tell: Callable[[str], object]) -> None:
        self._tell: Final = tell
        self._began: Final[_Contents] = {path: _content(path) for path in files}
        self._seen: _Contents = self._began

    async def watch(self, stop: asyncio.Event) -> None:
        """Look every few seconds until it is stopped."""
        while not stop.is_set():
            await pause(_LOOK_S, stop=stop)
            await asyncio.to_thread(self.look)

    def look(self) -> None:
        """Tell what is new since the last look."""
        now = {path: _content(path) for path in self._began}
        for path, content in now.items():
            if content != self._seen[path]:
                self._tell(_sentence(path, is_back=content == self._began[path]))
        self._seen = now


def files_of(
    settings: Settings, home: Home, *, env_file: Path | None, profile: str
) -> tuple[Path, ...]:
    """Return the files that a running bot was set up from.

    Args:
        settings: of the bot.
        home: of the bot.
        env_file: that was named instead of the home's.
        profile: name of its profile.
    """
    return (
        env_file or home.path / ".env",
        home.profiles / f"{profile}.toml",
        home.watchlists,
        channels_file(settings),
        home.path / ACCOUNTS_FILE,
    )


def _content(path: Path) -> str:
    """Return a digest of a file; empty for one that is absent or cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def _sentence(path: Path, *, is_back: bool) -> str:
    if is_back:
        return f"{path} is again as it was when the bot began"
    return (
        f"{path} was changed; the bot goes on with what it read when it began. End it and start "
        "it again to take the change up: nothing is lost or told twice"
    )
