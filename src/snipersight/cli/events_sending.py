"""What `snipersight events send` does: it brings exporters what they lack and says what is left."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import say
from snipersight.domain import wording
from snipersight.domain.errors import ConfigInvalid

if TYPE_CHECKING:
    from types import FrameType

    from snipersight.bootstrap.event_sending import EventSending
    from snipersight.bot.telemetry.exporters.pump import Pumped


def run_send(env_file: Path | None, *, watch: bool, names: Sequence[str] | None) -> ExitCode:
    """Bring events to exporters and print how far they came.

    Args:
        env_file: settings file to read instead of the one in the home folder.
        watch: go on with what comes, until a signal ends it.
        names: only of these exporters; None: of those of the settings.

    Returns:
        0 if every exporter has everything or another process serves it, 3 if one lacks something,
        130 if it was broken off.

    Raises:
        ConfigInvalid: a setting is wrong, or there is no exporter.
        StateUnavailable: the database of telemetry cannot be used.
    """
    from snipersight.bootstrap.event_sending import open_sending
    from snipersight.bootstrap.session import open_surroundings

    surroundings = open_surroundings(env_file)
    for warning in surroundings.warnings:
        say(f"warning: {warning}")
    _require_exporters(names if names is not None else surroundings.settings.event_exporters)
    logs = surroundings.home.logs() if surroundings.is_writable else None
    with open_sending(surroundings.settings, logs=logs, names=names, tell=say) as sending:
        try:
            states = _watch(sending) if watch else sending.send()
        except KeyboardInterrupt:
            return ExitCode.INTERRUPTED
    for state in states:
        print(sent_line(state))
    return exit_code_of(states, is_watch=watch)


def sent_line(state: Pumped) -> str:
    """Return what became of one exporter."""
    sent = f"{state.name}: {wording.counted(state.exported, 'event')}"
    if state.is_elsewhere:
        return f"{sent}; another process serves it."
    if state.problem:
        again = "once that is mended, send again" if state.is_refused else "the rest waits"
        return f"{sent}; {again}: {state.problem}"
    if state.busy_since:
        return f"{sent}; it hangs, the rest waits."
    return f"{sent}."


def exit_code_of(states: Sequence[Pumped], *, is_watch: bool) -> ExitCode:
    """Return 3 if an exporter lacks something that nobody brings it."""
    lacking = [one for one in states if not (one.is_done or one.is_elsewhere or is_watch)]
    failing = [one for one in states if one.problem or one.busy_since]
    return ExitCode.PARTIAL if lacking or failing else ExitCode.OK


def _require_exporters(names: Sequence[str]) -> None:
    if not names:
        raise ConfigInvalid(
            "EVENT_EXPORTERS names no exporter: there is nowhere to send events to",
            where="settings",
            next_step="set EVENT_EXPORTERS=jsonl, or name one with --exporter",
        )


def _watch(sending: EventSending) -> tuple[Pumped, ...]:
    end = threading.Event()
    say("Sending events as they come; Ctrl-C ends it.")
    with _ended_by_signals(end):
        return sending.watch(end)


@contextmanager
def _ended_by_signals(end: threading.Event) -> Iterator[None]:
    """Set the event when the user or the system asks the process to end."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        end.set()

    before = [(one, signal.signal(one, stop)) for one in (signal.SIGINT, signal.SIGTERM)]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)
