"""What is held, by fills where they are known and by orders where not yet."""

from dataclasses import replace
from decimal import Decimal

from snipersight.bot.executor.fees import booked_fill, needs_rate
from snipersight.bot.executor.holding import holding_of
from snipersight.domain.execution import IntentState, Leg, TradeId
from snipersight.domain.orders import ClientOrderId, Fill, Side
from snipersight.domain.units import Currency, Price, Size
from tests.builders import an_instrument
from tests.builders.trades import a_booked_fill, an_intent

PERPETUAL = an_instrument("BTC/USDT:USDT")
SPOT = an_instrument("BTC/USDT", maker="0.001", taker="0.002")
ENTRY = an_intent(state=IntentState.WORKING, filled_size=Size(Decimal(4)))


def a_fill(**values: object) -> Fill:
    """Return 2 units bought at 100 with a fee."""
    fill = a_booked_fill(size="2").fill
    return replace(fill, **values)  # type: ignore[arg-type]


def test_an_order_shows_more_than_is_booked_and_the_larger_counts():
    known = a_booked_fill(size="3", price="90")
    holding = holding_of([replace(ENTRY, client_id=known.client_id)], [known], PERPETUAL)
    assert holding.held == Decimal(4)
    assert holding.unbooked == (known.client_id,)


def test_fills_that_are_ahead_of_their_order_count_whole():
    known = a_booked_fill(size="7", price="90")
    holding = holding_of([replace(ENTRY, client_id=known.client_id)], [known], PERPETUAL)
    assert (holding.held, holding.average_entry) == (Decimal(7), Decimal(90))
    assert holding.unbooked == ()


def test_a_spot_buy_whose_fills_are_not_known_may_have_lost_its_fee():
    assert holding_of([ENTRY], [], SPOT).held == Decimal(4) * Decimal("0.998")
    assert holding_of([ENTRY], [], PERPETUAL).held == Decimal(4)


def test_a_fee_taken_from_what_was_bought_is_no_part_of_the_average_price():
    fill = a_fill(fee=Decimal("0.002"), fee_currency=Currency("BTC"))
    known = booked_fill(fill, SPOT, trade_id=TradeId("t"), client_id=ENTRY.client_id, leg=Leg.ENTRY)
    bought = replace(ENTRY, filled_size=fill.size)
    holding = holding_of([bought], [known], SPOT)
    assert (holding.held, holding.average_entry) == (Decimal("1.998"), fill.price)
    unbooked = holding_of([replace(bought, average_price=fill.price)], [], SPOT)
    assert unbooked.average_entry == fill.price


def test_executions_of_nobody_s_order_leave_less():
    stranger = replace(a_booked_fill("9", leg=Leg.FLATTEN, size="1"), client_id=ClientOrderId(""))
    assert holding_of([ENTRY], [stranger], PERPETUAL).held == Decimal(3)


def test_a_fee_taken_from_what_was_bought_makes_it_less_and_costs_nothing_more():
    fill = a_fill(fee=Decimal("0.002"), fee_currency=Currency("BTC"))
    booked = booked_fill(
        fill, SPOT, trade_id=TradeId("t"), client_id=ClientOrderId("c"), leg=Leg.ENTRY
    )
    assert (booked.net_size, booked.fee_quote) == (Decimal("1.998"), Decimal(0))


def test_a_fee_in_quote_in_base_on_a_sale_and_in_a_third_currency_is_counted_in_quote():
    def cost(rate: str | None = None, **values: object) -> Decimal:
        return booked_fill(
            a_fill(**values),
            SPOT,
            trade_id=TradeId("t"),
            client_id=ClientOrderId("c"),
            leg=Leg.TARGET,
            rate=None if rate is None else Decimal(rate),
        ).fee_quote

    assert cost(fee=Decimal("0.3")) == Decimal("0.3")
    assert cost(fee=Decimal("0.01"), fee_currency=Currency("BTC"), side=Side.SELL) == 1
    in_bnb = {"fee": Decimal("0.001"), "fee_currency": Currency("BNB")}
    assert cost("600", **in_bnb) == Decimal("0.6")
    assert cost(None, **in_bnb) == Decimal("0.2")  # 200 at the maker's fraction
    assert cost(None, **in_bnb, is_maker=False) == Decimal("0.4")
    assert needs_rate(a_fill(**in_bnb), SPOT)
    assert not needs_rate(a_fill(fee=Decimal(1), price=Price(Decimal(9))), SPOT)
