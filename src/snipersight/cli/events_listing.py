"""What `snipersight events` and `snipersight events status` print."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from snipersight.cli.arguments import parse_as_of
from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import say
from snipersight.domain import wording
from snipersight.domain.errors import ConfigInvalid

if TYPE_CHECKING:
    from snipersight.bootstrap.event_sending import ExporterPlace
    from snipersight.bootstrap.settings import Settings
    from snipersight.domain.event_log import EventLog, StoredEvent

LIST_SCHEMA: Final = "snipersight.events-list/1"
STATUS_SCHEMA: Final = "snipersight.events-status/1"
_WIDTH: Final = 20  # of a type


def show_events(
    env_file: Path | None, *, kinds: Sequence[str], since: str | None, limit: int, as_json: bool
) -> ExitCode:
    """Print the newest events that match.

    Raises:
        ConfigInvalid: a setting, a type or the time is wrong.
        StateUnavailable: the database of telemetry cannot be used.
    """
    from snipersight.bot.telemetry.event_reading import newest_events

    types = types_of(kinds)
    since_us = None if since is None else parse_as_of(since, where="--since") * 1_000
    with open_log(env_file) as (_, log):
        found = newest_events(log, limit=limit, types=types, since_us=since_us)
    if as_json:
        told = [event_json(event) for event in found]
        print(json.dumps({"schema": LIST_SCHEMA, "events": told}, indent=2, ensure_ascii=False))
    else:
        print("\n".join([event_line(event) for event in found] or ["No event matches."]))
    return ExitCode.OK


def show_status(env_file: Path | None, *, as_json: bool) -> ExitCode:
    """Print how many events there are and where each exporter stands.

    Raises:
        ConfigInvalid: a setting is wrong.
        StateUnavailable: the database of telemetry cannot be used.
    """
    from snipersight.bootstrap.event_sending import places

    with open_log(env_file) as (settings, log):
        newest = log.newest()
        found = places(log, settings.event_exporters)
        last = log.after(max(0, newest - 1), limit=1)
    if as_json:
        print(json.dumps(status_json(newest, last, found), indent=2))
    else:
        print("\n".join(status_lines(newest, last, found)))
    return ExitCode.OK


@contextmanager
def open_log(env_file: Path | None) -> Iterator[tuple[Settings, EventLog]]:
    """Yield the settings and the log of events.

    Raises:
        ConfigInvalid: a setting is wrong.
        StateUnavailable: the database of telemetry cannot be used.
    """
    from snipersight.bootstrap.session import open_surroundings
    from snipersight.bootstrap.telemetry import open_telemetry

    surroundings = open_surroundings(env_file)
    for warning in surroundings.warnings:
        say(f"warning: {warning}")
    telemetry = open_telemetry(surroundings.settings)
    try:
        yield surroundings.settings, telemetry.events
    finally:
        telemetry.close()


def types_of(kinds: Sequence[str]) -> frozenset[str] | None:
    """Return the types that were named; None where none was.

    Raises:
        ConfigInvalid: there is no such type.
    """
    from snipersight.bot.telemetry.events import EventType

    known = {kind.value for kind in EventType}
    strange = [kind for kind in kinds if kind not in known]
    if strange:
        raise ConfigInvalid(
            f"{', '.join(strange)} is no type of event",
            where="--type",
            next_step=f"use one of {', '.join(sorted(known))}",
        )
    return frozenset(kinds) or None


def event_json(event: StoredEvent) -> dict[str, Any]:
    """Return an event with its place and key as JSON values."""
    named = {"key": event.key} if event.key else {}
    return {"seq": event.seq, **named, **json.loads(event.body)}


def event_line(event: StoredEvent) -> str:
    """Return an event on one line: time, type, fields."""
    fields = {k: v for k, v in json.loads(event.body).items() if k not in ("event", "at")}
    told = "  ".join(f"{name}={_short(value)}" for name, value in fields.items())
    return f"{_time(event.at_us)}  {event.event_type:<{_WIDTH}}  {told}".rstrip()


def status_lines(
    newest: int, last: Sequence[StoredEvent], found: Sequence[ExporterPlace]
) -> Iterator[str]:
    """Yield where the log and each exporter stand, a line each."""
    if not newest:
        yield "No event is stored yet."
    else:
        when = f", the newest of {_time(last[0].at_us)} UTC" if last else ""
        yield f"Events are stored up to place {newest:,}{when}."
    if not found:
        yield "EVENT_EXPORTERS names none: events stay in the database."
    for place in found:
        state = f"{place.behind:,} behind, at place {place.cursor:,}" if place.behind else "has all"
        busy = "; a process is sending to it" if place.is_claimed else ""
        yield f"  {place.name:<{_WIDTH - 2}} {state}{busy}"
    if any(place.behind and not place.is_claimed for place in found):
        yield "`snipersight events send` brings them what they lack."


def status_json(
    newest: int, last: Sequence[StoredEvent], found: Sequence[ExporterPlace]
) -> dict[str, Any]:
    """Return where the log and each exporter stand as JSON values."""
    return {
        "schema": STATUS_SCHEMA,
        "newest": newest,
        "newest_at": wording.iso_of(last[0].at_us // 1_000) if last else None,
        "exporters": [
            {
                "name": place.name,
                "cursor": place.cursor,
                "behind": place.behind,
                "is_claimed": place.is_claimed,
            }
            for place in found
        ],
    }


def _short(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    shown = "".join(letter if letter.isprintable() else "�" for letter in text)
    return json.dumps(shown, ensure_ascii=False) if " " in shown or not shown else shown


def _time(at_us: int) -> str:
    return f"{datetime.fromtimestamp(at_us / 1_000_000, UTC):%Y-%m-%d %H:%M:%S}"
