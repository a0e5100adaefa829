"""Which recorded candles a command is to read, as the user wrote it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from snipersight.cli.arguments import parse_as_of
from snipersight.cli.guard import say
from snipersight.domain.errors import ConfigInvalid

if TYPE_CHECKING:
    from snipersight.bootstrap.evidence.recorded import RecordedRequest
    from snipersight.bootstrap.evidence.venue_history import Exchange
    from snipersight.bootstrap.session import Surroundings


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedWords:
    """What is asked, as the user wrote it."""

    data: Path | None
    symbols: str
    profile: str
    start: str | None
    end: str | None
    instruments: Path | None
    env_file: Path | None
    exchange: str | None = None
    funding: Path | None = None


def recorded_request(words: RecordedWords, surroundings: Surroundings) -> RecordedRequest:
    """Return what is to be read; what the settings make of the profile is said.

    Raises:
        ConfigInvalid: source, profile, times or watch-lists are wrong.
    """
    from snipersight.bootstrap.environment import absolute
    from snipersight.bootstrap.evidence.recorded import RecordedRequest
    from snipersight.bootstrap.gate import within_limit
    from snipersight.bootstrap.profiles import load_profile
    from snipersight.bootstrap.watchlists import load_watchlists

    home = surroundings.home
    loaded = load_profile(words.profile, own_folder=home.profiles)
    profile, remarks = within_limit(loaded, surroundings.settings)
    for remark in remarks:
        say(f"warning: {remark}")
    return RecordedRequest(
        data=None if words.data is None else absolute(words.data),
        exchange=_exchange(words, surroundings),
        funding=None if words.funding is None else absolute(words.funding),
        instruments=words.instruments,
        profile=profile,
        symbols=words.symbols,
        start_ms=None if words.start is None else parse_as_of(words.start, where="--from"),
        end_ms=None if words.end is None else parse_as_of(words.end, where="--to"),
        watchlists=load_watchlists(home.watchlists),
    )


def _exchange(words: RecordedWords, surroundings: Surroundings) -> Exchange | None:
    """Return whose history is read; None for a folder's.

    Raises:
        ConfigInvalid: two sources are named, or none.
    """
    from snipersight.bootstrap.evidence.venue_history import Exchange
    from snipersight.bootstrap.sources import SourceChoice, stand_in_of

    SourceChoice(exchange=words.exchange, data=words.data, instruments=words.instruments)
    if words.data is None and words.exchange is None:
        raise ConfigInvalid(
            "no candles are named",
            where="--data",
            next_step="name a folder of Parquet candles (`snipersight data import` makes one) or "
            "an --exchange with a period",
        )
    if words.exchange is None:
        return None
    home = surroundings.home
    return Exchange(
        name=words.exchange,
        cache=home.cache() / "candles" if surroundings.is_writable else None,
        stand_in=stand_in_of(surroundings.settings),
    )
