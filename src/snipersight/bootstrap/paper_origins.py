"""Which prices a paper account lives by: written into its file, read when it is opened again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from snipersight.bootstrap.environment import absolute
from snipersight.bootstrap.settings import Settings
from snipersight.bootstrap.sources import SourceChoice
from snipersight.domain.errors import StateUnavailable
from snipersight.domain.venues import BUILT_IN_VENUE
from snipersight.market.paper.state_file import PaperFile
from snipersight.market.paper.world import origin_of

_SEED: Final = 7
FOLDER: Final = "paper"


def paper_file(settings: Settings, account_id: str, venue: str) -> PaperFile:
    """Return where an account's simulated venue is kept."""
    return PaperFile(settings.snipersight_home / FOLDER / f"{account_id}-{venue}.json")


def origin_text(choice: SourceChoice) -> str:
    """Return a choice of source as one text, the same for the same prices."""
    if choice.is_built_in:
        return f"built-in market {_SEED if choice.seed is None else choice.seed}"
    if choice.exchange is not None:
        return f"exchange {choice.exchange}"
    rules = None if choice.instruments is None else str(absolute(choice.instruments))
    return f"files {json.dumps([str(absolute(choice.data or '.')), rules])}"


def choice_of(settings: Settings, account_id: str, venue: str) -> SourceChoice:
    """Return the source that an account's simulated venue lives by.

    One that has never traded takes the venue's own public prices.

    Raises:
        StateUnavailable: the file cannot be read.
    """
    file = paper_file(settings, account_id, venue)
    saved = origin_of(file)
    if saved is None:
        return _usual(venue)
    kind, _, rest = saved.partition(" ")
    if kind == "exchange":
        return SourceChoice(exchange=rest)
    if kind == "files":
        data, rules = json.loads(rest)
        return SourceChoice(data=Path(data), instruments=None if rules is None else Path(rules))
    seed = rest.rpartition(" ")[2]
    if not seed.isdecimal():
        raise StateUnavailable(
            f"the paper account lives by {saved!r}, which means nothing here",
            where=str(file.path),
            next_step="restore the file, or remove it to begin again with an empty venue",
        )
    return SourceChoice(seed=int(seed))


def _usual(venue: str) -> SourceChoice:
    return SourceChoice() if venue == BUILT_IN_VENUE else SourceChoice(exchange=venue)
