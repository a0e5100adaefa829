"""A filled position judged again at its own average price: within its budget, and worth holding."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from snipersight.bot.executor.actions import Action, Alarm, Flatten, Place, Situation
from snipersight.bot.executor.managing.amounts import (
    can_close,
    has_passed,
    is_protectable,
    lot_of,
    stop_value_price,
    trigger_price_now,
    usable,
)
from snipersight.bot.executor.managing.doubts import is_bounded
from snipersight.bot.executor.managing.flattening import EXCESS, free_to_sell
from snipersight.bot.executor.managing.legs import is_working, latest, may_try, of_leg, rest_of
from snipersight.bot.executor.managing.ordering import market_exit
from snipersight.domain.execution import IntentState, Leg, Trade
from snipersight.domain.units import Price, plain, to_size
from snipersight.domain.venue import Reason

_ZERO: Final = Decimal(0)


def judge(situation: Situation) -> tuple[Action, ...]:
    """Return the end of a position that is not what was planned; nothing while it is.

    It ends where price passed a stop that does not rest there, where the venue says so by
    refusing the stop, and where what was filled no longer earns its risk, net of costs.
    """
    trade = situation.trade
    if trade.exit_reason or usable(situation) == 0:
        return ()
    why = _stop_passed(situation) or _not_worth_it(situation) or _too_late(situation)
    if not why:
        return ()
    text = f"{trade.symbol}: {why}. {plain(situation.held)} is closed at market."
    return (Flatten(why=why), Alarm(subject=f"flattened:{trade.trade_id}", text=text))


def reduce_excess(situation: Situation) -> tuple[Action, ...]:
    """Return the market order that brings the loss at the stop back to the risk approved.

    Less than a lot too much is allowed: it cannot be sold.
    """
    trade = situation.trade
    excess = excess_size(situation)
    if trade.exit_reason or excess == 0 or not may_try(situation, Leg.FLATTEN, EXCESS):
        return ()
    size = min(excess, free_to_sell(situation))
    is_possible = can_close(size, stop_value_price(situation), situation.instrument)
    if not is_possible or not is_bounded(situation, (size,)):
        return ()
    text = (
        f"{trade.symbol}: {plain(situation.held)} held would lose more at the stop "
        f"than the {plain(trade.risk_quote)} approved; {plain(size)} is closed at market."
    )
    return (
        Place(intents=(market_exit(situation, size, index=EXCESS),)),
        Alarm(subject=f"reduced:{trade.trade_id}", text=text),
    )


def excess_size(situation: Situation) -> Decimal:
    """Return the whole lots that lose more at the stop than was approved, costs included."""
    average, trade = situation.average_entry, situation.trade
    if average is None or situation.held == 0:
        return _ZERO
    loss = _loss_per_unit(trade, average, trade.stop_price)
    if loss <= 0:
        return _ZERO
    allowed = trade.risk_quote / loss
    excess = situation.held - allowed
    return to_size(excess, lot=lot_of(situation.instrument)) if excess > 0 else _ZERO


def net_reward_to_risk(trade: Trade, average: Price) -> Decimal | None:
    """Return the fraction-weighted gain at the targets over the loss at the first stop, both net.

    Costs are the plan's for entry and stop. None where the stop risks nothing.
    """
    loss = _loss_per_unit(trade, average, trade.initial_stop)
    gains = (one.fraction * trade.direction.gain(one.price, entry=average) for one in trade.exits)
    reward = sum(gains, _ZERO) - trade.cost_per_unit
    return reward / loss if loss > 0 else None


def _loss_per_unit(trade: Trade, average: Price, stop: Price) -> Decimal:
    return max(-trade.direction.gain(stop, entry=average), _ZERO) + trade.cost_per_unit


def _stop_passed(situation: Situation) -> str:
    trade, now = situation.trade, trigger_price_now(situation)
    if now is None or not has_passed(now, trade.stop_price, trade.direction):
        return ""
    working = rest_of(one for one in of_leg(situation, Leg.STOP) if is_working(one))
    # One that rests there was triggered and is left its time (see `covering`).
    if working >= usable(situation):
        return ""
    return f"price {plain(now)} passed the stop {plain(trade.stop_price)}, and no stop works there"


def _too_late(situation: Situation) -> str:
    if situation.abilities.pairs_exits or not is_protectable(situation):
        return ""  # of a pair, the refusal may mean the target: the price tells (see `pairs`)
    last = latest(situation, Leg.STOP, 0)
    is_late = (
        last is not None
        and last.state is IntentState.REFUSED
        and last.reason is Reason.WOULD_TRIGGER
    )
    return "the venue refused the stop because price passed it already" if is_late else ""


def _not_worth_it(situation: Situation) -> str:
    trade, average = situation.trade, situation.average_entry
    if average is None:
        return ""
    found = net_reward_to_risk(trade, average)
    if found is None or found >= trade.rules.min_rr:
        return ""
    return (
        f"filled at {average:.8g}, net reward to risk is {found:.2f}, "
        f"below the {plain(trade.rules.min_rr)} asked for"
    )
