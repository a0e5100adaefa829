"""What a signal's page says of the real trade is what the book says, not what evidence will say."""

from __future__ import annotations

from decimal import Decimal

from snipersight.bootstrap.dashboard.signal_list import signal_row
from snipersight.bootstrap.dashboard.views import SignalRow, SignalView
from snipersight.bootstrap.trade_views import TradeView
from snipersight.bot.executor.holding import holding_of
from snipersight.domain.evidence import Ending, Kind, OutcomeStatus
from snipersight.domain.execution import BookedFill, TradeState
from snipersight.domain.units import Money
from snipersight.storage.telemetry.signal_listing import ListedSignal
from snipersight.web.pages.signal_outcome import outcome_rows
from tests.builders import an_instrument
from tests.builders.evidence import a_signal, an_outcome
from tests.builders.ledger import an_entry
from tests.builders.trades import SYMBOL, a_booked_fill, a_trade

FILL = a_booked_fill()
R = "101"  # quote


def a_row(actual: OutcomeStatus | None) -> SignalRow:
    real = None
    if actual is not None:
        real = an_outcome(kind=Kind.ACTUAL, status=actual, ending=Ending.STOP, net_r=-1.05)
    return signal_row(ListedSignal(signal=a_signal(), modelled=None, actual=real), None)


def a_page(
    actual: OutcomeStatus | None, *fills: BookedFill, state: TradeState, realised: str = "0"
) -> SignalView:
    trade = TradeView(
        trade=a_trade(state=state),
        intents=(),
        fills=fills,
        entry=an_entry(realised=Money(Decimal(realised))),
        funding=Decimal(0),
        holding=holding_of((), fills, an_instrument(SYMBOL)),
    )
    return SignalView(
        row=a_row(actual), account_id="main", plan_id="p", plan=None, verdict=None, trades=(trade,)
    )


def told(view: SignalView) -> list[tuple[str, ...]]:
    return [row[:3] for row in outcome_rows(view)]


def test_a_trade_that_is_over_is_closed_at_once_while_evidence_still_calls_it_open():
    for behind in (None, OutcomeStatus.WAITING, OutcomeStatus.OPEN):
        view = a_page(behind, FILL, state=TradeState.DONE, realised=R)
        assert told(view) == [("Real", "closed", "+1.00R")]


def test_evidence_that_has_followed_to_the_end_tells_more_and_so_tells():
    view = a_page(OutcomeStatus.CLOSED, FILL, state=TradeState.DONE, realised=f"-{R}")
    assert told(view) == [("Real", "closed, stop", "−1.05R")]


def test_a_trade_that_has_begun_is_open_before_evidence_knows_it():
    view = a_page(None, FILL, state=TradeState.OPEN)
    assert told(view) == [("Real", "open", "0.00R")]


def test_entries_that_were_never_filled_leave_the_signal_where_its_candles_are():
    waiting = a_page(None, state=TradeState.ENTERING)
    assert told(waiting) == [("Real", "entering", "0.00R")]
    over = a_page(OutcomeStatus.MISSED, state=TradeState.DONE)
    assert told(over) == [("Real", "missed, stop", "−1.05R")]
    assert told(a_page(None, state=TradeState.DONE)) == [("Real", "ended without a fill", "0.00R")]


def test_without_a_trade_evidence_alone_tells():
    view = SignalView(
        row=a_row(OutcomeStatus.CLOSED), account_id="main", plan_id="p", plan=None, verdict=None
    )
    assert told(view) == [("Real", "closed, stop", "−1.05R")]
