"""What became of a signal, in words."""

from decimal import Decimal

import pytest

from snipersight.bot.notifications.formatters import (
    format_update,
    title_of,
)
from snipersight.domain.channels import ChatRole
from snipersight.domain.notices import SignalEvent
from tests.builders.notices import (
    an_update,
    plain_text,
)


@pytest.mark.parametrize(
    ("event", "fields", "title"),
    [
        (SignalEvent.APPROACHING, {"net_r": None}, "👀 Near the entry zone"),
        (SignalEvent.ENTERED, {"net_r": None}, "📥 Entered"),
        (SignalEvent.TARGET_HIT, {"target": 2}, "🎯 Target 2 hit"),
        (SignalEvent.STOP_MOVED, {}, "🛡 Stop moved"),
        (SignalEvent.CLOSED, {"net_r": Decimal("-1.004")}, "🏁 Closed with −1.00R net"),
        (SignalEvent.MISSED, {"net_r": None}, "💨 Missed"),
        (SignalEvent.INVALIDATED, {"net_r": None}, "❌ Invalid"),
        (SignalEvent.EXPIRED, {"net_r": None, "price": None}, "⌛ Expired"),
    ],
)
def test_every_event_has_its_words(event, fields, title):
    update = an_update(event, **fields)
    lines = plain_text(format_update(update)).splitlines()
    assert lines[0] == f"{title} | SHORT BTC/USDT:USDT"
    assert lines[1].endswith(".")
    assert lines[-1] == "2024-06-07 11:00 UTC, by the candles"
    assert title_of(update) == f"{title[2:]}: SHORT BTC/USDT:USDT"
    assert ("41,500" in "\n".join(lines)) is (update.price is not None)


def test_a_decision_is_told_in_the_words_of_its_detail_and_by_whom():
    said = an_update(
        SignalEvent.DECIDED, detail="Rejected by Ann.", price=None, net_r=None, is_actual=True
    )
    assert plain_text(format_update(said)).splitlines() == [
        "🗳 Decided | SHORT BTC/USDT:USDT",
        "Rejected by Ann.",
        "2024-06-07 11:00 UTC, said by a person",
    ]
    assert "Ann" not in plain_text(format_update(said, role=ChatRole.PUBLIC))


def test_an_update_tells_price_and_result_and_whose_they_are():
    hit = an_update(SignalEvent.TARGET_HIT, target=1, price=Decimal("41500.125"), is_actual=True)
    lines = plain_text(format_update(hit)).splitlines()
    assert lines[2] == "at $41,500.125 | +1.25R net so far"
    assert lines[1] == "The plan closes 50 % there."
    assert lines[-1] == "2024-06-07 11:00 UTC, your own position"
    entered = plain_text(format_update(an_update(SignalEvent.ENTERED, is_actual=True)))
    assert entered.splitlines()[1:3] == ["The position is open.", "at $41,500"]
    closed = plain_text(format_update(an_update(SignalEvent.CLOSED, net_r=Decimal(2))))
    assert closed.count("2.00R") == 1
    moved = plain_text(format_update(an_update(SignalEvent.STOP_MOVED, net_r=None)))
    assert "\nto $41,500\n" in moved
    endless = an_update(price=Decimal(1) / Decimal(3))
    assert "at $0.3333\n" in plain_text(format_update(endless))
