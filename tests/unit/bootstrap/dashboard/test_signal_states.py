"""Where a signal is, is what its real trade says, and what the model says only where there is none."""

from __future__ import annotations

from decimal import Decimal

import pytest

from snipersight.bootstrap.dashboard.reader import DashboardReader
from snipersight.bootstrap.dashboard.signal_states import Taken, newest_taken, standing_of
from snipersight.bootstrap.dashboard.views import SignalFilter, SignalState
from snipersight.bootstrap.trade_views import TradeView
from snipersight.bot.executor.holding import holding_of
from snipersight.domain.evidence import Kind, OutcomeStatus
from snipersight.domain.execution import BookedFill, Mode, TradeState
from snipersight.domain.ledger import EntryState, Origin
from snipersight.domain.units import Money, Size
from snipersight.storage.telemetry.signal_listing import ListedSignal
from tests.builders import an_instrument
from tests.builders.evidence import a_refusal, a_signal, an_outcome
from tests.builders.ledger import an_entry
from tests.builders.trades import SYMBOL, a_booked_fill, a_trade
from tests.fakes.dashboard_home import APPROVED, PAPER, REFUSED, TAKEN, dashboard_home

R = "101"  # quote
NOTHING = Size(Decimal(0))


def a_listed(
    modelled: OutcomeStatus | None = None, actual: OutcomeStatus | None = None
) -> ListedSignal:
    real = None if actual is None else an_outcome(kind=Kind.ACTUAL, status=actual, net_r=-1.05)
    model = None if modelled is None else an_outcome(status=modelled, net_r=2.0)
    return ListedSignal(signal=a_signal(), modelled=model, actual=real)


def a_taken(*fills: BookedFill, state: TradeState, realised: str = "0") -> Taken:
    entry = an_entry(realised=Money(Decimal(realised)))
    trade = TradeView(
        trade=a_trade(state=state),
        intents=(),
        fills=fills,
        entry=entry,
        funding=Decimal(0),
        holding=holding_of((), fills, an_instrument(SYMBOL)),
    )
    return Taken(entry=entry, trade=trade)


def told(listed: ListedSignal, taken: Taken | None) -> tuple[SignalState, bool, float | None]:
    found = standing_of(listed, taken)
    return found.state, found.is_modelled, found.net_r


@pytest.mark.parametrize("modelled", [None, *OutcomeStatus])
def test_a_trade_is_where_it_is_whatever_its_model_says(modelled):
    listed = a_listed(modelled)
    held = a_taken(a_booked_fill(), state=TradeState.OPEN)
    assert told(listed, held) == (SignalState.OPEN, False, 0.0)
    over = a_taken(a_booked_fill(), state=TradeState.DONE, realised=R)
    assert told(listed, over) == (SignalState.CLOSED, False, 1.0)
    sent = a_taken(state=TradeState.ENTERING)
    assert told(listed, sent) == (SignalState.WAITING, False, None)


@pytest.mark.parametrize("behind", [None, OutcomeStatus.WAITING, OutcomeStatus.OPEN])
def test_the_book_goes_before_evidence_that_is_behind_and_after_evidence_that_is_final(behind):
    over = a_taken(a_booked_fill(), state=TradeState.DONE, realised=R)
    assert told(a_listed(actual=behind), over) == (SignalState.CLOSED, False, 1.0)
    assert told(a_listed(actual=OutcomeStatus.CLOSED), over) == (SignalState.CLOSED, False, -1.05)


def test_evidence_alone_tells_of_a_trade_that_the_book_no_longer_holds():
    assert told(a_listed(OutcomeStatus.OPEN, OutcomeStatus.MISSED), None)[:2] == (
        SignalState.MISSED,
        False,
    )


def test_without_a_trade_the_model_tells_and_says_so():
    assert told(a_listed(OutcomeStatus.OPEN), None)[:2] == (SignalState.OPEN, True)
    assert told(a_listed(), None)[:2] == (SignalState.WAITING, True)
    refused = ListedSignal(signal=a_refusal(1), modelled=an_outcome(1), actual=None)
    assert told(refused, None)[:2] == (SignalState.REFUSED, False)


def test_a_budget_without_an_order_and_a_rehearsal_are_no_trade():
    approved = an_entry(origin=Origin.APPROVED)
    assert newest_taken((approved,), ()) is None
    rehearsed = TradeView(
        trade=a_trade(mode=Mode.DRY_RUN),
        intents=(),
        fills=(),
        entry=None,
        funding=Decimal(0),
        holding=holding_of((), (), an_instrument(SYMBOL)),
    )
    entry = an_entry(entry_id=rehearsed.trade.entry_id, origin=Origin.EXECUTED)
    assert newest_taken((entry,), (rehearsed,)) is None


def test_a_trade_taken_by_hand_is_open_until_its_entry_ends():
    entry = an_entry(origin=Origin.BY_HAND)
    taken = newest_taken((entry,), ())
    assert told(a_listed(OutcomeStatus.MISSED), taken) == (SignalState.OPEN, False, None)
    ended = an_entry(
        origin=Origin.BY_HAND,
        state=EntryState.CLOSED,
        pending_size=NOTHING,
        open_size=NOTHING,
        fill_price=None,
        ended_us=entry.reserved_us + 1,
    )
    assert told(a_listed(), newest_taken((ended,), ()))[:2] == (SignalState.CLOSED, False)


def test_the_list_and_the_page_say_the_same_of_every_signal(tmp_path):
    with dashboard_home(tmp_path) as settings, DashboardReader(settings) as reader:
        for account in ("main", "practice"):
            for row in reader.signals(SignalFilter(account=account, limit=100)).rows:
                assert reader.signal(row.plan_id, account).row == row
        states = {
            row.plan_id: (row.state, row.is_modelled, row.targets_hit)
            for row in reader.signals(SignalFilter(limit=100)).rows
        }
    # The paper trade has met its first target, of which evidence knows nothing yet.
    assert states[PAPER.plan_id] == (SignalState.OPEN, False, 1)
    assert states[TAKEN.plan_id] == (SignalState.OPEN, False, 0)
    assert states[APPROVED.plan_id] == (SignalState.WAITING, True, 0)
    assert states[REFUSED.plan_id] == (SignalState.REFUSED, False, 0)
