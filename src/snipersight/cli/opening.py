"""From the words of a command line to an open session, with what the user should know on stderr."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from snipersight.bootstrap.sources import SourceChoice
from snipersight.cli.arguments import parse_as_of, parse_balance, parse_risk
from snipersight.cli.guard import say

if TYPE_CHECKING:
    from snipersight.bootstrap.session import Session, Surroundings
    from snipersight.bootstrap.telling_choice import TellingChoice


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanOptions:
    """What a scan and an explanation are asked, as the user wrote it.

    `notify` is None where the user said nothing of it: real markets are told of, practice is not.
    """

    source: SourceChoice
    profile: str
    symbols: str
    as_of: str | None = None
    balance: str | None = None
    risk: str | None = None
    workers: int = 1
    env_file: Path | None = None
    notify: bool | None = False
    account: str | None = None


def open_for(options: ScanOptions, *, is_preview: bool = False) -> Session:
    """Return the session for these options; the caller closes it.

    Warnings about settings, and that the detectors are about to be compiled, go to stderr.

    Args:
        options: what the user wrote.
        is_preview: judge on a copy of the account, so that nothing is recorded.

    Raises:
        ConfigInvalid: an option, setting, profile or watch-list is wrong.
        NoData: the directory holds no candles.
    """
    from snipersight.bootstrap.known_accounts import check_account
    from snipersight.bootstrap.session import open_session, open_surroundings

    surroundings = open_surroundings(options.env_file)
    for warning in surroundings.warnings:
        say(f"warning: {warning}")
    most = surroundings.settings.max_risk_per_trade
    telling = _telling(surroundings, options)
    for line in telling.remarks:
        say(line)
    session = open_session(
        surroundings,
        options.source,
        profile=options.profile,
        symbols=options.symbols,
        as_of_ms=None if options.as_of is None else parse_as_of(options.as_of),
        balance=None if options.balance is None else parse_balance(options.balance),
        risk_fraction=None if options.risk is None else parse_risk(options.risk, most=most),
        workers=options.workers,
        is_preview=is_preview,
        tells=telling.is_wanted,
        account_id=check_account(surroundings.settings, options.account),
    )
    for remark in session.remarks:
        say(f"warning: {remark}")
    if session.compile_cache.is_cold:
        say("Compiling the detectors for the first time, about 20 s …")
    return session


def _telling(surroundings: Surroundings, options: ScanOptions) -> TellingChoice:
    from snipersight.bootstrap.telling_choice import choose_telling

    return choose_telling(
        surroundings.settings,
        wanted=options.notify,
        is_practice=options.source.is_built_in,
        is_past=options.as_of is not None,
        is_what_if=options.balance is not None,
    )
