"""A chart that nobody sees: drawn beforehand, it lets the first one that somebody waits for be quick."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

import numpy as np

from snipersight.charts.canvas import Canvas
from snipersight.charts.render import render_plan
from snipersight.domain.annotations import (
    PlanPicture,
    StructureLabel,
    SweptLevel,
    Zone,
    ZoneKind,
)
from snipersight.domain.candles import Candles
from snipersight.domain.confluence import Confluence, Factor, Tier
from snipersight.domain.direction import Direction
from snipersight.domain.instrument import MarketKind
from snipersight.domain.plan import PlanId, SetupId, StopLoss, Target, TradePlan, TradeType
from snipersight.domain.regime import Regime
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Price, Symbol

_SYMBOL: Final = Symbol("BTC/USDT:USDT")
_TIMEFRAME: Final = Timeframe.parse("15m")
_BARS: Final = 140
_END_MS: Final = 1_767_225_600_000  # 2026-01-01; no chart depends on it
_SMALL: Final = Canvas(width_px=800, height_px=500, scale=1)


def rehearse() -> None:
    """Draw everything that a chart may hold, and forget it.

    Loads the drawing library and its fonts, and measures most of the letters. What is loaded for a
    thread alone is loaded for the one that calls.
    """
    render_plan(example_picture(), canvas=_SMALL)


def example_picture() -> PlanPicture:
    """Return an invented plan with zones, structure and swept levels around it."""
    return PlanPicture(
        candles=_candles(),
        plan=_plan(),
        zones=tuple(_zones()),
        structure=tuple(
            StructureLabel(
                text=text, direction=direction, price=100.0, start_ms=_ago(60), end_ms=_ago(50)
            )
            for text, direction in (("BOS", Direction.LONG), ("iCHoCH", Direction.SHORT))
        ),
        swept=(
            SweptLevel(
                text="EQL",
                direction=Direction.LONG,
                price=98.5,
                start_ms=_ago(80),
                swept_ms=_ago(20),
            ),
        ),
    )


def _candles() -> Candles:
    prices = 100 + 2 * np.sin(np.arange(_BARS + 1) / 9)
    first, last = prices[:-1], prices[1:]
    return Candles(
        symbol=_SYMBOL,
        timeframe=_TIMEFRAME,
        open_time=_END_MS + (np.arange(_BARS) - _BARS) * _TIMEFRAME.duration_ms,
        open=first,
        high=np.maximum(first, last) + 0.2,
        low=np.minimum(first, last) - 0.2,
        close=last,
        volume=1 + np.arange(_BARS, dtype=np.float64),
    )


def _plan() -> TradePlan:
    created = datetime.fromtimestamp(_END_MS / 1000, UTC)
    everything = Factor(name="all", value=1.0, weight=82.0, contribution=82.0, sentence="all of it")
    return TradePlan(
        setup_id=SetupId("rehearsal"),
        plan_id=PlanId("rehearsal"),
        venue="sandbox",
        symbol=_SYMBOL,
        market=MarketKind.PERPETUAL,
        direction=Direction.LONG,
        trade_type=TradeType.INTRADAY,
        timeframe=_TIMEFRAME,
        profile="balanced",
        created_at=created,
        valid_until=created + timedelta(hours=6),
        entry_near=_price("99.00"),
        entry_mid=_price("98.50"),
        entry_far=_price("98.00"),
        stop_loss=StopLoss(price=_price("97.25"), rationale="below the zone", distance_atr=1.2),
        targets=tuple(_targets()),
        risk_reward=2.0,
        round_trip_cost=Decimal("0.1"),
        atr=_price("0.8"),
        last_price=_price("100.10"),
        confluence=Confluence(score=82.0, tier=Tier.A, factors=(everything,)),
        regime=Regime.TREND,
        rationale="invented",
    )


def _targets() -> list[Target]:
    prices, fractions = ("101.50", "103.00", "104.75"), ("0.5", "0.3", "0.2")
    return [
        Target(
            price=_price(price),
            fraction=Decimal(fraction),
            r_multiple=1.5 * number,
            rationale="a pool",
        )
        for number, (price, fraction) in enumerate(zip(prices, fractions, strict=True), start=1)
    ]


def _zones() -> list[Zone]:
    """Return a zone of each kind, every second one ended."""
    return [
        Zone(
            kind=kind,
            direction=Direction.LONG,
            low=97.0 + number,
            high=97.6 + number,
            start_ms=_ago(90 - 10 * number),
            end_ms=_ago(5) if number % 2 else None,
        )
        for number, kind in enumerate(ZoneKind)
    ]


def _ago(bars: int) -> int:
    return _END_MS - bars * _TIMEFRAME.duration_ms


def _price(text: str) -> Price:
    return Price(Decimal(text))
