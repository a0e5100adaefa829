"""Facts of orders and of the ledger, made the same way from a modelled trade and an executed one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from snipersight.domain.execution import Trade
from snipersight.domain.ledger import LedgerEntry
from snipersight.domain.plan import PlanId
from snipersight.domain.standing import AccountStanding
from snipersight.domain.units import Symbol
from snipersight.engine.parity.facts import Fact, Kind, Value, exactly, money

_ZERO: Final = Decimal(0)
_ACCOUNT: Final = Symbol("")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exits:
    """What rests to protect and to close a position.

    Args:
        stop: trigger price.
        stop_size: base units that it closes.
        targets: base units that rest at each target of the plan, nearest first.
    """

    stop: Decimal
    stop_size: Decimal
    targets: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What was filled of a trade within a bar; base units and quote currency.

    Args:
        entered, paid: size of entries, and size times price.
        closed, got: the same of exits.
        fees: paid for all of it.
    """

    entered: Decimal = _ZERO
    paid: Decimal = _ZERO
    closed: Decimal = _ZERO
    got: Decimal = _ZERO
    fees: Decimal = _ZERO


def sent_fact(trade: Trade, entries: Sequence[tuple[Decimal, Decimal]], *, at_ms: int) -> Fact:
    """Return the fact that a trade's entries were sent.

    Args:
        trade: as it was staged.
        entries: price and base units of each order.
        at_ms: when, milliseconds UTC.
    """
    values: dict[str, Value] = {
        "size": exactly(trade.size),
        "leverage": exactly(trade.leverage),
        "stop": exactly(trade.initial_stop),
    }
    for number, (price, size) in enumerate(entries):
        values[f"entry {number} price"] = exactly(price)
        values[f"entry {number} size"] = exactly(size)
    for number, one in enumerate(trade.exits):
        values[f"target {number} price"] = exactly(one.price)
        values[f"target {number} share"] = exactly(one.fraction)
    values["at_ms"] = str(at_ms)
    return Fact(
        kind=Kind.ORDER,
        key=f"{trade.plan_id} entries",
        at_ms=at_ms,
        symbol=trade.symbol,
        values=values,
    )


def exits_fact(plan_id: PlanId, symbol: Symbol, exits: Exits, *, at_ms: int) -> Fact:
    """Return the fact that other exits rest than before."""
    values: dict[str, Value] = {
        "stop": exactly(exits.stop),
        "stop size": exactly(exits.stop_size),
    }
    values |= {f"target {number} size": exactly(size) for number, size in enumerate(exits.targets)}
    key = f"{plan_id} exits {at_ms}"
    return Fact(kind=Kind.ORDER, key=key, at_ms=at_ms, symbol=symbol, values=values)


def done_fact(plan_id: PlanId, symbol: Symbol, done: Done, *, at_ms: int) -> Fact:
    """Return the fact that something was filled by a close."""
    values: dict[str, Value] = {"fees": money(done.fees)}
    for name, size, value in (
        ("entered", done.entered, done.paid),
        ("closed", done.closed, done.got),
    ):
        if size > 0:
            values[f"{name} size"] = exactly(size)
            values[f"{name} price"] = exactly(value / size)
    key = f"{plan_id} fills {at_ms}"
    return Fact(kind=Kind.LEDGER, key=key, at_ms=at_ms, symbol=symbol, values=values)


def entry_fact(entry: LedgerEntry, plan_id: PlanId) -> Fact:
    """Return the fact of how a trade's ledger entry was left."""
    ended_ms = 0 if entry.ended_us is None else entry.ended_us // 1000
    values: dict[str, Value] = {
        "state": entry.state.value,
        "ended_ms": str(ended_ms),
        "open size": exactly(entry.open_size),
        "pending size": exactly(entry.pending_size),
        "realised": money(entry.realised),
    }
    at_ms = ended_ms or entry.reserved_us // 1000
    return Fact(
        kind=Kind.LEDGER,
        key=f"{plan_id} left",
        at_ms=at_ms,
        symbol=entry.symbol,
        values=values,
    )


def standing_fact(standing: AccountStanding, *, at_ms: int) -> Fact:
    """Return the fact of what an account has come to."""
    tripped = sorted(f"{one.name} since {one.tripped_us}" for one in standing.tripped)
    values: dict[str, Value] = {
        "balance": money(standing.balance),
        "realised": money(standing.realised),
        "breakers": "; ".join(tripped),
    }
    return Fact(kind=Kind.LEDGER, key="account", at_ms=at_ms, symbol=_ACCOUNT, values=values)
