"""What `snipersight outcomes` does once its words are understood."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import say
from snipersight.domain import wording as texts

if TYPE_CHECKING:
    from snipersight.bootstrap.evidence.actual_reading import ActualCounts
    from snipersight.bootstrap.evidence.following import FollowCounts
    from snipersight.bootstrap.evidence.listing import OutcomeRow
    from snipersight.bootstrap.session import Surroundings
    from snipersight.bootstrap.session_events import SessionEvents
    from snipersight.bootstrap.sources import SourceChoice
    from snipersight.bootstrap.telemetry import Telemetry

SCHEMA: Final = "snipersight.outcomes/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeWords:
    """What is asked, as the user wrote it; None: any."""

    source: SourceChoice
    follows: bool
    limit: int
    status: str | None
    profile: str | None
    origin: str | None
    env_file: Path | None


def show_outcomes(words: OutcomeWords, *, as_json: bool) -> ExitCode:
    """Follow, unless it is not wanted, then print the newest signals with their ends.

    Raises:
        ConfigInvalid: the settings are wrong, or there is no such exchange.
        StateUnavailable: a store cannot be used.
    """
    from snipersight.bootstrap.compile_cache import configure_compile_cache
    from snipersight.bootstrap.session import open_surroundings
    from snipersight.bootstrap.session_events import open_session_events

    surroundings = open_surroundings(words.env_file)
    for warning in surroundings.warnings:
        say(f"warning: {warning}")
    configure_compile_cache(surroundings.home.path)
    code = ExitCode.OK
    events = open_session_events(surroundings)
    try:
        if words.follows and events.telemetry is not None:
            code = asyncio.run(_follow(words, surroundings, events, events.telemetry))
        rows = _rows(words, surroundings, events.telemetry)
    finally:
        events.close(say)
    _print(rows, as_json=as_json)
    return code


def _rows(
    words: OutcomeWords, surroundings: Surroundings, telemetry: Telemetry | None
) -> tuple[OutcomeRow, ...]:
    if telemetry is not None:
        return _newest(words, telemetry)
    from snipersight.bootstrap.telemetry import open_telemetry

    # Nothing is kept any more; what was kept before can still be read.
    with open_telemetry(surroundings.settings) as opened:
        return _newest(words, opened)


def _newest(words: OutcomeWords, telemetry: Telemetry) -> tuple[OutcomeRow, ...]:
    from snipersight.bootstrap.evidence.listing import newest_outcomes
    from snipersight.domain.evidence import Origin, OutcomeStatus

    return newest_outcomes(
        telemetry.evidence,
        limit=words.limit,
        origin=None if words.origin is None else Origin(words.origin),
        profile=words.profile,
        status=None if words.status is None else OutcomeStatus(words.status),
    )


async def _follow(
    words: OutcomeWords,
    surroundings: Surroundings,
    events: SessionEvents,
    telemetry: Telemetry,
) -> ExitCode:
    """Bring outcomes up to date; what cannot be followed now is said."""
    from snipersight.bootstrap.evidence.updating import update_outcomes
    from snipersight.cli.console import progress

    with progress() as show:
        followed, actual = await update_outcomes(
            surroundings,
            words.source,
            telemetry.evidence,
            sink=events.sink,
            progress=lambda done, total: show("following", done, total),
        )
    for line in _lines(followed, actual):
        say(line)
    return ExitCode.PARTIAL if followed.problems or followed.left else ExitCode.OK


def _lines(followed: FollowCounts, actual: Sequence[ActualCounts]) -> list[str]:
    turned = ", ".join(f"{count} {status}" for status, count in sorted(followed.turned.items()))
    lines = [f"Followed {texts.counted(followed.looked_at, 'signal')}: {turned or 'no news'}."]
    changed = sum(one.changed for one in actual)
    if changed:
        lines.append(f"Took {texts.counted(changed, 'result')} from real trades.")
    return [*lines, *(f"warning: {problem}" for problem in followed.problems)]


def _print(rows: tuple[OutcomeRow, ...], *, as_json: bool) -> None:
    from snipersight.cli.console import output
    from snipersight.cli.outcome_views import outcome_json, print_outcomes

    if as_json:
        values = {"schema": SCHEMA, "outcomes": [outcome_json(row) for row in rows]}
        print(json.dumps(values, indent=2, ensure_ascii=False))
    elif rows:
        print_outcomes(rows, output())
    else:
        print("No such signal is kept. A scan records its signals, and so does `replay`.")
