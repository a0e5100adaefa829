"""Builders of pictures: small candle tables, plans and facts with valid defaults."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np

from snipersight.charts.canvas import Canvas, Rect
from snipersight.charts.font import FontRuler
from snipersight.charts.scene import compose
from snipersight.charts.shapes import CAP_HEIGHT, Label, Lines, Polygons, Role, Scene, Shape
from snipersight.charts.theme import PALETTES, Theme
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

M15 = Timeframe.parse("15m")
END_MS = 1_717_718_400_000  # 2024-06-07 00:00 UTC
PALETTE = PALETTES[Theme.DARK]
RULER = FontRuler()
TEXTS_IN_PANE = (Role.ZONE, Role.STRUCTURE, Role.SWEEP, Role.ENTRY)


def some_candles(
    count: int = 140,
    *,
    symbol: str = "BTC/USDT",
    timeframe: Timeframe = M15,
    level: float = 100.0,
    swing: float = 4.0,
    seed: int = 1,
) -> Candles:
    """Bars that wander around `level` by about `swing` and end at `END_MS`."""
    dice = np.random.default_rng(seed)
    path = np.sin(np.arange(count + 1) / 9) + dice.normal(0, 0.15, count + 1)
    prices = level + swing * path / 2
    first, last = prices[:-1], prices[1:]
    reach = swing * 0.05
    return Candles(
        symbol=Symbol(symbol),
        timeframe=timeframe,
        open_time=timeframe.floor(END_MS) + (np.arange(count) - count) * timeframe.duration_ms,
        open=first,
        high=np.maximum(first, last) + reach,
        low=np.minimum(first, last) - reach,
        close=last,
        volume=dice.uniform(1, 100, count),
    )


def a_plan(
    direction: Direction = Direction.LONG,
    *,
    symbol: str = "BTC/USDT",
    timeframe: Timeframe = M15,
    entries: Sequence[str] = ("99.00", "98.50", "98.00"),
    stop: str = "97.25",
    targets: Sequence[str] = ("101.50", "103.00", "104.75"),
    last: str = "100.10",
    venue: str = "binance",
    created_ms: int = END_MS,
) -> TradePlan:
    """A long plan around 100 unless told otherwise; fractions are 50, 30 and 20 %."""
    near, mid, far = (Price(Decimal(text)) for text in entries)
    created = datetime.fromtimestamp(created_ms / 1000, UTC)
    fractions = [Decimal("0.5"), Decimal("0.3"), Decimal("0.2")][: len(targets)]
    fractions[-1] = 1 - sum(fractions[:-1], Decimal(0))
    return TradePlan(
        setup_id=SetupId("s"),
        plan_id=PlanId("s-p"),
        venue=venue,
        symbol=Symbol(symbol),
        market=MarketKind.PERPETUAL,
        direction=direction,
        trade_type=TradeType.INTRADAY,
        timeframe=timeframe,
        profile="balanced",
        created_at=created,
        valid_until=created + timedelta(hours=6),
        entry_near=near,
        entry_mid=mid,
        entry_far=far,
        stop_loss=StopLoss(price=Price(Decimal(stop)), rationale="below", distance_atr=1.2),
        targets=tuple(
            Target(price=Price(Decimal(text)), fraction=share, r_multiple=1.5 * n, rationale="pool")
            for n, (text, share) in enumerate(zip(targets, fractions, strict=True), start=1)
        ),
        risk_reward=2.13,
        round_trip_cost=Decimal("0.1"),
        atr=Price(Decimal("0.8")),
        last_price=Price(Decimal(last)),
        confluence=Confluence(score=82.0, tier=Tier.A, factors=(a_factor(82.0),)),
        regime=Regime.TREND,
        rationale="a swept low and a shift",
    )


def a_factor(points: float) -> Factor:
    return Factor(name="all", value=1.0, weight=points, contribution=points, sentence="all of it")


def a_zone(
    low: float,
    high: float,
    *,
    kind: ZoneKind = ZoneKind.ORDER_BLOCK,
    direction: Direction = Direction.LONG,
    start: int = 30,
    end: int | None = None,
) -> Zone:
    """A zone that begins `start` bars before the end."""
    return Zone(
        kind=kind,
        direction=direction,
        low=low,
        high=high,
        start_ms=ago(start),
        end_ms=None if end is None else ago(end),
    )


def ago(bars: int, timeframe: Timeframe = M15) -> int:
    """Open time of the bar that lies so many bars before the end; 1 is the newest."""
    return END_MS - bars * timeframe.duration_ms


def a_break(
    price: float = 100.5,
    *,
    text: str = "BOS",
    direction: Direction = Direction.LONG,
    start: int = 60,
    end: int = 40,
) -> StructureLabel:
    return StructureLabel(
        text=text, direction=direction, price=price, start_ms=ago(start), end_ms=ago(end)
    )


def a_sweep(
    price: float, *, text: str = "EQL", direction: Direction = Direction.LONG, at: int = 20
) -> SweptLevel:
    return SweptLevel(
        text=text, direction=direction, price=price, start_ms=ago(at + 30), swept_ms=ago(at)
    )


def a_picture(
    *,
    candles: Candles | None = None,
    plan: TradePlan | None = None,
    zones: Sequence[Zone] = (),
    structure: Sequence[StructureLabel] = (),
    swept: Sequence[SweptLevel] = (),
) -> PlanPicture:
    return PlanPicture(
        candles=some_candles() if candles is None else candles,
        plan=plan or a_plan(),
        zones=tuple(zones),
        structure=tuple(structure),
        swept=tuple(swept),
    )


def a_full_picture() -> PlanPicture:
    """Every kind of zone, breaks in both directions, a sweep on either side."""
    kinds = list(ZoneKind)
    zones = [
        a_zone(97.0 + i, 97.6 + i, kind=kind, start=90 - 10 * i, end=None if i % 2 else 5)
        for i, kind in enumerate(kinds)
    ]
    breaks = [
        a_break(101.0, text="BOS", start=100, end=80),
        a_break(99.2, text="iCHoCH", direction=Direction.SHORT, start=70, end=45),
    ]
    candles = some_candles()
    low, high = float(candles.low[-20]), float(candles.high[-30])
    return a_picture(
        candles=candles,
        zones=zones,
        structure=breaks,
        swept=[
            a_sweep(low + 0.01, at=20),
            a_sweep(high - 0.01, text="PDH", direction=Direction.SHORT, at=30),
        ],
    )


def mirrored(picture: PlanPicture, around: str = "100") -> PlanPicture:
    """The same market and plan upside down."""
    twice = 2 * Decimal(around)
    return PlanPicture(
        candles=_mirrored_candles(picture.candles, float(twice)),
        plan=_mirrored_plan(picture.plan, twice),
        zones=tuple(
            replace(
                zone,
                low=float(twice) - zone.high,
                high=float(twice) - zone.low,
                direction=zone.direction.opposite,
            )
            for zone in picture.zones
        ),
        structure=tuple(
            replace(one, price=float(twice) - one.price, direction=one.direction.opposite)
            for one in picture.structure
        ),
        swept=tuple(
            replace(one, price=float(twice) - one.price, direction=one.direction.opposite)
            for one in picture.swept
        ),
    )


def _mirrored_candles(candles: Candles, twice: float) -> Candles:
    return replace(
        candles,
        open=twice - candles.open,
        high=twice - candles.low,
        low=twice - candles.high,
        close=twice - candles.close,
    )


def _mirrored_plan(plan: TradePlan, twice: Decimal) -> TradePlan:
    def flip(price: Decimal) -> Price:
        return Price(twice - price)

    return replace(
        plan,
        direction=plan.direction.opposite,
        entry_near=flip(plan.entry_near),
        entry_mid=flip(plan.entry_mid),
        entry_far=flip(plan.entry_far),
        stop_loss=replace(plan.stop_loss, price=flip(plan.stop_loss.price)),
        targets=tuple(replace(one, price=flip(one.price)) for one in plan.targets),
        last_price=flip(plan.last_price),
    )


def a_scene(
    picture: PlanPicture, *, theme: Theme = Theme.DARK, canvas: Canvas | None = None
) -> Scene:
    return compose(picture, canvas=canvas or Canvas(), palette=PALETTES[theme], ruler=RULER)


def labels(scene: Scene, *roles: Role) -> list[Label]:
    """The scene's texts of some roles; of all roles if none is named."""
    texts = [shape for shape in scene if isinstance(shape, Label)]
    return [label for label in texts if not roles or label.role in roles]


def texts(scene: Scene, *roles: Role) -> list[str]:
    return [label.text for label in labels(scene, *roles)]


def polygons(shapes: Iterable[Shape]) -> list[Polygons]:
    return [shape for shape in shapes if isinstance(shape, Polygons)]


def lines(shapes: Iterable[Shape]) -> list[Lines]:
    return [shape for shape in shapes if isinstance(shape, Lines)]


def rect_of(label: Label) -> Rect:
    """What a text covers, from the foot to the top of its capitals."""
    width = RULER.width(label.text, size_px=label.size_px, bold=label.bold)
    left = label.x - width * {"left": 0.0, "center": 0.5, "right": 1.0}[label.anchor]
    half = label.size_px * CAP_HEIGHT / 2
    return Rect(left=left, bottom=label.y - half, right=left + width, top=label.y + half)
