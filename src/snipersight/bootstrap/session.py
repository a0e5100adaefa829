"""Everything one command needs, built from what the user said and what the settings say."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final

from snipersight.bootstrap.account import simulated_account
from snipersight.bootstrap.account_names import MAIN, PRACTICE
from snipersight.bootstrap.accounts import (
    account_secrets,
    load_accounts,
    own_settings,
    variables,
)
from snipersight.bootstrap.books import Books, open_books
from snipersight.bootstrap.compile_cache import CompileCache, configure_compile_cache
from snipersight.bootstrap.gate import WHAT_IF, LedgerGate, NoLedger, within_limit
from snipersight.bootstrap.profiles import load_profile
from snipersight.bootstrap.session_events import SessionEvents, open_session_events
from snipersight.bootstrap.settings import Settings, load_settings
from snipersight.bootstrap.sources import SourceChoice, open_source, stand_in_of
from snipersight.bootstrap.store import system_us
from snipersight.bootstrap.watchlists import load_watchlists
from snipersight.bot.telemetry.logging import configure_logging
from snipersight.bot.telemetry.scan_sinks import CountingSink
from snipersight.domain.account import AccountState
from snipersight.domain.errors import StateUnavailable
from snipersight.domain.ports import CandleSource, RiskGate
from snipersight.domain.profile import Profile
from snipersight.domain.store import Clock
from snipersight.domain.units import plain
from snipersight.engine.report import ScanRequest
from snipersight.market.universe import require_request
from snipersight.risk.telling import Telling
from snipersight.storage.home import Home

# Longer than a scan takes from its first verdict to the pictures of its signals; a scan that is
# killed before that has them told without.
_GRACE_US: Final = 60_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Settings and home folder of a command, with logging set up.

    Args:
        settings: the variables in force.
        home: the home folder.
        is_writable: whether cache, logs and charts can be kept there.
        warnings: what looks wrong but stops nothing, one sentence each.
    """

    settings: Settings
    home: Home
    is_writable: bool
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """The ports and values that the engine's shells take, and what the user should be told.

    Args:
        surroundings: settings and home.
        compile_cache: of the detectors.
        request: what to look at.
        source: candles and facts.
        gate: judges plans.
        account: as known before its positions are marked.
        events: where events go, and the store of telemetry.
        books: the open account; None where the store cannot be used, and nothing is approved.
        tells: whether the chats are told.
        unusable: why the store cannot be used; None if it can.
        remarks: what the user should be told, one sentence each.
        clock: the present, microseconds UTC.
    """

    surroundings: Surroundings
    compile_cache: CompileCache
    request: ScanRequest
    source: CandleSource
    gate: RiskGate
    account: AccountState
    events: SessionEvents
    books: Books | None = None
    tells: bool = False
    unusable: StateUnavailable | None = None
    remarks: tuple[str, ...] = ()
    clock: Clock = system_us

    @property
    def sink(self) -> CountingSink:
        """Return what takes the events."""
        return self.events.sink

    async def close(self, tell: Callable[[str], None] = lambda _line: None) -> None:
        """Release the source, then the account, then bring the events on; also when one fails.

        Args:
            tell: told where events are being sent, if that is another machine.
        """
        with ExitStack() as after:
            after.callback(self.events.close, tell)
            if self.books is not None:
                after.callback(self.books.close)
                after.callback(self._tell_derived, self.books)
            await self.source.close()

    def _tell_derived(self, books: Books) -> None:
        if self.events.telemetry is not None:
            from snipersight.bootstrap.derived_events import pump_quietly

            pump_quietly(self.events.telemetry.events, books.store.decisions, books.store.database)


def open_surroundings(env_file: Path | None = None) -> Surroundings:
    """Read the settings, look at the home folder and set up logging.

    A home that cannot be written is a warning: a scan needs neither cache nor log file.

    Args:
        env_file: settings file to read instead of the one in the home folder.

    Raises:
        ConfigInvalid: the settings are wrong.
    """
    settings, warnings = load_settings(env_file)
    home = Home(settings.snipersight_home)
    problem = home.problem()
    configure_logging(
        logs=None if problem else home.logs(),
        level=settings.log_level,
        secrets=(
            *settings.secrets(),
            *account_secrets(load_accounts(settings), variables(env_file)),
        ),
    )
    if problem is not None:
        warnings += (f"{problem}; this run keeps no candle cache and no log file",)
    if settings.exchange_gateway is not None:
        where = settings.exchange_gateway
        warnings += (f"EXCHANGE_GATEWAY {where} answers for every exchange with made-up prices",)
    return Surroundings(
        settings=settings, home=home, is_writable=problem is None, warnings=warnings
    )


def open_session(
    surroundings: Surroundings,
    choice: SourceChoice,
    *,
    profile: str,
    symbols: str,
    as_of_ms: int | None = None,
    balance: Decimal | None = None,
    risk_fraction: Decimal | None = None,
    workers: int = 1,
    is_preview: bool = False,
    tells: bool = False,
    account_id: str | None = None,
    clock: Clock | None = None,
    streams: bool = False,
    pace: float = 1.0,
) -> Session:
    """Return everything a scan or an explanation needs; the caller closes it.

    A store that cannot be used is remarked: the scan goes on and approves nothing.

    Args:
        surroundings: settings and home.
        choice: where candles come from.
        profile: name of the profile.
        symbols: `top20`, a list or `@watchlist`.
        as_of_ms: the moment to look from, milliseconds UTC; None for now.
        balance: equity to size for, in account currency; None for the account's own.
        risk_fraction: risk of each trade instead of the profile's.
        workers: symbols looked at side by side.
        is_preview: judge on a copy of the account, so that nothing is recorded.
        tells: store a notice with every approval at present prices.
        account_id: whose limits and equity; None: `practice` on the built-in market, else `main`.
        clock: of a sandbox whose time is not ours, microseconds UTC; None: the present.
        streams: whether an exchange's candles are listened to.
        pace: how much faster than ours a stand-in's time runs; its limits follow it.

    Raises:
        ConfigInvalid: profile, watch-lists, source, time or account are wrong.
        NoData: the directory holds no candles.
    """
    # First of all: numba reads the folder once, when something imports it.
    compile_cache = configure_compile_cache(surroundings.home.path)
    name = account_id or (PRACTICE if choice.is_built_in else MAIN)
    home, settings = surroundings.home, own_settings(surroundings.settings, name)
    loaded = load_profile(profile, own_folder=home.profiles)
    chosen, remarks = within_limit(loaded, settings, wanted=risk_fraction)
    watchlists = load_watchlists(home.watchlists)
    require_request(symbols, watchlists=watchlists)
    with ExitStack() as failing:
        events = open_session_events(surroundings)
        failing.callback(events.close)
        source = open_source(
            choice,
            cache=home.cache() / "candles" if surroundings.is_writable else None,
            clock=now_ms if clock is None else lambda: clock() // 1000,
            as_of_ms=as_of_ms,
            events=events.sink,
            stand_in=stand_in_of(settings),
            markets=settings.built_in_markets,
            streams=streams,
            pace=pace,
        )
        # Last: whoever opens the account has to close it, and nothing can fail any more.
        account = simulated_account(settings, account_id=name, balance=balance)
        judging = _judging(
            surroundings,
            chosen,
            account,
            balance=balance,
            is_preview=is_preview,
            telling=Telling(grace_us=_GRACE_US) if tells else None,
            clock=clock,
        )
        failing.pop_all()
    return Session(
        surroundings=surroundings,
        compile_cache=compile_cache,
        request=ScanRequest(
            profile=chosen,
            symbols=symbols,
            as_of_ms=as_of_ms,
            watchlists=watchlists,
            workers=workers,
        ),
        source=source,
        gate=judging.gate,
        account=account,
        events=events,
        books=judging.books,
        tells=tells,
        unusable=judging.unusable,
        remarks=(*remarks, *judging.remarks, *events.remarks),
        clock=system_us if clock is None else clock,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judging:
    gate: RiskGate
    books: Books | None
    remarks: tuple[str, ...]
    unusable: StateUnavailable | None = None


def _judging(
    surroundings: Surroundings,
    profile: Profile,
    account: AccountState,
    *,
    balance: Decimal | None,
    is_preview: bool,
    telling: Telling | None,
    clock: Clock | None,
) -> _Judging:
    """Return the gate over the account's ledger; one that refuses all where it cannot be used."""
    settings = surroundings.settings
    try:
        books = open_books(
            settings,
            account_id=account.account_id,
            profile=profile,
            clock=clock,
            is_sandbox_time=clock is not None,
            is_preview=is_preview,
        )
    except StateUnavailable as error:
        # What is wrong with the home has been said already.
        why = (str(error),) if surroundings.is_writable else ()
        remarks = (*why, "no plan is approved, because no verdict can be recorded")
        return _Judging(gate=NoLedger(error), books=None, remarks=remarks, unusable=error)
    moved = (moved_sentence(books),) if books.moved and not is_preview else ()
    actor = "explain" if is_preview else "scan" if balance is None else WHAT_IF
    told = None if is_preview else telling
    gate = LedgerGate(books.ports, equity=balance, actor=actor, telling=told)
    return _Judging(gate=gate, books=books, remarks=moved)


def moved_sentence(books: Books) -> str:
    """Return what a change of DEFAULT_ACCOUNT_BALANCE was recorded as."""
    word = "deposit" if books.moved > 0 else "withdrawal"
    return (
        f"DEFAULT_ACCOUNT_BALANCE has changed: a {word} of {plain(abs(books.moved))} "
        f"{books.settings.account_currency} was recorded for account {books.ports.account_id}"
    )


def unfollowed_sentence(books: Books) -> str:
    """Return that a change of DEFAULT_ACCOUNT_BALANCE was not recorded, and what records it."""
    configured = books.settings.default_account_balance
    return (
        f"DEFAULT_ACCOUNT_BALANCE is {plain(configured)}, but account {books.ports.account_id} "
        f"began with {plain(configured - books.unfollowed)}; a scan, deposit or withdrawal "
        "records the difference"
    )


def now_ms() -> int:
    """Return the system's time, milliseconds UTC."""
    return time.time_ns() // 1_000_000
