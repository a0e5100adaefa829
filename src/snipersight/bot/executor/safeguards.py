"""The last safeguards before an order leaves: each a question that is falsy, or true, with a reason.

`prevent_double_fire` is the specification's and answers the other way round: true means stop.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from snipersight.bot.executor.order_checks import (
    enforce_max_position_risk,
    validate_order_parameters,
)
from snipersight.domain.decision import Check
from snipersight.domain.direction import Direction
from snipersight.domain.errors import StateUnavailable
from snipersight.domain.execution import KillSwitch, Mode, RecentSignals, Trade
from snipersight.domain.ledger import LedgerEntry, Origin
from snipersight.domain.orders import VenuePosition
from snipersight.domain.standing import TradingState
from snipersight.domain.store import UnitOfWork
from snipersight.domain.units import Symbol, plain
from snipersight.domain.venue import Environment

__all__ = [
    "DoubleFire",
    "FiredSignals",
    "check_duplicate_order",
    "check_kill_switch",
    "check_mode",
    "enforce_max_position_risk",
    "prevent_double_fire",
    "register_fired_signals",
    "validate_order_parameters",
]

_MINUTE_US: Final = 60_000_000
_SLOT: Final = "defaults"


@dataclass(frozen=True, slots=True, kw_only=True)
class FiredSignals:
    """Where it is remembered which signals were fired, and for whom.

    Args:
        signals: remembers, across processes.
        account_id: whose.
        by: who fires, for whoever looks into the store.
    """

    signals: RecentSignals
    account_id: str
    by: str = "executor"


_REGISTERED: Final[dict[str, FiredSignals]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubleFire:
    """Whether a signal was fired already; truthy if it was, and must not be again.

    Args:
        is_double: the answer.
        code: `double_fire`, `not_configured`, `state_unavailable`, or `clear`.
        sentence: in plain words.
    """

    is_double: bool
    code: str
    sentence: str

    def __bool__(self) -> bool:
        """Return whether it must be blocked."""
        return self.is_double


def register_fired_signals(fired: FiredSignals | None) -> None:
    """Use this wherever `prevent_double_fire` is asked without one; None forgets it."""
    if fired is None:
        _REGISTERED.pop(_SLOT, None)
    else:
        _REGISTERED[_SLOT] = fired


def prevent_double_fire(
    symbol: str,
    direction: str,
    window_minutes: int = 15,
    *,
    fired: FiredSignals | None = None,
    unit: UnitOfWork | None = None,
) -> DoubleFire:
    """Return whether the same signal was fired within the window; if not, this one counts.

    Atomic across processes: of any number who ask at once, one is told that it is clear. Whoever
    was told so asks no second time.

    Args:
        symbol: ccxt's unified symbol.
        direction: `LONG` or `SHORT`, in any case.
        window_minutes: how far back another one counts, above 0.
        fired: where it is remembered; None: what was registered. Without any it cannot be told,
            and that blocks.
        unit: the transaction in which the signal counts; None: one of its own.

    Returns:
        Truthy: block it (`double_fire`, `not_configured`, `state_unavailable`); falsy: clear.

    Raises:
        ValueError: the direction is none, or the window is not above 0.
    """
    side = Direction(direction.upper())
    where = _REGISTERED.get(_SLOT) if fired is None else fired
    if where is None:
        sentence = "nothing was registered that remembers signals, so none may be fired"
        return DoubleFire(is_double=True, code="not_configured", sentence=sentence)
    try:
        is_clear = where.signals.claim(
            where.account_id,
            symbol,
            side,
            window_us=window_minutes * _MINUTE_US,
            by=where.by,
            unit=unit,
        )
    except StateUnavailable as error:
        return DoubleFire(is_double=True, code="state_unavailable", sentence=str(error))
    if is_clear:
        sentence = f"no {side} in {symbol} was fired within {window_minutes} minutes"
        return DoubleFire(is_double=False, code="clear", sentence=sentence)
    sentence = f"a {side} in {symbol} was fired within the last {window_minutes} minutes"
    return DoubleFire(is_double=True, code="double_fire", sentence=sentence)


def check_duplicate_order(
    trade: Trade,
    *,
    live: Iterable[Trade],
    entries: Iterable[LedgerEntry] = (),
    positions: Iterable[VenuePosition] = (),
    is_executed: bool = False,
) -> Check:
    """Return whether nothing of a trade's setup, plan or market is on already.

    Args:
        trade: about to be entered.
        live: executed trades that are not over.
        entries: live ones of the ledger; a foreign position in the market refuses it.
        positions: at the venue now; nobody but this trade may hold one in the market.
        is_executed: orders of this very plan were placed before.

    Returns:
        A truthy check `duplicate_order`, or a falsy one: `plan_executed`, `setup_live`,
        `market_live`, `foreign_position`.
    """
    if is_executed:
        return _refused("plan_executed", f"plan {trade.plan_id} was executed before")
    others = [one for one in live if one.trade_id != trade.trade_id]
    for one in others:
        if one.setup_id == trade.setup_id:
            return _refused("setup_live", f"setup {trade.setup_id} is live as {one.trade_id}")
        if (one.venue, one.symbol) == (trade.venue, trade.symbol):
            return _refused("market_live", f"{trade.symbol} has a live trade, {one.trade_id}")
    foreign = _foreign(trade, entries, positions)
    if foreign:
        return _refused("foreign_position", foreign)
    return Check(code="duplicate_order", passed=True, sentence=f"nothing is on in {trade.symbol}")


def check_kill_switch(switch: KillSwitch | None, state: TradingState) -> Check:
    """Return whether entries are allowed: the kill switch is not pulled, and nothing is halted.

    Returns:
        A truthy check `kill_switch`, or a falsy one: `killed`, `halted`, `reducing`.
    """
    if switch is not None:
        why = f": {switch.reason}" if switch.reason else ""
        return _refused("killed", f"{switch.actor} pulled the kill switch{why}")
    if state is TradingState.ACTIVE:
        return Check(code="kill_switch", passed=True, sentence="entries are allowed")
    left = "exits" if state is TradingState.HALTED else "what reduces a position"
    return _refused(state.value.lower(), f"the account is {state}: only {left} may be sent")


def check_mode(
    mode: Mode, environment: Environment, *, account_id: str, confirmed: str | None
) -> Check:
    """Return whether a mode fits the world that orders go to; real money needs a confirmation.

    Args:
        mode: asked for.
        environment: of the venue.
        account_id: whose orders.
        confirmed: the account that a person named for live trading; None: nobody did.

    Returns:
        A truthy check `mode`, or a falsy one: `wrong_environment`, `not_confirmed`.
    """
    is_live = environment is Environment.LIVE
    is_rehearsed = environment is Environment.SIMULATED
    if (mode is Mode.LIVE) is not is_live or (mode is Mode.DRY_RUN and not is_rehearsed):
        return _refused("wrong_environment", f"mode {mode} on a {environment} venue")
    if mode is Mode.LIVE and confirmed != account_id:
        said = "nobody confirmed it" if confirmed is None else f"confirmed was {confirmed!r}"
        return _refused("not_confirmed", f"live trading on account {account_id!r}: {said}")
    return Check(code="mode", passed=True, sentence=f"{mode} on a {environment} venue")


def _foreign(
    trade: Trade, entries: Iterable[LedgerEntry], positions: Iterable[VenuePosition]
) -> str:
    symbol: Symbol = trade.symbol
    for entry in entries:
        is_here = (entry.venue, entry.symbol) == (trade.venue, symbol)
        if is_here and entry.origin is Origin.FOREIGN:
            return f"a position of {plain(entry.open_size)} in {symbol} is not ours"
    for position in positions:
        if position.symbol == symbol:
            held = f"{position.direction} {plain(position.size)}"
            return f"the venue holds {held} in {symbol} that is no trade of ours"
    return ""


def _refused(code: str, sentence: str) -> Check:
    return Check(code=code, passed=False, sentence=sentence)
