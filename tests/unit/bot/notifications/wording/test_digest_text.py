"""A day, in words."""

from decimal import Decimal

from snipersight.bot.notifications.formatters import (
    format_digest,
)
from snipersight.domain.channels import ChatRole
from tests.builders.notices import (
    a_digest,
    plain_text,
)

PUBLIC = ChatRole.PUBLIC


def test_a_digest_tells_the_day():
    assert plain_text(format_digest(a_digest())).splitlines() == [
        "📅 2024-06-07 | main",
        "• Signals told: 5",
        "• entered: 4",
        "• closed: 3",
        "• missed: 1",
        "",
        "Closed: +2.30R net, 2 of 3 with a gain by the candles",
        "",
        "Still open: 1",
        "Equity: 10,250.50 USDT (−120.25 USDT without deposits and withdrawals)",
    ]
    quiet = a_digest(told=0, events={}, net_r=None, hits=0, equity=None, change=None)
    assert plain_text(format_digest(quiet)).splitlines() == [
        "📅 2024-06-07 | main",
        "• Signals told: 0",
        "",
        "Still open: 1",
    ]


def test_a_digest_tells_apart_what_was_really_traded_and_practice():
    day = a_digest(trades=2, trades_net_r=Decimal("-0.5"), is_practice=True)
    lines = plain_text(format_digest(day)).splitlines()
    assert lines[0] == "PRACTICE · the built-in market, nothing to trade"
    assert "Your trades: 2 closed, −0.50R net" in lines
    assert "Your trades: 1 closed" in plain_text(format_digest(a_digest(trades=1)))
    public = plain_text(format_digest(day, role=PUBLIC))
    assert "PRACTICE" in public
    assert "trades" not in public
