"""The preflight of everything: settings, chats, people, the bot, store, account, each venue."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from snipersight.bootstrap.account_executions import venue_in
from snipersight.bootstrap.account_names import account_at
from snipersight.bootstrap.account_worlds import worlds_of
from snipersight.bootstrap.accounts import load_accounts, own_settings, variables
from snipersight.bootstrap.books import Books, open_books
from snipersight.bootstrap.known_accounts import check_account
from snipersight.bootstrap.run_examination import run_findings
from snipersight.bootstrap.session import Surroundings, open_surroundings
from snipersight.bootstrap.worlds import World
from snipersight.bot.executor.client_ids import is_ours
from snipersight.domain.errors import SniperSightError
from snipersight.domain.execution import KillSwitch, Trade
from snipersight.domain.venue import Environment, Finding, FindingLevel
from snipersight.risk.manager import RiskManager

_OK, _WARNING, _FAILED = FindingLevel.OK, FindingLevel.WARNING, FindingLevel.FAILED
_SKIPPED = FindingLevel.SKIPPED


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """What is looked at.

    Args:
        env_file: settings file to read instead of the one in the home folder.
        account: which; None: `main` where it exists, else `practice`.
        venue: looked at too, without a live trade.
    """

    env_file: Path | None = None
    account: str | None = None
    venue: str | None = None


async def examine(what: Examination) -> tuple[Finding, ...]:
    """Return what was found, everything that can be asked; nothing is sent and nothing changed.

    What cannot be opened is a finding, and ends only what depends on it.
    """
    try:
        surroundings = open_surroundings(what.env_file)
        load_accounts(surroundings.settings)
        name = check_account(surroundings.settings, what.account) or account_at(what.venue)
    except SniperSightError as error:
        return (_failed("settings", error),)
    found = [*_settings(surroundings), await _telegram(surroundings)]
    found += run_findings(surroundings.settings)
    try:
        books = open_books(surroundings.settings, account_id=name, follows_balance=False)
    except SniperSightError as error:
        return (*found, _failed("store", error))
    with books:
        found += _account(books)
        found += await _venues(surroundings, books, what)
    return tuple(found)


def _settings(surroundings: Surroundings) -> list[Finding]:
    found = [
        Finding(name="settings", level=_WARNING, sentence=sentence)
        for sentence in surroundings.warnings
    ]
    if not found:
        where = surroundings.settings.snipersight_home
        found = [_ok("settings", f"read; everything is kept in {where}")]
    return found


async def _telegram(surroundings: Surroundings) -> Finding:
    settings = surroundings.settings
    if not settings.has_telegram:
        return Finding(
            name="telegram",
            level=_SKIPPED,
            sentence="no bot is configured: alarms reach nobody; docs/notifications.md tells how",
        )
    from snipersight.bot.notifications.channels.telegram_identity import bot_name

    token = settings.telegram_bot_token
    try:
        name = await bot_name(
            "" if token is None else token.get_secret_value(), api_url=settings.telegram_api_url
        )
        return _ok(
            "telegram", f"the bot {name} answers; `snipersight notify test` writes to its chats"
        )
    except SniperSightError as error:
        return _failed("telegram", error)


def _account(books: Books) -> list[Finding]:
    try:
        return _of_account(books)
    except SniperSightError as error:
        return [_failed("account", error)]


def _of_account(books: Books) -> list[Finding]:
    name = books.ports.account_id
    status = RiskManager().status()
    trades, switch = books.ports.store.view(
        name, lambda unit: (unit.book.live_trades(), unit.book.kill_switch())
    )
    equity = f"{status.account.equity:,.2f} {books.settings.account_currency}"
    found = [_ok("store", f"opened; account {name} is worth {equity}")]
    if switch is not None:
        found.append(_switch(switch))
    elif status.state.value != "ACTIVE":
        sentence = f"account {name} is {status.state}; `snipersight risk status` says why"
        found.append(Finding(name="state", level=_WARNING, sentence=sentence))
    else:
        found.append(_ok("state", "entries are allowed"))
    return [*found, *(_trade(one) for one in trades)]


def _switch(switch: KillSwitch) -> Finding:
    why = f": {switch.reason}" if switch.reason else ""
    rest = "" if switch.done_us is not None else ", and not all of it is confirmed"
    return Finding(
        name="state",
        level=_WARNING,
        sentence=f"the kill switch is pulled{why}{rest}; `snipersight kill --rearm` lifts it",
    )


def _trade(trade: Trade) -> Finding:
    name = f"trade {trade.symbol}"
    if trade.note:
        return Finding(
            name=name,
            level=_FAILED,
            sentence=f"{trade.note}; look at the venue, then `snipersight reconcile`",
        )
    if trade.uncovered_since_us is not None:
        return Finding(
            name=name,
            level=_FAILED,
            sentence="part of it has no stop: `snipersight reconcile` places it",
        )
    return _ok(name, f"{trade.state} on {trade.venue} {trade.environment}")


async def _venues(surroundings: Surroundings, books: Books, what: Examination) -> list[Finding]:
    try:
        worlds = worlds_of(books, variables(what.env_file), venue=what.venue)
    except SniperSightError as error:
        return [_failed("venue", error)]
    if not worlds:
        return [_nowhere(books)]
    found: list[Finding] = []
    for world in worlds:
        found += await _venue(surroundings, books, world)
    return found


def _nowhere(books: Books) -> Finding:
    settings, name = books.settings, books.ports.account_id
    environment = own_settings(settings, name).execution_environment
    if environment is None:
        sentence = "no environment is set: paper trades on the simulated venue"
        return _ok("venue", sentence)
    return Finding(
        name="venue",
        level=_SKIPPED,
        sentence=f"which exchange {environment} is of was not said: ask again with --venue",
    )


async def _venue(surroundings: Surroundings, books: Books, world: World) -> list[Finding]:
    where = f"{world.venue} {world.environment}"
    trades = books.ports.store.view(books.ports.account_id, lambda unit: unit.book.live_trades())
    symbols = {one.symbol for one in trades if one.venue == world.venue}
    try:
        async with venue_in(surroundings, books, world, say=_say_nothing) as venue:
            findings = list(await venue.preflight(sorted(symbols)))
            if world.environment is not Environment.SIMULATED:
                orders = await venue.open_orders()
                ours = sum(1 for one in orders if is_ours(one.client_id))
                findings.append(_ok("orders", f"{ours} of ours, {len(orders) - ours} of others"))
    except SniperSightError as error:
        return [_failed(where, error)]
    return [
        Finding(name=f"{where}: {one.name}", level=one.level, sentence=one.sentence)
        for one in findings
    ]


def _say_nothing(_line: str) -> None:
    """Everything there is to say stands in the findings."""


def _ok(name: str, sentence: str) -> Finding:
    return Finding(name=name, level=_OK, sentence=sentence)


def _failed(name: str, error: SniperSightError) -> Finding:
    return Finding(name=name, level=_FAILED, sentence=str(error))
