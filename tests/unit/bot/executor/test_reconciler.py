"""Books and venue compared: what is ours is adopted or cancelled, what is not is counted and left."""

from decimal import Decimal

import pytest

from snipersight.domain.direction import Direction
from snipersight.domain.execution import BookedFill, IntentState, Leg, Mode, TradeState
from snipersight.domain.ledger import EntryState, Origin
from snipersight.domain.orders import VenueOrder, VenuePosition
from snipersight.domain.units import Currency, Price, Size, Symbol
from tests.builders.hand_orders import by_hand
from tests.fakes.executor_desk import BTC, ExecutorDesk
from tests.fakes.scripted_venue import ACCOUNT, Fate

WINDOW_S = 25


@pytest.fixture
def desk():
    return ExecutorDesk()


async def filled(desk: ExecutorDesk) -> None:
    """Put a trade on and let all of it be filled and covered."""
    assert await desk.put_on()
    desk.price("42000")
    await desk.cycles(2)


async def test_books_and_venue_that_agree_have_nothing_to_say(desk):
    await filled(desk)
    found = await desk.executor.reconcile()
    assert (found.sentences, found.is_complete, found.is_settled) == ((), True, True)


async def test_a_position_closed_by_hand_ends_the_trade_with_what_it_brought(desk):
    await filled(desk)
    desk.venue.by_hand(by_hand("hand", str(desk.position()), is_reducing=True))
    found = await desk.executor.reconcile()
    assert "by no order of ours" in found.sentences[0]
    assert desk.ask(lambda unit: unit.account.standing).cooldowns == ()
    await desk.cycles(3)
    assert desk.trade.state is TradeState.DONE
    assert desk.entry().realised == desk.venue.engine.equity(ACCOUNT) - Decimal(1_000_000)
    assert desk.venue.engine.orders(ACCOUNT) == ()


async def test_part_closed_by_hand_leaves_a_stop_for_the_rest(desk):
    await filled(desk)
    held = desk.position()
    desk.venue.by_hand(by_hand("hand", "0.05", is_reducing=True))
    await desk.cycles(3)
    assert desk.entry().open_size == desk.open_stops() == held - Decimal("0.05")


async def test_more_than_our_orders_explain_is_quarantined_and_only_our_part_protected(desk):
    await filled(desk)
    ours = desk.position()
    desk.venue.by_hand(by_hand("hand", "0.3"))
    await desk.cycles(3)
    assert "quarantine" not in desk.told()  # the venue's window has not passed
    desk.clock.advance(WINDOW_S)
    await desk.cycles(2)
    assert desk.trade.state is TradeState.QUARANTINED
    assert desk.open_stops() == ours
    assert desk.told().count("quarantine") == 1
    foreign = [
        one for one in desk.ask(lambda unit: unit.live_entries()) if one.origin is Origin.FOREIGN
    ]
    assert [one.open_size for one in foreign] == [Decimal("0.3")]


async def test_a_quarantine_ends_when_books_and_venue_agree_again(desk):
    await filled(desk)
    desk.venue.by_hand(by_hand("hand", "0.3"))
    await desk.cycles(3, seconds=WINDOW_S)
    desk.venue.by_hand(by_hand("hand-2", "0.3", is_reducing=True))
    await desk.cycles(2)
    assert desk.trade.state is TradeState.OPEN
    assert desk.position() == desk.open_stops() == desk.entry().open_size


async def test_an_order_of_ours_that_no_live_trade_knows_is_cancelled(desk):
    desk.venue.by_hand(by_hand("ss-aaaaaaaaaaaaaaaa-E0-0", "0.01", price="40000"))
    desk.venue.by_hand(by_hand("somebody", "0.01", price="40000"))
    found = await desk.executor.reconcile()
    assert "belonged to no live trade: cancelled" in found.sentences[0]
    assert [one.client_id for one in desk.venue.engine.orders(ACCOUNT)] == ["somebody"]
    assert found.foreign_orders == 1


async def test_a_stop_of_a_trade_that_another_store_knew_goes_on_guarding_its_position(desk):
    # The store was lost, or another installation trades on this account.
    desk.venue.by_hand(by_hand("ss-aaaaaaaaaaaaaaaa-E0-0", "0.1"))
    stop = by_hand("ss-aaaaaaaaaaaaaaaa-S0-0", "0.1", is_reducing=True, trigger="40000")
    desk.venue.by_hand(stop)
    desk.venue.by_hand(by_hand("ss-aaaaaaaaaaaaaaaa-E1-0", "0.01", price="40000"))
    found = await desk.executor.reconcile()
    assert desk.open_stops() == desk.position() == Decimal("0.1")
    assert (found.foreign_orders, found.foreign_positions) == (1, 1)
    left = [one.client_id for one in desk.venue.engine.orders(ACCOUNT)]
    assert left == ["ss-aaaaaaaaaaaaaaaa-S0-0"]
    desk.venue.by_hand(by_hand("close", "0.1", is_reducing=True))
    desk.venue.by_hand(by_hand("ss-aaaaaaaaaaaaaaaa-E2-0", "0.01", price="40000"))
    await desk.executor.reconcile()
    assert desk.venue.engine.orders(ACCOUNT) == ()


async def test_a_foreign_position_is_counted_and_blocks_its_market(desk):
    staged = desk.stage()
    desk.venue.by_hand(by_hand("somebody", "0.1"))
    refused = await desk.executor.submit_order(staged.approved, mode=Mode.PAPER)
    assert refused.check.code == "foreign_position"
    found = await desk.executor.reconcile()
    assert found.foreign_positions == 1
    (entry,) = desk.ask(lambda unit: unit.live_entries())
    assert (entry.origin, entry.open_size) == (Origin.FOREIGN, Decimal("0.1"))
    await desk.cycles(3)
    assert desk.position() == Decimal("0.1")


async def test_budget_without_a_trade_is_released_after_a_minute(desk):
    desk.stage()
    assert (await desk.executor.reconcile()).sentences == ()
    desk.clock.advance(61)
    assert "never used" in (await desk.executor.reconcile()).sentences[0]
    assert desk.ask(lambda unit: unit.live_entries()) == ()


async def test_leverage_changed_by_hand_is_told_once(desk):
    await filled(desk)
    desk.venue.engine.set_leverage(ACCOUNT, Symbol(BTC), Decimal(13))
    await desk.cycles(3)
    told = [one for one in desk.store.queue if "leverage is 13" in str(one.payload)]
    assert len(told) == 1


async def test_an_exit_changed_by_hand_is_replaced_first_and_cancelled_then(desk):
    await filled(desk)
    stop = next(o for o in desk.venue.engine.orders(ACCOUNT) if o.kind.is_stop)
    held = desk.venue.engine._floor.accounts[ACCOUNT].open
    order = next(one for one in held.values() if one.client_id == stop.client_id)
    order.size = Decimal("0.01")
    await desk.cycles(4)
    stops = [o for o in desk.venue.engine.orders(ACCOUNT) if o.kind.is_stop]
    assert [one.size for one in stops] == [desk.position()]
    assert stops[0].client_id != stop.client_id
    assert "order" in desk.told()


async def test_balances_that_vanish_block_entries_until_they_are_back(desk):
    await desk.executor.reconcile()
    engine = desk.venue.engine
    engine.deposit(ACCOUNT, Currency("USDT"), Decimal(-1_000_000), at_us=desk.clock())
    found = await desk.executor.reconcile()
    assert "shows no USDT" in found.sentences[0]
    staged = desk.stage()
    refused = await desk.executor.submit_order(staged.approved, mode=Mode.PAPER)
    assert refused.check.code == "venue_stopped"
    engine.deposit(ACCOUNT, Currency("USDT"), Decimal(1_000_000), at_us=desk.clock())
    await desk.executor.reconcile()
    desk.signals.fired.clear()
    desk.clock.advance(61)
    await desk.executor.reconcile()
    desk.restarted_gate()
    assert await desk.put_on()


async def test_an_order_that_is_filled_after_its_trade_has_ended_is_taken_up_and_closed(desk):
    await desk.put_on()
    await desk.executor.cancel_order(BTC)
    await desk.cycles(2)
    assert desk.trade.state is TradeState.DONE
    # The venue turns out to have filled the cancelled order after all.
    intent = desk.intents()[0]
    late = by_hand(f"{intent.client_id}", "0.05")
    desk.venue.engine.submit(ACCOUNT, late, at_us=desk.clock())
    found = await desk.executor.reconcile()
    assert any("filled after its end" in one for one in found.sentences)
    await desk.cycles(3)
    assert desk.position() == 0
    assert desk.trade.state is TradeState.DONE
    assert desk.entry().state is EntryState.CLOSED
    assert desk.entry().realised == desk.venue.engine.equity(ACCOUNT) - Decimal(1_000_000)


async def test_an_order_of_a_trade_that_is_over_is_cancelled(desk):
    await desk.put_on()
    await desk.executor.cancel_order(BTC)
    await desk.cycles(2)
    assert desk.trade.state is TradeState.DONE
    desk.venue.by_hand(by_hand(desk.intents()[0].client_id, "0.01", price="40000"))
    found = await desk.executor.reconcile()
    assert "belonged to no live trade: cancelled" in found.sentences[0]
    assert desk.venue.engine.orders(ACCOUNT) == ()


async def test_a_venue_that_does_not_answer_leaves_a_comparison_incomplete(desk):
    await filled(desk)
    for kind in ("open_orders", "positions", "balances"):
        desk.venue.script(kind, Fate.BUSY)
        found = await desk.executor.reconcile()
        assert (found.is_complete, found.is_settled) == (False, False)
        assert "could not be asked" in found.sentences[0]


async def test_a_market_that_is_delisted_leaves_the_other_trades_cared_for():
    desk = ExecutorDesk("BTC", "ETH")
    for symbol in desk.symbols:
        await desk.put_on(desk.plan(symbol))
    del desk.markets[Symbol(desk.symbols[0])]
    desk.price("42240", desk.symbols[1])
    await desk.cycle()
    assert desk.open_stops(desk.symbols[1]) == desk.position(desk.symbols[1]) > 0
    assert "execution" in desk.told()


async def test_a_stop_that_the_venue_attached_closes_the_trade_and_is_booked():
    desk = ExecutorDesk(venue={"abilities": {"attaches_stop": True}})
    await desk.put_on()
    desk.price("42000")
    desk.price("41700")  # filled and stopped out before anybody looked
    assert desk.position() == 0
    await desk.cycles(6)
    assert desk.trade.state is TradeState.DONE
    assert desk.entry().realised == desk.venue.engine.equity(ACCOUNT) - Decimal(1_000_000)
    assert desk.venue.engine.orders(ACCOUNT) == ()
    assert "quarantine" not in desk.told()
    standing = desk.ask(lambda unit: unit.account.standing)
    assert [one.symbol for one in standing.cooldowns] == [BTC]  # it was a stop, by whomever


async def test_both_stops_of_a_position_never_close_it_twice():
    desk = ExecutorDesk(venue={"abilities": {"attaches_stop": True}})
    await desk.put_on()
    desk.price("42000")
    await desk.cycles(2)
    assert desk.open_stops() >= desk.position() > 0
    desk.price("41700")
    await desk.cycles(6)
    assert desk.position() == 0
    assert desk.trade.state is TradeState.DONE
    assert desk.entry().realised == desk.venue.engine.equity(ACCOUNT) - Decimal(1_000_000)


@pytest.mark.parametrize("is_spot", [False, True])
async def test_an_entry_that_was_given_up_and_filled_after_all_is_booked_and_covered(is_spot):
    desk = ExecutorDesk(spot=is_spot)
    desk.venue.script("submit", Fate.LATE)
    await desk.put_on()
    desk.price("42240")
    await desk.cycles(3, seconds=WINDOW_S)
    assert desk.intents()[0].state is IntentState.ABSENT
    desk.venue.arrive()
    await desk.cycles(4)
    held = desk.entry().open_size
    assert held > 0
    assert desk.open_stops() == held - held % Decimal("0.00001")  # whole lots of it
    assert "quarantine" not in desk.told()


async def test_an_entry_on_spot_that_is_filled_after_its_trade_has_ended_is_sold_again():
    desk = ExecutorDesk(spot=True)
    desk.venue.script("submit", *[Fate.LATE] * 3)
    await desk.put_on()
    await desk.cycles(3, seconds=WINDOW_S)
    await desk.executor.cancel_order(desk.symbol)
    await desk.cycles(2)
    assert desk.trade.state is TradeState.DONE
    desk.price("42240")
    desk.venue.arrive()
    await desk.cycles(5)
    held = [one for one in desk.venue.engine.balances(ACCOUNT) if one.currency == "BTC"]
    assert sum((one.total for one in held), Decimal(0)) < Decimal("0.00001")
    assert desk.trade.state is TradeState.DONE


async def test_a_quarantine_holds_while_an_order_s_outcome_is_unknown(desk):
    await filled(desk)
    desk.venue.by_hand(by_hand("hand", "0.3"))
    await desk.cycles(3, seconds=WINDOW_S)
    assert desk.trade.state is TradeState.QUARANTINED
    desk.venue.script("submit", Fate.DROPPED)
    desk.venue.engine.cancel(
        ACCOUNT, Symbol(BTC), client_id=next(iter(stops_of(desk))).client_id, at_us=desk.clock()
    )
    await desk.cycles(2)
    assert any(one.state is IntentState.UNKNOWN for one in desk.intents())
    assert desk.trade.state is TradeState.QUARANTINED


def stops_of(desk: ExecutorDesk) -> list[VenueOrder]:
    """Return the stops that lie at the venue."""
    return [one for one in desk.venue.engine.orders(ACCOUNT) if one.kind.is_stop]


async def test_a_foreign_position_that_cannot_be_valued_is_told_of_and_bars_its_market(desk):
    staged = desk.stage()
    odd = VenuePosition(
        symbol=Symbol(BTC),
        direction=Direction.LONG,
        size=Size(Decimal(1)),
        entry_price=Price(Decimal("NaN")),
    )

    async def positions() -> tuple[VenuePosition, ...]:
        return (odd,)

    desk.venue.positions = positions
    found = await desk.executor.reconcile()
    assert any("cannot be valued" in one for one in found.sentences)
    assert (await desk.executor.reconcile()).sentences == ()
    assert desk.told() == ["execution"]
    refused = await desk.executor.submit_order(staged.approved, mode=Mode.PAPER)
    assert refused.check.code == "foreign_position"


async def vanished(desk: ExecutorDesk) -> None:
    """Let a position that was filled be gone, and nobody's executions say how."""
    await filled(desk)
    desk.venue.by_hand(by_hand("hand", str(desk.position()), is_reducing=True))
    mine = {one.fill.fill_id for one in desk.ask(lambda u: u.book.fills(desk.trade.trade_id))}
    fills = desk.venue.engine.fills(ACCOUNT, Symbol(BTC), since_us=0)
    desk.venue.hidden = {one.fill_id for one in fills} - mine
    await desk.cycles(4, seconds=WINDOW_S)


async def test_a_person_can_end_a_quarantined_trade_whose_position_vanished(desk):
    await vanished(desk)
    before = desk.trade.state
    await desk.executor.flatten(reason="it is gone")
    assert [before, desk.trade.state] == [TradeState.QUARANTINED, TradeState.DONE]
    entry = desk.entry()
    assert (entry.state, entry.open_size) == (EntryState.CLOSED, 0)
    assert -Decimal(101) < entry.realised < -Decimal(50)  # as if it had been stopped out
    assert desk.venue.engine.orders(ACCOUNT) == ()
    sent = len(desk.venue.requests("submit"))
    await desk.cycles(3)
    assert len(desk.venue.requests("submit")) == sent


async def test_a_quarantined_position_that_is_there_is_closed_and_not_written_off(desk):
    await filled(desk)
    ours = desk.position()
    desk.venue.by_hand(by_hand("hand", "0.3"))
    await desk.cycles(3, seconds=WINDOW_S)
    desk.venue.script("submit", Fate.BUSY)
    await desk.executor.flatten()
    assert desk.trade.state is TradeState.QUARANTINED
    await desk.cycles(4)
    assert desk.position() == Decimal("0.3")
    assert ours == sum(one.fill.size for one in exits_of(desk))


def exits_of(desk: ExecutorDesk) -> list[BookedFill]:
    """Return the fills that made the position smaller."""
    fills = desk.ask(lambda unit: unit.book.fills(desk.trade.trade_id))
    return [one for one in fills if one.leg is not Leg.ENTRY]
