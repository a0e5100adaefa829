from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from snipersight.bot.notifications.notices.alerts import ALERTS, an_alert, stop_alert
from snipersight.bot.notifications.notices.chats import told_to, wants
from snipersight.domain.channels import Chat, ChatRole
from snipersight.domain.confluence import Tier
from snipersight.domain.direction import Direction
from snipersight.domain.notices import (
    Digest,
    PlainText,
    ScanSummary,
    Signal,
    SignalEvent,
    SignalUpdate,
)
from snipersight.domain.outbox import StoppedLane
from snipersight.domain.units import Currency, Money
from tests.builders import a_plan
from tests.builders.decisions import a_refusal, an_approval
from tests.builders.stored_notices import a_told_signal

PRIVATE = Chat(channel="telegram", address="1")
PUBLIC = Chat(channel="telegram", address="-100", role=ChatRole.PUBLIC)
SIGNAL = a_told_signal()  # LONG BTC/USDT, tier B
SHORT = a_told_signal(an_approval(a_plan(Direction.SHORT, score=80.0)))  # BTC/USDT:USDT, tier A
MEME = a_told_signal(an_approval(a_plan(symbol="1000PEPE/USDT:USDT")))
REFUSED = a_told_signal(a_refusal())
TEXT = PlainText(markdown="hello")
DIGEST = Digest(
    day="2024-06-07",
    account_id="main",
    currency=Currency("USDT"),
    told=1,
    events={},
    net_r=None,
    hits=0,
    open_positions=1,
    equity=Money(Decimal(10_000)),
    change=Money(Decimal(5)),
    trades=2,
    trades_net_r=Decimal(1),
)


def a_summary(*signals: Signal, **fields: Any) -> ScanSummary:
    """Return a scan that found these signals."""
    values: dict[str, Any] = {
        "batch": "b",
        "profile": "balanced",
        "venue": "sandbox",
        "as_of_ms": 1,
        "signals": signals,
        "funnel": (("approved", len(signals)),),
        "scanned": 20,
        "regimes": {},
    }
    return ScanSummary(**(values | fields))


def an_update(*, actual: bool = False, signal: Signal = SIGNAL) -> SignalUpdate:
    """Return an entry."""
    return SignalUpdate(signal=signal, event=SignalEvent.ENTERED, at_ms=1, is_actual=actual)


def test_an_audience_that_wants_no_practice_is_told_of_no_practised_day():
    practised = replace(DIGEST, account_id="practice", is_practice=True)
    assert wants(PRIVATE, practised)
    for chat in (PUBLIC, PRIVATE):
        assert wants(chat, practised)
        assert not wants(replace(chat, practice=False), practised)
        assert wants(replace(chat, practice=False), DIGEST)


def test_what_the_ledger_tells_of_a_position_an_audience_is_told_by_the_candles():
    shadowed = replace(an_update(), is_for_audience=True)
    assert wants(PUBLIC, shadowed)
    assert not wants(PRIVATE, shadowed)


def test_a_private_chat_without_filters_is_told_everything():
    for notice in (SIGNAL, REFUSED, an_update(actual=True), a_summary(), DIGEST, TEXT):
        assert wants(PRIVATE, notice)
    assert all(wants(PRIVATE, an_alert(trigger, "x", at_ms=1)) for trigger in ALERTS)


def test_an_audience_is_told_of_signals_scans_and_days_and_of_nothing_private():
    for notice in (SIGNAL, an_update(), a_summary(SIGNAL), DIGEST):
        assert wants(PUBLIC, notice)
    for secret in (REFUSED, an_update(actual=True), an_update(signal=REFUSED), TEXT):
        assert not wants(PUBLIC, secret)
    assert not any(wants(PUBLIC, an_alert(trigger, "x", at_ms=1)) for trigger in ALERTS)


@pytest.mark.parametrize(
    ("symbols", "passes"),
    [
        ({"BTC"}, (True, True, False)),
        ({"BTC/USDT"}, (True, False, False)),
        ({"BTC/USDT:USDT"}, (False, True, False)),
        ({"PEPE"}, (False, False, True)),
        ({"1000PEPE"}, (False, False, True)),
        ({"ETH", "PEPE", "BTC/USDT"}, (True, False, True)),
        ({"USDT"}, (False, False, False)),
        (set(), (True, True, True)),
    ],
)
def test_a_symbol_without_a_quote_stands_for_all_markets_of_its_asset(symbols, passes):
    chat = replace(PRIVATE, symbols=frozenset(symbols))
    assert tuple(wants(chat, one) for one in (SIGNAL, SHORT, MEME)) == passes


def test_tiers_and_directions_ask_signals_and_their_updates():
    best = replace(PRIVATE, tiers=frozenset({Tier.A}))
    longs = replace(PRIVATE, directions=frozenset({Direction.LONG}))
    assert (wants(best, SIGNAL), wants(best, SHORT)) == (False, True)
    assert (wants(longs, SIGNAL), wants(longs, SHORT)) == (True, False)
    assert (wants(best, an_update()), wants(best, an_update(signal=SHORT))) == (False, True)
    both = replace(best, directions=longs.directions)
    assert not wants(both, SIGNAL)
    assert not wants(both, SHORT)


def test_filters_ask_no_alert_and_no_day():
    chat = replace(PRIVATE, tiers=frozenset({Tier.A}), symbols=frozenset({"ETH"}))
    assert wants(chat, an_alert("store", "x", at_ms=1))
    assert wants(chat, DIGEST)


def test_a_chat_with_filters_is_told_of_a_scan_where_one_of_its_signals_is_left():
    chat = replace(PRIVATE, symbols=frozenset({"BTC"}))
    assert not wants(chat, a_summary())
    assert not wants(chat, a_summary(MEME))
    summary = a_summary(MEME, SIGNAL)
    assert wants(chat, summary)
    assert told_to(chat, summary) == replace(summary, signals=(SIGNAL,))
    assert told_to(PRIVATE, summary) == summary


def test_practice_can_be_kept_from_a_chat():
    chat = replace(PUBLIC, practice=False)
    practice = replace(SIGNAL, is_practice=True)
    assert wants(PUBLIC, practice)
    for notice in (practice, an_update(signal=practice), a_summary(practice, is_practice=True)):
        assert not wants(chat, notice)
    assert wants(chat, SIGNAL)


@pytest.mark.parametrize(
    ("address", "told"), [("1", [False, True, True]), ("", [False, False, True])]
)
def test_that_a_chat_or_channel_stopped_is_told_to_the_others(address, told):
    stopped = StoppedLane(channel="telegram", address=address, error="blocked", since_us=5_000)
    beside = replace(PRIVATE, address="2")
    mail = Chat(channel="apprise", address="mail")
    assert [wants(chat, stop_alert(stopped)) for chat in (PRIVATE, beside, mail)] == told


def test_an_audience_gets_a_day_without_equity_and_a_scan_without_refusals():
    told = told_to(PUBLIC, DIGEST)
    assert isinstance(told, Digest)
    assert (told.equity, told.change, told.trades, told.trades_net_r) == (None, None, 0, None)
    assert told_to(PRIVATE, DIGEST) == DIGEST
    summary = told_to(PUBLIC, a_summary(REFUSED, SIGNAL))
    assert isinstance(summary, ScanSummary)
    assert summary.signals == (SIGNAL,)
