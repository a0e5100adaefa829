"""Options that several commands share, with their words of help."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from snipersight.cli import completing


class ReportFormat(StrEnum):
    """How a scan is written to stdout."""

    TABLE = "table"
    JSON = "json"
    MARKDOWN = "markdown"


class TextFormat(StrEnum):
    """How everything else is written to stdout."""

    TEXT = "text"
    JSON = "json"


class ThemeName(StrEnum):
    """Colours of charts."""

    DARK = "dark"
    LIGHT = "light"


class ModeName(StrEnum):
    """How far an order goes."""

    DRY_RUN = "dry-run"
    PAPER = "paper"
    LIVE = "live"


_SOURCE = "Where candles come from"
_RISK = "Account and risk"
_OUTPUT = "Output"
_EXECUTION = "Execution"
_GENERAL = "General"

ProfileName = Annotated[
    str,
    typer.Option(
        "--profile",
        "-p",
        metavar="NAME",
        help="Way of trading; see `profiles`.",
        autocompletion=completing.profile_names,
    ),
]
Symbols = Annotated[
    str,
    typer.Option(
        "--symbols",
        "-s",
        metavar="LIST",
        autocompletion=completing.symbol_lists,
        help="`top20` (by traded value, any number), `BTC/USDT,ETH/USDT`, or `@name` of a "
        "watch-list. Perpetuals are written BTC/USDT:USDT.",
    ),
]
AsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        metavar="TIME",
        help="Look from this moment instead of now: 2024-06-07, 2024-06-07T12:00, …Z or …+02:00. "
        "Without a zone it is UTC. Nothing later is looked at.",
    ),
]
Exchange = Annotated[
    str | None,
    typer.Option(
        "--exchange",
        metavar="ID",
        help="Public data of an exchange: binance, binanceusdm, bybit … No key is needed.",
        rich_help_panel=_SOURCE,
    ),
]
DataFolder = Annotated[
    Path | None,
    typer.Option(
        "--data",
        metavar="DIR",
        help="A directory of Parquet candles; `data import` makes one.",
        rich_help_panel=_SOURCE,
    ),
]
Market = Annotated[
    bool,
    typer.Option(
        "--market",
        help="The built-in synthetic market: offline, seeded. The default.",
        rich_help_panel=_SOURCE,
    ),
]
Seed = Annotated[
    int | None,
    typer.Option(
        "--seed",
        metavar="N",
        help="Which built-in market; 7 if not given.",
        rich_help_panel=_SOURCE,
    ),
]
DecidedAfter = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="TIME",
        help="Decisions later than this; from where the candles suffice if not given.",
    ),
]
DecidedUntil = Annotated[
    str | None,
    typer.Option("--to", metavar="TIME", help="Until then; all there is if not given."),
]
Instruments = Annotated[
    Path | None,
    typer.Option(
        "--instruments",
        metavar="FILE",
        help="Ticks, lots and fees for --data: TOML or a recorded exchangeInfo.",
        rich_help_panel=_SOURCE,
    ),
]
Balance = Annotated[
    str | None,
    typer.Option(
        "--balance",
        metavar="AMOUNT",
        help="Equity to size for, in account currency; what the account is worth if not given.",
        rich_help_panel=_RISK,
    ),
]
Risk = Annotated[
    str | None,
    typer.Option(
        "--risk",
        metavar="SHARE",
        help="Loss at the stop of each trade: 1% or 0.01. At most MAX_RISK_PER_TRADE.",
        rich_help_panel=_RISK,
    ),
]
Workers = Annotated[
    int,
    typer.Option(
        "--workers", min=1, max=64, help="Symbols looked at side by side.", rich_help_panel=_GENERAL
    ),
]
EnvFile = Annotated[
    Path | None,
    typer.Option(
        "--env",
        metavar="FILE",
        help="Settings file to read instead of the one in SNIPERSIGHT_HOME.",
        rich_help_panel=_GENERAL,
    ),
]
Debug = Annotated[
    bool,
    typer.Option("--debug", help="Show tracebacks of errors.", rich_help_panel=_GENERAL),
]
Format = Annotated[
    TextFormat, typer.Option("--format", help="How to write it.", rich_help_panel=_OUTPUT)
]
ScanFormat = Annotated[
    ReportFormat,
    typer.Option(
        "--format",
        help="json is exactly one object, described in docs/scan-schema.md.",
        rich_help_panel=_OUTPUT,
    ),
]
Top = Annotated[
    int | None,
    typer.Option(
        "--top", min=1, metavar="N", help="Show only the best N plans.", rich_help_panel=_OUTPUT
    ),
]
Charts = Annotated[
    Path | None,
    typer.Option(
        "--charts",
        metavar="DIR",
        help="Save a picture of each plan there.",
        rich_help_panel=_OUTPUT,
    ),
]
ChartTheme = Annotated[
    ThemeName, typer.Option("--theme", help="Colours of the pictures.", rich_help_panel=_OUTPUT)
]
Notify = Annotated[
    bool | None,
    typer.Option(
        "--notify/--no-notify",
        help="Tell the configured channels about new plans and what became of earlier ones. "
        "Done unless said otherwise; practice on the built-in market only with --notify.",
        show_default=False,
        rich_help_panel=_OUTPUT,
    ),
]
Account = Annotated[
    str | None,
    typer.Option(
        "--account",
        metavar="NAME",
        autocompletion=completing.account_names,
        help="main trades real markets, practice the built-in one; accounts.toml names others. "
        "If not given: main, or practice as long as there is no main.",
    ),
]
ScanAccount = Annotated[
    str | None,
    typer.Option(
        "--account",
        metavar="NAME",
        autocompletion=completing.account_names,
        help="Whose limits and equity; practice on the built-in market, else main, if not given.",
        rich_help_panel=_RISK,
    ),
]
PlanAccount = Annotated[
    str | None,
    typer.Option(
        "--account",
        metavar="NAME",
        autocompletion=completing.account_names,
        help="Whose; the account that knows the plan if not given.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")]
Execute = Annotated[
    bool,
    typer.Option(
        "--execute",
        help="Execute the plans that are shown; a rehearsal unless --mode says otherwise.",
        rich_help_panel=_EXECUTION,
    ),
]
ExecutionMode = Annotated[
    ModeName,
    typer.Option(
        "--mode",
        help="dry-run writes orders down, paper trades without real money, live with it.",
        rich_help_panel=_EXECUTION,
    ),
]
Confirm = Annotated[
    str | None,
    typer.Option(
        "--confirm",
        metavar="ACCOUNT",
        autocompletion=completing.account_names,
        help="Name the account whose real money may be traded; live asks for it.",
        rich_help_panel=_EXECUTION,
    ),
]
Unproven = Annotated[
    str | None,
    typer.Option(
        "--unproven",
        metavar="PROFILE",
        help="Trade real money with this profile though no backtest has shown an edge of it.",
        rich_help_panel=_EXECUTION,
    ),
]
Follow = Annotated[
    bool | None,
    typer.Option(
        "--follow/--no-follow",
        help="Look after the trades until they end or Ctrl-C. Done at an exchange unless said "
        "otherwise; the simulated venue keeps them until the next command.",
        show_default=False,
        rich_help_panel=_EXECUTION,
    ),
]
AllTrades = Annotated[bool, typer.Option("--all", help="Those that have ended, too; newest first.")]
Limit = Annotated[
    int, typer.Option("--limit", min=1, max=10_000, metavar="N", help="Trades looked at, at most.")
]
VenueName = Annotated[
    str | None,
    typer.Option(
        "--venue",
        metavar="ID",
        help="There too, without a live trade: binance, binanceusdm, bybit.",
    ),
]
