"""Options of the commands that ask the evidence: which signals, whose outcomes."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer


class OriginName(StrEnum):
    """Where signals came from; see `domain.evidence.Origin`, which takes a while to load."""

    LIVE = "live"
    PRACTICE = "practice"
    REPLAY = "replay"


class KindName(StrEnum):
    """Whose outcomes; see `domain.evidence.Kind`."""

    MODELLED = "modelled"
    ACTUAL = "actual"


class By(StrEnum):
    """What `stats` can break its numbers down by."""

    REGIME = "regime"
    TIER = "tier"
    SYMBOL = "symbol"
    FACTOR = "factor"
    GATE = "gate"
    PROFILE = "profile"
    SESSION = "session"
    DIRECTION = "direction"
    TIMEFRAME = "timeframe"
    LEADER = "leader"
    HOUR = "hour"


class StatsFormat(StrEnum):
    """How statistics are written to stdout."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"


_WHICH = "Which signals"

Profile = Annotated[
    str | None,
    typer.Option("--profile", "-p", metavar="NAME", help="Of one profile.", rich_help_panel=_WHICH),
]
Symbol = Annotated[
    str | None,
    typer.Option("--symbol", metavar="SYMBOL", help="BTC/USDT.", rich_help_panel=_WHICH),
]
Since = Annotated[
    str | None,
    typer.Option(
        "--since",
        metavar="TIME",
        help="Decided from here on: 2024-06-07, …T12:00, or 24h, 7d.",
        rich_help_panel=_WHICH,
    ),
]
Until = Annotated[
    str | None,
    typer.Option(
        "--until",
        metavar="TIME",
        help="Decided before: 2024-06-07, …T12:00, or 24h, 7d.",
        rich_help_panel=_WHICH,
    ),
]
Account = Annotated[
    str | None,
    typer.Option(
        "--account",
        metavar="NAME",
        help="Of one account; of all of them if not given.",
        rich_help_panel=_WHICH,
    ),
]
FromWhere = Annotated[
    OriginName | None,
    typer.Option(
        "--origin",
        help="Scans of real markets, of the built-in one, or recorded periods read again; never "
        "mixed. The first that has any signal, if not given.",
        show_default=False,
        rich_help_panel=_WHICH,
    ),
]
Outcomes = Annotated[
    KindName,
    typer.Option(
        "--kind",
        help="What the model says of every signal, or what happened to orders that were sent.",
        rich_help_panel=_WHICH,
    ),
]
