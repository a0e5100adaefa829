"""What tells, open for a command of `snipersight notify`, with what the user should know on stderr."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from snipersight.cli.guard import say
from snipersight.cli.notify_testing import NO_CHANNEL
from snipersight.domain.errors import ConfigInvalid

if TYPE_CHECKING:
    from snipersight.bootstrap.notifying import Notifying


@contextmanager
def open_notify(env_file: Path | None) -> Iterator[Notifying]:
    """Yield what tells the chats of the settings, from the database they name.

    Raises:
        ConfigInvalid: a setting or `channels.toml` is wrong.
        StateUnavailable: the database cannot be used.
    """
    from snipersight.bootstrap.notifying import open_notifying, open_outbox_database
    from snipersight.bootstrap.session import open_surroundings

    surroundings = open_surroundings(env_file)
    for warning in surroundings.warnings:
        say(f"warning: {warning}")
    with open_outbox_database(surroundings.settings) as database:
        notifying = open_notifying(surroundings.settings, database)
        for problem in notifying.problems:
            say(f"warning: {problem}")
        yield notifying


def require_channels(notifying: Notifying) -> None:
    """Make sure that somebody can be told.

    Raises:
        ConfigInvalid: nobody can; what waits goes on waiting.
    """
    if not notifying.has_channels:
        raise ConfigInvalid(
            "no notification channel is configured", where="settings", next_step=NO_CHANNEL
        )
