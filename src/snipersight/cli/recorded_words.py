"""Which recorded candles a command is to read, as the user wrote it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from snipersight.cli.arguments import parse_as_of
from snipersight.cli.guard import say

if TYPE_CHECKING:
    from snipersight.bootstrap.evidence.recorded import RecordedRequest
    from snipersight.bootstrap.session import Surroundings


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedWords:
    """What is asked, as the user wrote it."""

    data: Path
    symbols: str
    profile: str
    start: str | None
    end: str | None
    instruments: Path | None
    env_file: Path | None


def recorded_request(words: RecordedWords, surroundings: Surroundings) -> RecordedRequest:
    """Return what is to be read; what the settings make of the profile is said.

    Raises:
        ConfigInvalid: profile, times or watch-lists are wrong.
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
        data=absolute(words.data),
        instruments=words.instruments,
        profile=profile,
        symbols=words.symbols,
        start_ms=None if words.start is None else parse_as_of(words.start, where="--from"),
        end_ms=None if words.end is None else parse_as_of(words.end, where="--to"),
        watchlists=load_watchlists(home.watchlists),
    )
