"""Complete plans on BTC: near 42250, stop 41750, targets from 43000."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from snipersight.domain.confluence import Confluence, Factor, Tier
from snipersight.domain.direction import Direction
from snipersight.domain.instrument import MarketKind
from snipersight.domain.plan import (
    StopLoss,
    Target,
    TradePlan,
    TradeType,
    plan_id_of,
    setup_id_of,
)
from snipersight.domain.regime import Regime
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Price, Symbol
from tests.builders.contexts import DECIDED_AT_MS

_ATR = Decimal(250)
_PRICES = {
    Direction.LONG: ("42250", "42050", "41750", ("43000", "43650", "44350")),
    Direction.SHORT: ("42250", "42450", "42750", ("41500", "40850", "40150")),
}
_FRACTIONS = {1: ("1",), 2: ("0.6", "0.4"), 3: ("0.5", "0.3", "0.2")}


def a_plan(
    direction: Direction = Direction.LONG,
    *,
    symbol: str | None = None,
    near: str | None = None,
    far: str | None = None,
    stop: str | None = None,
    targets: Sequence[str] | None = None,
    cost: str = "37.7",
    score: float = 72.0,
    **overrides: Any,
) -> TradePlan:
    """Return a plan of the profile `testing`; a short is a perpetual, a long spot.

    Args:
        near, far, stop, targets: prices as text; R follows from them and `cost` per unit.
        overrides: any other field of `TradePlan`.
    """
    default_near, default_far, default_stop, default_targets = _PRICES[direction]
    entry, end = Decimal(near or default_near), Decimal(far or default_far)
    protective = Decimal(stop or default_stop)
    exits = _targets(direction, entry, protective, targets or default_targets, Decimal(cost))
    name = Symbol(symbol or ("BTC/USDT" if direction is Direction.LONG else "BTC/USDT:USDT"))
    timeframe = Timeframe.parse("15m")
    setup_id = setup_id_of("sandbox", name, direction, timeframe, entry, end, DECIDED_AT_MS)
    created = datetime.fromtimestamp(DECIDED_AT_MS / 1000, UTC)
    values: dict[str, Any] = {
        "setup_id": setup_id,
        "plan_id": plan_id_of(setup_id, DECIDED_AT_MS, "testing"),
        "venue": "sandbox",
        "symbol": name,
        "market": MarketKind.PERPETUAL if ":" in name else MarketKind.SPOT,
        "direction": direction,
        "trade_type": TradeType.INTRADAY,
        "timeframe": timeframe,
        "profile": "testing",
        "created_at": created,
        "valid_until": created + timedelta(hours=8),
        "entry_near": Price(entry),
        "entry_mid": Price((entry + end) / 2),
        "entry_far": Price(end),
        "stop_loss": StopLoss(
            price=Price(protective),
            rationale="0.1 ATR beyond the swept extreme",
            distance_atr=float(abs(entry - protective) / _ATR),
        ),
        "targets": exits,
        "risk_reward": sum(float(exit_.fraction) * exit_.r_multiple for exit_ in exits),
        "round_trip_cost": Decimal(cost),
        "atr": Price(_ATR),
        # 300 beyond the near edge of the default, and a price for markets of any scale.
        "last_price": Price(entry + direction.sign * abs(entry - protective) * Decimal("0.6")),
        "confluence": a_confluence(score),
        "regime": Regime.TREND,
        "rationale": "Price swept the lows at 41,800 and shifted structure above 42,300.",
    }
    return TradePlan(**(values | overrides))


def _targets(
    direction: Direction, near: Decimal, stop: Decimal, prices: Sequence[str], cost: Decimal
) -> tuple[Target, ...]:
    loss = abs(near - stop) + cost
    return tuple(
        Target(
            price=Price(Decimal(price)),
            fraction=Decimal(fraction),
            r_multiple=float((direction.gain(Decimal(price), entry=near) - cost) / loss),
            rationale=f"liquidity at {price}",
        )
        for price, fraction in zip(prices, _FRACTIONS[len(prices)], strict=True)
    )


def a_confluence(score: float = 72.0, *, conflict: float = 8.0) -> Confluence:
    """Return a score made of two factors and one conflict (`conflict=0`: none)."""
    half = (score + conflict) / 2
    factors = [
        _factor("order_block", half, "Bullish order block 42,050–42,250 on 1h", 42250.0),
        _factor("bias_trend", half, "4h structure is bullish", None),
    ]
    if conflict:
        factors.append(_factor("opposing_zone", -conflict, "Bearish block at 43,400", 43400.0))
    tier = Tier.A if score >= 75 else Tier.B if score >= 60 else Tier.C
    return Confluence(score=score, tier=tier, factors=tuple(factors))


def _factor(name: str, points: float, sentence: str, price: float | None) -> Factor:
    return Factor(
        name=name, value=1.0, weight=points, contribution=points, sentence=sentence, price=price
    )
