"""The kill switch in one unit of work: pulled, done, re-armed; with or without an executor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from snipersight.domain.execution import KillSwitch, Leg, Trade
from snipersight.domain.standing import KILL_SWITCH
from snipersight.domain.store import UnitOfWork
from snipersight.risk.breakers.records import save_standing
from snipersight.risk.breakers.standing import halt, resume
from snipersight.risk.ledger.order_records import KillEvent, record_kill
from snipersight.risk.ledger.work import Clerk


def latch(unit: UnitOfWork, clerk: Clerk, switch: KillSwitch) -> KillSwitch:
    """Pull the kill switch and halt the account with it; one that is pulled only grows stronger.

    Returns:
        The switch as it holds now.
    """
    known, at_us = unit.book.kill_switch(), clerk.at_us(unit)
    if known is not None and (known.flatten or not switch.flatten):
        return known
    held = switch if known is None else replace(known, flatten=True, done_us=None)
    unit.book.save_kill_switch(held)
    record_kill(unit, held, KillEvent.PULLED, at_us=at_us, actor=switch.actor)
    reason = f"{KILL_SWITCH}: {switch.reason}" if switch.reason else KILL_SWITCH
    halted = halt(unit.account.standing, at_us=at_us, reason=reason)
    save_standing(unit, halted, at_us=at_us, actor=switch.actor)
    return held


def mark_done(
    unit: UnitOfWork,
    clerk: Clerk,
    switch: KillSwitch,
    *,
    is_confirmed: Callable[[Trade], bool] = lambda _trade: False,
) -> bool:
    """Note that all of a pulled switch is done; False where it is not, or another one holds.

    Args:
        switch: as it was when its end was looked for.
        is_confirmed: whether the venue of a trade was seen to show nothing more of it to end. Any
            other live trade, such as one at another venue, is judged by the books.
    """
    if unit.book.kill_switch() != switch:
        return False
    others = [one for one in unit.book.live_trades() if not is_confirmed(one)]
    if any(switch.flatten or _may_enter(unit, one) for one in others):
        return False
    at_us = clerk.at_us(unit)
    done = replace(switch, done_us=at_us)
    unit.book.save_kill_switch(done)
    record_kill(unit, done, KillEvent.DONE, at_us=at_us, actor=clerk.actor)
    return True


def unlatch(unit: UnitOfWork, clerk: Clerk, *, actor: str) -> bool:
    """Allow entries again, with the halt that the switch brought; False if it was not pulled."""
    held = unit.book.kill_switch()
    if held is None:
        return False
    at_us = clerk.at_us(unit)
    unit.book.save_kill_switch(None)
    record_kill(unit, held, KillEvent.REARMED, at_us=at_us, actor=actor)
    save_standing(
        unit, resume(unit.account.standing, at_us=at_us, rearm=False), at_us=at_us, actor=actor
    )
    return True


def _may_enter(unit: UnitOfWork, trade: Trade) -> bool:
    intents = unit.book.intents(trade.trade_id)
    return any(one.leg is Leg.ENTRY and one.state.is_open for one in intents)
