"""What `snipersight replay` does once its words are understood."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.to_end import run_to_end
from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import say
from snipersight.cli.recorded_words import RecordedWords, recorded_request
from snipersight.domain import wording as texts
from snipersight.domain.errors import ConfigInvalid

if TYPE_CHECKING:
    from snipersight.bootstrap.evidence.recorded import RecordedRequest
    from snipersight.bootstrap.evidence.replay import ReplaySummary
    from snipersight.bootstrap.session import Surroundings
    from snipersight.bootstrap.sources import SourceChoice

SCHEMA: Final = "snipersight.replay/1"


def required_data(source: SourceChoice, *, shows_all: bool) -> Path:
    """Return the folder whose signals are kept; nothing else can be read again as a whole.

    Raises:
        ConfigInvalid: none is named, or something is that belongs to one SYMBOL.
    """
    if source.data is None or shows_all:
        raise ConfigInvalid(
            "neither a market to step through nor a folder of candles is named"
            if source.data is None
            else "--all prints the steps of one market, and none is named",
            where="replay",
            next_step="name a market (snipersight replay BTC/USDT:USDT), or --data DIR alone",
        )
    return source.data


def perform_replay(words: RecordedWords, *, as_json: bool) -> ExitCode:
    """Replay, print what it gave, and return how it went.

    Raises:
        ConfigInvalid: an option or setting is wrong.
        NoData: the folder holds no candles.
        StateUnavailable: the store of telemetry cannot be used.
    """
    from snipersight.bootstrap.compile_cache import configure_compile_cache
    from snipersight.bootstrap.session import open_surroundings

    surroundings = open_surroundings(words.env_file)
    for warning in surroundings.warnings:
        say(f"warning: {warning}")
    if not surroundings.settings.analytics_enabled:
        raise ConfigInvalid(
            "a replay keeps signals, and nothing is to be kept",
            where="ANALYTICS_ENABLED=false",
            next_step="set ANALYTICS_ENABLED=true for it",
        )
    cache = configure_compile_cache(surroundings.home.path)
    request = recorded_request(words, surroundings)
    if cache.is_cold:
        say("Compiling the detectors for the first time, about 20 s …")
    summary = _replayed(request, surroundings)
    cache.remember_warm()
    for symbol, reason in summary.unread:
        say(f"warning: {symbol} could not be read: {reason}")
    if as_json:
        print(json.dumps(_json(summary), indent=2, ensure_ascii=False))
    else:
        print("\n".join(_lines(summary)))
    if summary.unread:
        return ExitCode.PARTIAL if summary.symbols else ExitCode.NO_SOURCE
    return ExitCode.OK


def _replayed(request: RecordedRequest, surroundings: Surroundings) -> ReplaySummary:
    from snipersight.bootstrap.evidence.replay import replay
    from snipersight.bootstrap.telemetry import open_telemetry
    from snipersight.cli.console import progress

    settings = surroundings.settings
    with open_telemetry(settings) as telemetry, progress() as show:
        return run_to_end(replay(request, settings, telemetry.evidence, progress=show))


def _lines(summary: ReplaySummary) -> Iterator[str]:
    span = f"{texts.minute_of(summary.from_ms)} to {texts.minute_of(summary.to_ms)} UTC"
    known = summary.signals - summary.new
    again = f", {known:,} of them kept before" if known else ""
    yield f"Replayed {texts.counted(summary.symbols, 'symbol')}, {span}."
    yield f"{texts.counted(summary.signals, 'signal')}{again}."
    if not summary.signals:
        return
    yield f"Verdicts: {_listed(summary.verdicts)}."
    yield f"Outcomes: {_listed(summary.statuses)}."
    yield "What they were worth: snipersight stats --origin replay"


def _listed(counts: Mapping[str, int]) -> str:
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{count:,} {name}" for name, count in ordered)


def _json(summary: ReplaySummary) -> dict[str, object]:
    return {
        "schema": SCHEMA,
        "symbols": summary.symbols,
        "from": texts.iso_of(summary.from_ms),
        "to": texts.iso_of(summary.to_ms),
        "signals": summary.signals,
        "new": summary.new,
        "verdicts": dict(summary.verdicts),
        "outcomes": dict(summary.statuses),
        "funnel": dict(summary.funnel),
        "unread": [{"symbol": symbol, "reason": reason} for symbol, reason in summary.unread],
    }
