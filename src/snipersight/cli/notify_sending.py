"""What `snipersight notify send` does: it drains the outbox and says what is left in it."""

from __future__ import annotations

import asyncio
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import say
from snipersight.cli.notify_opening import open_notify, require_channels
from snipersight.domain import wording
from snipersight.domain.errors import ConfigInvalid

if TYPE_CHECKING:
    from snipersight.bootstrap.notifying import Notifying
    from snipersight.bot.notifications.sending.send_report import SendCounts, SendReport
    from snipersight.domain.outbox import StoppedLane

_TIME: Final = re.compile(r"(\d{1,5})([smh])")
_UNITS_S: Final = {"s": 1, "m": 60, "h": 3600}


def run_send(env_file: Path | None, *, watch: bool, limit: str | None) -> ExitCode:
    """Send what waits and print what became of it.

    Args:
        env_file: settings file to read instead of the one in the home folder.
        watch: go on with what comes, until the time is over or a signal ends it.
        limit: how long, as the user wrote it; None: as long as it takes.

    Returns:
        0 if everything was sent, or another process sends; 3 if something waits, takes nothing
        or was given up; of a watch only the latter two; 130 if it was broken off.

    Raises:
        ConfigInvalid: a setting is wrong, or no channel is configured.
        StateUnavailable: the store cannot be used.
    """
    deadline_s = None if limit is None else seconds_of(limit)
    with open_notify(env_file) as notifying:
        require_channels(notifying)
        if watch:
            say("Sending what comes; Ctrl-C ends it.")
        report, is_interrupted = asyncio.run(_send(notifying, watch=watch, deadline_s=deadline_s))
        stopped = notifying.outbox.stopped()
        unworded = notifying.notices_waiting()
    for line in report_lines(report, stopped, unworded=unworded):
        print(line)
    if is_interrupted and not watch:
        return ExitCode.INTERRUPTED
    if report.is_elsewhere:
        return ExitCode.OK
    is_left = bool(report.waiting) and not watch
    return ExitCode.PARTIAL if stopped or report.buried or is_left else ExitCode.OK


def seconds_of(text: str) -> float:
    """Return how long `90s`, `5m` or `2h` is, in seconds.

    Raises:
        ConfigInvalid: it is none of these, or 0.
    """
    match = _TIME.fullmatch(text.strip())
    seconds = int(match.group(1)) * _UNITS_S[match.group(2)] if match else 0
    if seconds < 1:
        raise ConfigInvalid(
            f"{text!r} is no length of time", where="--for", next_step="write it as 90s, 5m or 2h"
        )
    return float(seconds)


def report_lines(
    report: SendReport, stopped: tuple[StoppedLane, ...], *, unworded: int
) -> Iterator[str]:
    """Yield what was sent, what waits, and what to do about it, a line each."""
    if report.is_elsewhere:
        yield "Another SniperSight sends from this database; what waits is left to it."
    yield f"Sent {wording.counted(report.sent, 'message')}{_beside(report)}."
    if report.waiting:
        yield f"Still waiting: {wording.counted(report.waiting, 'message')}, see `snipersight notify queue`."
    if unworded:
        yield f"{wording.counted(unworded, 'notice')} not worded yet; a scan may hold them back."
    for lane in stopped:
        yield f"{lane.channel}:{lane.address or '*'} takes nothing: {lane.error}"
    if stopped:
        yield "Once the cause is gone: `snipersight notify retry`, then `snipersight notify send`."


async def _send(
    notifying: Notifying, *, watch: bool, deadline_s: float | None
) -> tuple[SendReport, bool]:
    """Return what was sent, and whether a signal broke it off."""
    from snipersight.cli.console import progress

    signals: list[int] = []
    troubles: list[int] = []

    def stop(number: int) -> None:
        signals.append(number)
        notifying.request_stop()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop, number)
    try:
        with progress() as show:

            def on_progress(counts: SendCounts) -> None:
                show("sending", counts.sent, 0)
                if counts.retried and not troubles:
                    troubles.append(counts.retried)
                    say("Something did not get through; it is tried again after growing pauses.")

            report = await notifying.deliver(
                deadline_s, until_empty=not watch, on_progress=on_progress
            )
    finally:
        await notifying.close()
    return report, bool(signals)


def _beside(report: SendReport) -> str:
    parts = (
        (report.retried, "attempt failed", "attempts failed"),
        (report.ambiguous, "of them may have arrived", "of them may have arrived"),
        (report.buried, "was given up", "were given up"),
    )
    told = [f"{count:,} {one if count == 1 else many}" for count, one, many in parts if count]
    return f"; {', '.join(told)}" if told else ""
