"""The end of a trade: the budget of unfilled entries given back, and nothing held or open."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from snipersight.bot.executor.actions import Action, Alarm, Finish, ReleaseRest, Situation
from snipersight.bot.executor.managing.amounts import is_sellable_now, usable
from snipersight.bot.executor.managing.entries import are_settled, end_of_entries
from snipersight.bot.executor.managing.legs import of_leg
from snipersight.domain.execution import IntentState, Leg, OrderIntent, TradeState
from snipersight.domain.units import plain

_ZERO: Final = Decimal(0)


def release_rest(situation: Situation) -> tuple[Action, ...]:
    """Return the release of the budget that no entry can claim any more.

    Not before every execution is booked: one that still comes needs its share.
    """
    is_due = situation.pending > 0 and situation.is_booked and are_settled(situation)
    return (ReleaseRest(),) if is_due else ()


def finish(situation: Situation) -> tuple[Action, ...]:
    """Return the end of a trade that holds nothing it could sell and has no order left.

    A quarantined one ends only after somebody decided to close it.
    """
    trade = situation.trade
    if trade.state is TradeState.QUARANTINED and not trade.exit_reason:
        return ()
    is_open = any(one.state.is_open for one in situation.intents)
    if is_open or not situation.is_booked or not are_settled(situation):
        return ()
    if usable(situation) > 0 and is_sellable_now(situation):
        return ()
    end = Finish(why=_why(situation), dust=situation.held)
    return (end, *_dust_alarm(situation))


def _dust_alarm(situation: Situation) -> tuple[Action, ...]:
    # Less than a lot is what fees in the base currency leave over: nobody can sell that.
    if usable(situation) == 0:
        return ()
    text = (
        f"{situation.trade.symbol}: {plain(situation.held)} is below the venue's minimum, cannot "
        f"be sold and is written off. It stays in the account."
    )
    return (Alarm(subject=f"dust:{situation.trade.trade_id}", text=text),)


def _why(situation: Situation) -> str:
    if situation.trade.exit_reason:
        return situation.trade.exit_reason
    if situation.entered == 0:
        return f"not entered: {_why_not_entered(situation)}"
    last = _last_filled(situation)
    if last is None:
        return "what was filled is too small to close" if situation.held else "closed elsewhere"
    return {
        Leg.STOP: "stopped out",
        Leg.TARGET: "every target was reached",
    }.get(last.leg, "closed at market")


def _why_not_entered(situation: Situation) -> str:
    entries = of_leg(situation, Leg.ENTRY)
    if not entries:
        return end_of_entries(situation) or "the size is too small for the venue"
    refused = [one for one in entries if one.state is IntentState.REFUSED]
    if len(refused) == len(entries):
        return f"the venue refused it ({refused[-1].problem})"
    return end_of_entries(situation) or "every entry ended unfilled"


def _last_filled(situation: Situation) -> OrderIntent | None:
    exits = [one for one in situation.intents if one.leg is not Leg.ENTRY and one.filled_size > 0]
    return max(exits, key=lambda one: one.updated_us, default=None)
