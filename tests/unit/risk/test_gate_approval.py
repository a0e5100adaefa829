"""What the gate says of an approval: code, value, limit and sentence of everything it asked."""

from __future__ import annotations

from decimal import Decimal

from snipersight.domain.decision import Approved
from snipersight.domain.direction import Direction
from tests.builders.gate_scenes import Scene, judged

# A long of 0.2 BTC on its perpetual that risks 100 of 10,000 USDT, without costs.
APPROVAL = [
    ("clock_backwards", None, None, "the clock was not set back"),
    ("clock_skew", Decimal("0"), Decimal("1000"), "the venue's clock and ours agree"),
    ("halted", None, None, "the breaker is not tripped"),
    ("daily_loss", None, None, "the breaker is not tripped"),
    ("weekly_loss", None, None, "the breaker is not tripped"),
    ("drawdown", None, None, "the breaker is not tripped"),
    ("loss_streak", None, None, "the breaker is not tripped"),
    ("unprotected_position", None, None, "the breaker is not tripped"),
    ("cooldown", None, None, "no stop in the asset and direction lately"),
    ("incomplete_plan", None, None, "the plan is complete and its numbers agree"),
    ("stop_on_wrong_side", None, None, "the stop lies beyond the entry zone"),
    ("targets_on_wrong_side", None, None, "the targets lie beyond the entry, nearest first"),
    (
        "stale_plan",
        "2024-06-07T10:00:00+00:00",
        "2024-06-07T18:00:00+00:00",
        "the plan has not ended",
    ),
    (
        "max_risk_per_trade",
        Decimal("0.01"),
        Decimal("0.01"),
        "the wanted risk is within the most that one trade may lose",
    ),
    ("min_rr", Decimal("2.4299999999999997"), Decimal("0"), "the reward is worth the risk"),
    ("restricted_symbol", None, None, "the asset may be traded"),
    ("no_market_facts", None, None, "the market was observed"),
    ("instrument_mismatch", None, None, "the rules are the plan's own market's"),
    ("unknown_instrument", None, None, "tick, lot and fees are known"),
    ("no_short", None, None, "the market can be traded in this direction"),
    ("unknown_reference", None, None, "an independent price is known"),
    ("stale_data", Decimal("0"), Decimal("900000"), "the reference price is recent enough"),
    (
        "price_collar",
        Decimal("0"),
        Decimal("0.2"),
        "the near edge is close enough to the reference price",
    ),
    ("opposing_position", None, None, "no position in the asset faces the other way"),
    ("opposing_plan", None, None, "no pending plan in the asset faces the other way"),
    ("foreign_position", None, None, "no position in the symbol is somebody else's"),
    ("already_live", None, None, "neither the setup nor the plan is live"),
    ("equity", Decimal("10000"), Decimal("0"), "equity in USDT: 10000"),
    ("available_margin", None, None, "available margin: all of the equity"),
    ("quote_rate", Decimal("1"), Decimal("0"), "USDT per USDT: 1"),
    ("round_trip_cost", Decimal("0"), Decimal("0"), "a round trip costs 0 per unit"),
    ("position_constraints", Decimal("0.2"), None, "size 0.200 is in bounds"),
    ("max_leverage", Decimal("5"), Decimal("5"), "leverage 5, at most 5"),
    (
        "liquidation",
        Decimal("34141.41414141414141414141414"),
        Decimal("41500"),
        "the stop fills well before the venue liquidates",
    ),
    (
        "risk_budget",
        Decimal("100"),
        Decimal("100"),
        "loses 100.00 at the stop with costs, budget 100.00; bound by risk",
    ),
    ("max_per_asset", Decimal("100"), Decimal("500"), "within max_per_asset: in this asset"),
    (
        "max_cluster",
        Decimal("100"),
        Decimal("750"),
        "within max_cluster: in its correlated cluster",
    ),
    ("max_total", Decimal("100"), Decimal("1000"), "within max_total: in all trades"),
    (
        "max_gross_notional",
        Decimal("8450"),
        Decimal("50000"),
        "within max_gross_notional: in all trades",
    ),
    ("max_margin", Decimal("1690"), Decimal("10000"), "within max_margin: in all trades"),
    ("max_positions", Decimal("1"), Decimal("10"), "within max_positions"),
    (
        "liquidity",
        Decimal("8450"),
        Decimal("10000000"),
        "a small share of what the market trades in 24 hours",
    ),
]


def test_an_approval_tells_everything_that_was_asked():
    decision = judged(Scene(), Direction.LONG)
    assert isinstance(decision, Approved)
    told = [(one.code, one.measured, one.limit, one.sentence) for one in decision.checks]
    assert told == APPROVAL
    assert all(check.passed is True for check in decision.checks)
