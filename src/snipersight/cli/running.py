"""What `snipersight run` does once its words are understood."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from snipersight.bootstrap.sources import SourceChoice
from snipersight.cli.arguments import parse_as_of
from snipersight.cli.ending import Ending, end_now
from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import say
from snipersight.domain import wording as texts
from snipersight.domain.execution import Mode

if TYPE_CHECKING:
    from snipersight.bootstrap.running.asked import RunAsked
    from snipersight.bootstrap.running.process import RunSummary
    from snipersight.bootstrap.session import Surroundings


@dataclass(frozen=True, slots=True, kw_only=True)
class RunWords:
    """How a run was asked for, as the user wrote it."""

    source: SourceChoice
    profile: str
    symbols: str
    account: str | None
    notify: bool | None
    mode: str
    approve: bool
    confirm: str | None
    unproven: str | None
    time_scale: float
    at: str | None
    until: str | None
    workers: int
    env_file: Path | None


def perform_run(words: RunWords) -> ExitCode:
    """Run until a signal ends it, and sum up.

    Raises:
        ConfigInvalid: an option or setting is wrong, or orders must not be sent so.
        StateUnavailable: the store cannot be used.
        VenueUnavailable: the venue of the orders does not answer.
    """
    from snipersight.bootstrap.compile_cache import configure_compile_cache
    from snipersight.bootstrap.session import open_surroundings

    surroundings = open_surroundings(words.env_file)
    for warning in surroundings.warnings:
        say(f"warning: {warning}")
    # Before anything imports numba, which reads the folder once.
    configure_compile_cache(surroundings.home.path)
    from snipersight.bootstrap.running.warming import is_compiling

    asked = _asked(surroundings, words)
    with Ending() as ending:
        summary = asyncio.run(_run(surroundings, asked, ending))
    for line in summary_lines(summary):
        print(line)
    if is_compiling():
        end_now(ExitCode.OK)  # all is closed, and a compiler cannot be broken off
    return ExitCode.OK


def summary_lines(summary: RunSummary) -> list[str]:
    """Return what a run did, a line each."""
    closes, plans = texts.counted(summary.closes, "close"), texts.counted(summary.plans, "plan")
    executed = f"{summary.executed:,}" if summary.executed else "none"
    is_quiet = not (summary.plans or summary.executed)
    came_of_it = (
        ": no plan was approved." if is_quiet else f", approved {plans}, executed {executed}."
    )
    lines = [f"Scanned {closes}{came_of_it}"]
    if summary.late:
        lines.append(f"Cut short at the end: {', '.join(summary.late)}.")
    return lines


def _asked(surroundings: Surroundings, words: RunWords) -> RunAsked:
    from snipersight.bootstrap.known_accounts import check_account
    from snipersight.bootstrap.running.asked import RunAsked
    from snipersight.bootstrap.telling_choice import choose_telling

    telling = choose_telling(
        surroundings.settings,
        wanted=words.notify,
        is_practice=words.source.is_built_in,
        is_past=False,
        is_what_if=False,
    )
    for remark in telling.remarks:
        say(remark)
    return RunAsked(
        source=words.source,
        profile=words.profile,
        symbols=words.symbols,
        account=check_account(surroundings.settings, words.account),
        mode=Mode(words.mode),
        confirmed=words.confirm,
        unproven=words.unproven,
        tells=telling.is_wanted,
        approves=words.approve,
        workers=words.workers,
        env_file=words.env_file,
        time_scale=words.time_scale,
        at_ms=None if words.at is None else parse_as_of(words.at, where="--at"),
        until_ms=None if words.until is None else parse_as_of(words.until, where="--until"),
    )


async def _run(surroundings: Surroundings, asked: RunAsked, ending: Ending) -> RunSummary:
    from snipersight.bootstrap.running.opening import open_run
    from snipersight.bootstrap.running.process import RunProcess

    with ending.on_signals() as stop:
        async with open_run(surroundings, asked, say=say) as opened:
            return await RunProcess(opened, stop=stop).through()
