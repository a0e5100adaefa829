"""What `snipersight replay SYMBOL` does once its words are understood."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.sources import SourceChoice
from snipersight.cli.arguments import parse_as_of, require_symbol
from snipersight.cli.exits import ExitCode
from snipersight.cli.opening import ScanOptions, open_for
from snipersight.domain.errors import ConfigInvalid

if TYPE_CHECKING:
    from snipersight.bootstrap.evidence.stepping import SteppingRequest
    from snipersight.bootstrap.session import Session
    from snipersight.engine.stepping.stepper import Stepper

BARS: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class SteppingWords:
    """What is asked, as the user wrote it."""

    symbol: str
    symbols: str | None
    source: SourceChoice
    profile: str
    start: str | None
    end: str | None
    env_file: Path | None


def perform_stepping(words: SteppingWords, *, shows_all: bool, as_json: bool) -> ExitCode:
    """Step through one market: by keys on a terminal, all at once everywhere else.

    Args:
        words: what the user wrote.
        shows_all: print every step without asking for keys.
        as_json: print every step as one line of JSON.

    Returns:
        0; 4 where the account's ledger cannot be used, so that nothing could be approved.

    Raises:
        ConfigInvalid: symbol, period, profile or source are wrong.
        UnknownSymbol: the source does not list the symbol.
        DataInvalid, VenueUnavailable: the candles cannot be read.
    """
    asked = _request(words)
    session = open_for(
        ScanOptions(
            source=words.source,
            profile=words.profile,
            symbols=asked.symbol,
            as_of=words.end,
            env_file=words.env_file,
        ),
        is_preview=True,
    )
    asyncio.run(_stepped(session, asked, shows_all=shows_all, as_json=as_json))
    return ExitCode.NO_STORE if session.books is None else ExitCode.OK


def _request(words: SteppingWords) -> SteppingRequest:
    from snipersight.bootstrap.evidence.stepping import SteppingRequest

    if words.symbols is not None:
        raise ConfigInvalid(
            f"{words.symbol} is one market, --symbols names several",
            where="--symbols",
            next_step="leave out the one or the other",
        )
    return SteppingRequest(
        symbol=require_symbol(words.symbol),
        start_ms=None if words.start is None else parse_as_of(words.start, where="--from"),
        end_ms=None if words.end is None else parse_as_of(words.end, where="--to"),
        bars=BARS,
    )


async def _stepped(
    session: Session, asked: SteppingRequest, *, shows_all: bool, as_json: bool
) -> None:
    from snipersight.bootstrap.evidence.stepping import open_stepping

    try:
        stepper = await open_stepping(session, asked)
        await stepper.step(0)  # which compiles what is not compiled yet
        session.compile_cache.remember_warm()
        is_terminal = sys.stdin.isatty() and sys.stdout.isatty()
        if as_json:
            await _print_json(stepper)
        elif shows_all or not is_terminal:
            await _print_all(stepper)
        else:
            from snipersight.cli.step_walking import walk

            await walk(stepper, _heading(session, stepper))
    finally:
        await session.close()


async def _print_all(stepper: Stepper) -> None:
    from snipersight.cli.console import output
    from snipersight.cli.step_text import step_lines

    console = output()
    for index in range(len(stepper)):
        step = await stepper.step(index)
        for line in step_lines(step, len(stepper)):
            console.print(line, soft_wrap=True)


async def _print_json(stepper: Stepper) -> None:
    from snipersight.cli.step_json import step_json

    for index in range(len(stepper)):
        step = await stepper.step(index)
        print(json.dumps(step_json(step), ensure_ascii=False), flush=True)


def _heading(session: Session, stepper: Stepper) -> str:
    from snipersight.domain.wording import counted, minute_of

    profile = session.request.profile
    frames = profile.timeframes
    first, last = minute_of(stepper.close_ms(0)), minute_of(stepper.close_ms(len(stepper) - 1))
    return (
        f"{session.request.symbols} · {session.source.venue} · profile {profile.name} "
        f"({frames.bias}/{frames.zone}/{frames.trigger}) · "
        f"{counted(len(stepper), 'close')}, {first} to {last} UTC"
    )
