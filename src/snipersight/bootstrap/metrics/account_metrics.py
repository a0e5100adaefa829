"""Metrics of every account: equity, budget, losses, breakers, protection."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Final

from snipersight.bootstrap.accounts import own_settings
from snipersight.bootstrap.risk import build_policy
from snipersight.bootstrap.settings import Settings
from snipersight.bootstrap.store import Store
from snipersight.bot.telemetry.metrics.families import Family, Labels
from snipersight.domain.ledger import EntryState
from snipersight.domain.standing import BreakerName, TradingState
from snipersight.engine.usage import Used, usage
from snipersight.risk.breakers.equity_marks import equity_of, losses, marked_equity, revalued
from snipersight.risk.manager import RiskManager, RiskStatus

Values = Iterable[tuple[Labels, Decimal | float | int | None]]


class AccountReader:
    """Reads where each account stands; nothing is written and nothing is marked.

    Args:
        settings: whose limits.
        store: every account's.
    """

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings: Final = settings
        self._store: Final = store

    def __call__(self) -> tuple[Family, ...]:
        """Return the metrics of every account there is."""
        names = [row.account_id for row in self._store.decisions.accounts()]
        found = [self._status(name) for name in names]
        killed = {name: self._is_killed(name) for name in names}
        return (
            *_worth(found),
            *_budget(found),
            *_losses(found),
            *_breakers(found),
            *_positions(found),
            _family(
                "kill_switch",
                "Whether the kill switch is pulled.",
                ("account",),
                (((name,), float(is_killed)) for name, is_killed in killed.items()),
            ),
        )

    def _status(self, account_id: str) -> RiskStatus:
        manager = RiskManager(
            account_id=account_id,
            store=self._store.decisions,
            clock=self._store.clock,
            policy=build_policy(own_settings(self._settings, account_id)),
        )
        return manager.status()

    def _is_killed(self, account_id: str) -> bool:
        pulled = self._store.decisions.view(account_id, lambda unit: unit.book.kill_switch())
        return pulled is not None


def _worth(found: list[RiskStatus]) -> Iterator[Family]:
    labels = ("account", "currency")
    tellers: tuple[tuple[str, str, Callable[[RiskStatus], Decimal]], ...] = (
        ("equity", "marked at the newest known prices", lambda it: marked_equity(it.standing)),
        ("balance", "cash, open positions not counted", lambda it: it.standing.balance),
        ("realised", "results of everything closed, net", lambda it: it.standing.realised),
        ("flows", "deposits less withdrawals", lambda it: it.standing.flows),
        ("open_risk", "what all trades may lose at their stops", lambda it: it.total.risk),
        ("open_notional", "what all trades are worth", lambda it: it.total.notional),
        ("open_margin", "what backs all trades", lambda it: it.total.margin),
    )
    for name, what, value in tellers:
        yield _family(
            f"account_{name}",
            f"In account currency: {what}.",
            labels,
            (((it.account.account_id, it.account.currency), value(it)) for it in found),
        )
    yield _family(
        "account_marked_timestamp_seconds",
        "When equity was marked last.",
        ("account",),
        (
            ((it.account.account_id,), it.standing.marks.marked_us / 1e6)
            for it in found
            if it.standing.marks
        ),
    )


def _budget(found: list[RiskStatus]) -> Iterator[Family]:
    rows = [(it.account.account_id, used) for it in found for used in _used(it)]
    labels = ("account", "limit")
    yield _family(
        "limit_used",
        "What is taken of a limit: account currency, or a number of trades.",
        labels,
        (((account, used.code), used.amount) for account, used in rows),
    )
    yield _family(
        "limit_allowed",
        "What a limit allows: account currency, or a number of trades.",
        labels,
        (((account, used.code), used.limit) for account, used in rows),
    )


def _used(status: RiskStatus) -> tuple[Used, ...]:
    return usage(status.entries, equity=marked_equity(status.standing), policy=status.policy)


def _losses(found: list[RiskStatus]) -> Iterator[Family]:
    now: list[tuple[Labels, Decimal]] = []
    limits: list[tuple[Labels, Decimal]] = []
    for status in found:
        account, policy = status.account.account_id, status.policy
        marks = status.standing.marks
        # A day or week that has begun since begins with the last value known.
        lost = marks and losses(revalued(marks, equity=equity_of(marks), at_us=status.at_us))
        for window, value, limit in (
            ("day", lost.daily if lost else Decimal(0), policy.max_daily_loss),
            ("week", lost.weekly if lost else Decimal(0), policy.max_weekly_loss),
            ("high", lost.drawdown if lost else Decimal(0), policy.max_drawdown),
        ):
            now.append(((account, window), value))
            limits.append(((account, window), limit))
    labels = ("account", "since")
    yield _family(
        "loss_ratio",
        "Loss as a share of equity, since the day or week began or since its high.",
        labels,
        now,
    )
    yield _family("loss_limit_ratio", "The loss that stops entries.", labels, limits)


def _breakers(found: list[RiskStatus]) -> Iterator[Family]:
    tripped = {(it.account.account_id, one.name) for it in found for one in it.standing.tripped}
    accounts = [it.account.account_id for it in found]
    yield _family(
        "breaker_tripped",
        "Whether a breaker holds.",
        ("account", "breaker"),
        (
            ((account, name.value), float((account, name) in tripped))
            for account in accounts
            for name in BreakerName
        ),
    )
    yield _family(
        "trading_state",
        "1 for the state an account is in.",
        ("account", "state"),
        (
            ((it.account.account_id, state.value), float(it.state is state))
            for it in found
            for state in TradingState
        ),
    )
    yield _family(
        "loss_streak",
        "Closed trades lost in a row.",
        ("account",),
        (((it.account.account_id,), it.standing.loss_streak) for it in found),
    )


def _positions(found: list[RiskStatus]) -> Iterator[Family]:
    yield _family(
        "positions",
        "Trades that take budget, reserved or open.",
        ("account", "state"),
        (
            (
                (it.account.account_id, state.value),
                sum(entry.state is state for entry in it.entries),
            )
            for it in found
            for state in (EntryState.RESERVED, EntryState.OPEN)
        ),
    )
    yield _family(
        "uncovered_positions",
        "Open trades of which a part has no protective stop.",
        ("account",),
        (
            (
                (it.account.account_id,),
                sum(entry.unprotected_since_us is not None for entry in it.entries),
            )
            for it in found
        ),
    )
    yield _family(
        "uncovered_seconds",
        "For how long the trade longest without its whole stop has been so; 0 where all are covered.",
        ("account",),
        (((it.account.account_id,), _uncovered_s(it)) for it in found),
    )


def _uncovered_s(status: RiskStatus) -> float:
    since = [
        entry.unprotected_since_us
        for entry in status.entries
        if entry.unprotected_since_us is not None
    ]
    return max(0, status.at_us - min(since)) / 1e6 if since else 0.0


def _family(name: str, what: str, labels: Labels, values: Values) -> Family:
    known = {key: float(value) for key, value in values if value is not None}
    return Family(name=name, help=what, labels=labels, values=known)
