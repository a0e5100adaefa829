"""Exits on spot that nobody finds: protected again, where the balance forbids a second sale."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from snipersight.bot.executor.sparing import ask_spare
from snipersight.domain.direction import Direction
from snipersight.domain.execution import IntentState, Leg, TradeState
from snipersight.domain.orders import ClientOrderId, OrderKind, OrderRequest
from snipersight.domain.units import Currency, Price, Size, Symbol
from tests.fakes.executor_desk import ExecutorDesk
from tests.fakes.scripted_venue import ACCOUNT, Fate

_QUICK = 3  # seconds within which a stop rests where a look-up finds nothing
_DONE = Decimal("0.0001")  # less of the coin is dust


def _request(desk: ExecutorDesk, name: str, size: Decimal, *, is_reducing: bool) -> OrderRequest:
    return OrderRequest(
        client_id=ClientOrderId(name),
        symbol=Symbol(desk.symbol),
        direction=Direction.LONG,
        is_reducing=is_reducing,
        kind=OrderKind.MARKET,
        size=Size(size),
    )


def _coins(desk: ExecutorDesk) -> Decimal:
    balances = desk.venue.engine.balances(ACCOUNT)
    return sum((one.total for one in balances if one.currency == Currency("BTC")), Decimal(0))


async def _entered(
    *pairs: Fate, theirs: str = "", print_size: str | None = None
) -> tuple[ExecutorDesk, Decimal]:
    """Return a desk whose entries were just filled, and the coins in the account before.

    Args:
        pairs: how the first pairs go.
        theirs: units that somebody else bought before, for this account.
    """
    desk = ExecutorDesk(spot=True)
    if theirs:
        desk.venue.by_hand(_request(desk, "theirs", Decimal(theirs), is_reducing=False))
    before = _coins(desk)
    await desk.put_on()
    desk.venue.script("submit_pair", *pairs)
    desk.price("42000", size=print_size)
    await desk.cycle()
    return desk, before


def _is_covered(desk: ExecutorDesk) -> bool:
    held = desk.entry().open_size
    return held > 0 and held - desk.open_stops() < _DONE


async def test_pairs_that_were_lost_are_placed_again_after_one_look_up():
    desk, _ = await _entered(*[Fate.DROPPED] * 3)
    assert desk.open_stops() == 0
    await desk.cycles(_QUICK - 1)
    assert _is_covered(desk)
    assert not desk.trade.exit_reason
    lost = [one for one in desk.intents() if one.generation == 0 and one.leg is Leg.STOP]
    assert {one.state for one in lost} == {IntentState.UNKNOWN}  # looked up until it is sure


async def test_the_lost_pairs_are_given_up_in_the_end_and_the_new_ones_stay():
    desk, _ = await _entered(*[Fate.DROPPED] * 3)
    await desk.cycles(_QUICK)
    asked = len(desk.venue.requests("submit_pair"))
    await desk.cycles(30)
    assert _is_covered(desk)
    assert len(desk.venue.requests("submit_pair")) == asked
    assert not [one for one in desk.intents() if one.state is IntentState.UNKNOWN]


@pytest.mark.parametrize("seconds", [0, 1, 2, 5, 12])
async def test_complaint_21_a_pair_that_arrives_late_sells_nothing_that_is_not_ours(seconds):
    desk, before = await _entered(*[Fate.LATE] * 3, theirs="0.01")
    await desk.cycles(seconds)
    desk.venue.arrive()
    await desk.cycles(3)
    desk.price("41000")  # every stop is filled
    desk.venue.arrive()
    await desk.cycles(30)
    assert desk.trade.state is TradeState.DONE
    assert 0 <= _coins(desk) - before < _DONE


@pytest.mark.parametrize("theirs", ["0.06", "0.1", "1"])
async def test_complaint_21_where_others_units_could_be_sold_the_pair_is_not_repeated(theirs):
    desk, before = await _entered(*[Fate.LATE] * 3, theirs=theirs)
    first = len(desk.venue.requests("submit_pair"))
    await desk.cycles(12)
    sales = [one for one in desk.venue.requests("submit") if "-X" in one]
    assert (len(desk.venue.requests("submit_pair")), sales) == (first, [])
    desk.venue.arrive()
    desk.price("41000")
    await desk.cycles(30)
    assert 0 <= _coins(desk) - before < _DONE


async def test_a_lost_sale_is_repeated_after_one_look_up():
    desk, _ = await _entered()
    await desk.cycle()
    desk.venue.script("submit", Fate.DROPPED)
    await desk.executor.flatten(reason="enough")
    await desk.cycles(_QUICK)
    assert _coins(desk) < _DONE


async def test_what_a_sale_beside_a_lost_one_left_is_offered_again_in_the_same_look():
    desk, _ = await _entered()
    await desk.cycle()
    desk.venue.script("submit", Fate.DROPPED)
    await desk.executor.flatten(reason="enough")
    desk.price("42000", size="0.001")
    sales: list[int] = []
    for _ in range(_QUICK):
        before = len(desk.venue.requests("submit"))
        await desk.cycle()
        sales.append(len(desk.venue.requests("submit")) - before)
    assert max(sales) >= 2


@pytest.mark.parametrize("seconds", [0, 1, 2, 5])
async def test_complaint_26_a_sale_that_arrives_late_finds_nothing_to_sell(seconds):
    desk, before = await _entered(theirs="0.01")
    await desk.cycle()
    desk.venue.script("submit", Fate.LATE)
    await desk.executor.flatten(reason="enough")
    await desk.cycles(seconds)
    desk.venue.arrive()
    await desk.cycles(30)
    assert desk.trade.state is TradeState.DONE
    assert 0 <= _coins(desk) - before < _DONE


async def test_every_question_may_fail_once():
    desk, _ = await _entered(*[Fate.DROPPED] * 3)
    desk.venue.script("balances", Fate.DROPPED)
    desk.venue.script("fills", Fate.DROPPED)
    await desk.cycles(_QUICK - 1)
    assert _is_covered(desk)


@pytest.mark.parametrize("kind", ["balances", "fills", "order"])
async def test_nothing_is_repeated_while_one_of_the_questions_is_not_answered(kind):
    desk, _ = await _entered(*[Fate.DROPPED] * 3)
    first = len(desk.venue.requests("submit_pair"))
    desk.venue.pick = lambda asked: Fate.DROPPED if asked == kind else Fate.WELL
    await desk.cycles(_QUICK)
    assert len(desk.venue.requests("submit_pair")) == first
    desk.venue.pick = lambda _asked: Fate.WELL
    await desk.cycles(2)
    assert _is_covered(desk)


async def _spare(desk: ExecutorDesk) -> Decimal | None:
    """Return what is found out about the account now."""
    (file,) = desk.executor.books.known.files
    return (await ask_spare(desk.desk, desk.executor._booker, file)).spare


async def test_what_the_account_has_beyond_the_trades_own_is_told():
    desk, before = await _entered(*[Fate.DROPPED] * 3, theirs="0.5")
    assert await _spare(desk) == _coins(desk) - desk.entry().open_size
    assert before - _DONE < (await _spare(desk) or 0) <= before


async def test_an_execution_that_is_not_booked_leaves_the_spare_unknown():
    # The order in doubt may have sold so much, and what the balance has left be somebody else's.
    desk, before = await _entered(*[Fate.DROPPED] * 3, theirs="0.5")
    desk.venue.by_hand(_request(desk, "hand", before, is_reducing=True))
    assert abs(_coins(desk) - desk.entry().open_size) < _DONE
    assert await _spare(desk) is None


async def test_a_balance_below_what_is_held_leaves_the_spare_unknown():
    desk, _ = await _entered(*[Fate.DROPPED] * 3)
    desk.venue.by_hand(_request(desk, "hand", Decimal("0.05"), is_reducing=True))
    desk.venue.hides_fills = True
    assert await _spare(desk) is None


async def test_units_tied_up_by_nobody_knows_what_leave_the_spare_unknown():
    desk, _ = await _entered(*[Fate.DROPPED] * 3)
    resting = replace(
        _request(desk, "hand", Decimal("0.05"), is_reducing=True),
        kind=OrderKind.LIMIT,
        price=Price(Decimal(50_000)),
    )
    desk.venue.by_hand(resting)
    assert await _spare(desk) is None


async def test_nobody_asks_for_the_balance_while_every_exit_is_known():
    desk, _ = await _entered()
    count = len([one for one in desk.venue.log if one.startswith("balances")])
    desk.executor._comparisons.every = 1_000_000  # no reconciliation
    await desk.cycles(5)
    assert len([one for one in desk.venue.log if one.startswith("balances")]) == count


async def test_pairs_that_change_beside_a_lost_sale_are_made_whole_once_and_left_alone():
    desk = ExecutorDesk(spot=True)
    await desk.put_on()
    smaller = replace(desk.trade, risk_quote=desk.trade.risk_quote * Decimal("0.6"))
    desk.store.transact(ACCOUNT, lambda unit: unit.book.save_trade(smaller))
    desk.executor.books.doubt(smaller.trade_id)
    desk.venue.script("submit", Fate.DROPPED)  # of what is too much; its repetition sells it
    desk.price("42000")
    await desk.cycles(_QUICK)
    desk.price(str(desk.trade.exits[0].price + 10))  # its target is filled: the others change
    await desk.cycles(_QUICK)
    assert _is_covered(desk)
    asked = len(desk.venue.requests("submit_pair"))
    await desk.cycles(8)
    assert _is_covered(desk)
    assert not desk.trade.exit_reason
    assert len(desk.venue.requests("submit_pair")) == asked
