"""What real orders, or a person, made of a signal: from fills and the ledger, in R as approved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from snipersight.bootstrap.trade_views import TradeView
from snipersight.domain.candles import Candles
from snipersight.domain.direction import Direction
from snipersight.domain.evidence import Ending, Kind, Outcome, OutcomeStatus
from snipersight.domain.execution import BookedFill, Leg, OrderIntent, Trade, TradeState
from snipersight.domain.ledger import EntryState, LedgerEntry
from snipersight.engine.evidence import signal_key

_ZERO: Final = Decimal(0)
_US: Final = 1000  # microseconds of a millisecond
# How the executor says why it closes a trade; anything else was a person's word, or the venue's.
_TIME_STOP: Final = "the trade has lasted"
_JUDGED: Final = (
    "filled at",
    "price ",
    "the venue refused the stop",
    "what was filled is too small",
)
# Nothing was filled, and nothing in its candles says why: it was given up.
_GIVEN_UP: Final = "its entries were given up before one was filled"


def executed_outcome(view: TradeView, path: Candles | None) -> Outcome:
    """Return how an executed trade went, or how far it has come.

    Args:
        view: trade, orders, fills and ledger entry.
        path: closed bars of the time since it was staged, for the furthest moves; None: what was
            filled alone tells.
    """
    trade = view.trade
    entries = [one for one in view.fills if one.leg is Leg.ENTRY]
    status, note = _status(view, path) if not entries else (_held_status(trade), trade.note)
    outcome = Outcome(
        key=signal_key(trade.account_id, trade.plan_id),
        kind=Kind.ACTUAL,
        status=status,
        planned_r=_planned_r(trade),
        ended_ms=0 if trade.ended_us is None else trade.ended_us // _US,
        note=note,
    )
    return _with_result(outcome, view, entries, path) if entries else outcome


def hand_outcome(entry: LedgerEntry, *, risk_quote: Decimal) -> Outcome:
    """Return how a trade went that a person took, as far as was said.

    Args:
        entry: of the ledger, of a plan.
        risk_quote: loss at the stop that was approved, quote currency, above 0.

    Raises:
        ValueError: the entry belongs to no plan.
    """
    if entry.plan_id is None:
        raise ValueError(f"ledger entry {entry.entry_id} is of no plan")
    is_over = not entry.state.is_live
    net_r = float(entry.realised / entry.quote_rate / risk_quote)
    return Outcome(
        key=signal_key(entry.account_id, entry.plan_id),
        kind=Kind.ACTUAL,
        status=OutcomeStatus.CLOSED if is_over else OutcomeStatus.OPEN,
        ending=Ending.BY_HAND if is_over else Ending.NONE,
        entered_ms=(entry.opened_us or entry.reserved_us) // _US,
        ended_ms=0 if entry.ended_us is None else entry.ended_us // _US,
        filled_fraction=1.0,
        gross_r=net_r,
        net_r=net_r,
        note="taken by hand; its costs are in the result",
    )


def _held_status(trade: Trade) -> OutcomeStatus:
    return OutcomeStatus.CLOSED if trade.state is TradeState.DONE else OutcomeStatus.OPEN


def _status(view: TradeView, path: Candles | None) -> tuple[OutcomeStatus, str]:
    """Return where a trade without a fill is, and what a person should know of it."""
    trade = view.trade
    if trade.state.is_live:
        return OutcomeStatus.WAITING, trade.note
    ended_us = trade.ended_us or trade.valid_until_us
    is_expired = view.entry is not None and view.entry.state is EntryState.EXPIRED
    if is_expired or ended_us >= trade.valid_until_us:
        return OutcomeStatus.EXPIRED, trade.exit_reason
    touched = _touched(trade, path)
    if touched is not None:
        return touched, trade.exit_reason
    return OutcomeStatus.INVALIDATED, trade.exit_reason or _GIVEN_UP


def _touched(trade: Trade, path: Candles | None) -> OutcomeStatus | None:
    """Return what price reached first while nothing was filled: the target or the stop."""
    if path is None:
        return None
    target, stop = float(trade.exits[0].price), float(trade.initial_stop)
    is_long = trade.direction is Direction.LONG
    lived = path.between(trade.created_us // _US, (trade.ended_us or 0) // _US)
    for high, low in zip(lived.high, lived.low, strict=True):
        if high >= target if is_long else low <= target:
            return OutcomeStatus.MISSED
        if low <= stop if is_long else high >= stop:
            return OutcomeStatus.INVALIDATED
    return None


def _with_result(
    outcome: Outcome, view: TradeView, entries: Sequence[BookedFill], path: Candles | None
) -> Outcome:
    """Return an outcome with what was earned, what it cost, and how far price went."""
    trade, risk = view.trade, view.trade.risk_quote
    rate = Decimal(1) if view.entry is None else view.entry.quote_rate
    net = float(view.realised / rate / risk)
    fees = float(sum((_fee(one) for one in view.fills), _ZERO) / risk)
    slippage = float(_slippage(view) / risk)
    funding = float(-view.funding / risk)
    adverse, favourable = _furthest(view, path)
    first_us = min(one.fill.at_us for one in entries)
    entered = sum((one.net_size for one in entries), _ZERO)
    return replace(
        outcome,
        ending=_ending(view) if outcome.status is OutcomeStatus.CLOSED else Ending.NONE,
        entered_ms=(trade.opened_us or first_us) // _US,
        filled_fraction=min(float(entered / trade.size), 1.0),
        targets_hit=view.targets_hit,
        gross_r=net + fees + slippage + funding,
        fees_r=fees,
        slippage_r=slippage,
        funding_r=funding,
        net_r=net,
        mae_r=adverse,
        mfe_r=favourable,
    )


def _fee(booked: BookedFill) -> Decimal:
    """Return a fill's fee in quote currency, also where it was taken from what was bought."""
    return booked.fee_quote + (booked.fill.size - booked.net_size) * booked.fill.price


def _slippage(view: TradeView) -> Decimal:
    """Return how much worse than their triggers the stops filled, quote currency, at least 0."""
    by_id = {one.client_id: one for one in view.intents}
    lost = _ZERO
    for booked in view.fills:
        trigger = _trigger(by_id.get(booked.client_id))
        if booked.leg is Leg.STOP and trigger is not None:
            worse = -view.trade.direction.gain(booked.fill.price, entry=trigger)
            lost += max(worse, _ZERO) * booked.net_size
    return lost


def _trigger(intent: OrderIntent | None) -> Decimal | None:
    return None if intent is None else intent.request.trigger_price


def _furthest(view: TradeView, path: Candles | None) -> tuple[float, float]:
    """Return the furthest moves against and for the average entry, in R per unit of the size.

    Whole bars between the first fill and the end count, and every exit; of the bar that ended it,
    nothing beyond the exit.
    """
    trade, average = view.trade, view.holding.average_entry
    if average is None:
        return 0.0, 0.0
    sign, entry = trade.direction.sign, float(average)
    exits = [float(one.fill.price) for one in view.fills if one.leg is not Leg.ENTRY]
    prices = [entry, *exits]
    if path is not None:
        end_ms = int(path.close_time[-1]) if trade.ended_us is None else trade.ended_us // _US - 1
        held = path.between((trade.opened_us or trade.created_us) // _US, end_ms)
        prices += [*map(float, held.high), *map(float, held.low)]
    moves = [sign * (price - entry) for price in prices]
    unit = float(trade.risk_quote / trade.size)
    return abs(min(moves)) / unit, max(moves) / unit


def _ending(view: TradeView) -> Ending:
    """Return what closed the last of a position."""
    exits = [one for one in view.fills if one.leg is not Leg.ENTRY]
    if not exits:
        return Ending.BY_HAND  # closed elsewhere
    last = max(exits, key=lambda one: one.fill.at_us)
    if last.leg is Leg.TARGET:
        return Ending.TARGETS
    if last.leg is Leg.STOP:
        return _stop_ending(view, last)
    why = view.trade.exit_reason
    if why.startswith(_TIME_STOP):
        return Ending.TIME_STOP
    return Ending.JUDGED if why.startswith(_JUDGED) else Ending.BY_HAND


def _stop_ending(view: TradeView, last: BookedFill) -> Ending:
    trade, average = view.trade, view.holding.average_entry
    by_id = {one.client_id: one for one in view.intents}
    trigger = _trigger(by_id.get(last.client_id)) or trade.stop_price
    if trigger == trade.initial_stop:
        return Ending.STOP
    secured = _ZERO if average is None else trade.direction.gain(trigger, entry=average)
    # Break-even lies at average entry plus costs, rounded to a tick; a trailing stop beyond it.
    is_beyond = secured > trade.cost_per_unit * 2
    return (
        Ending.TRAILED if trade.rules.trailing_atr is not None and is_beyond else Ending.BREAK_EVEN
    )


def _planned_r(trade: Trade) -> float:
    """Return what all targets would have brought, net, in R."""
    gains = (
        one.fraction * trade.direction.gain(one.price, entry=trade.entry_near)
        for one in trade.exits
    )
    return float((sum(gains, _ZERO) - trade.cost_per_unit) * trade.size / trade.risk_quote)
