"""What a picture of a plan shows besides the candles: zones, structure labels, levels."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from snipersight.domain.candles import Candles
from snipersight.domain.direction import Direction
from snipersight.domain.plan import TradePlan


class ZoneKind(StrEnum):
    """Price areas."""

    ORDER_BLOCK = "order block"
    BREAKER = "breaker"
    MITIGATION_BLOCK = "mitigation block"
    FAIR_VALUE_GAP = "fair value gap"
    INVERSE_GAP = "inverse gap"


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """A price area from the bar that formed it; `end_ms` is None while it lives."""

    kind: ZoneKind
    direction: Direction
    low: float
    high: float
    start_ms: int
    end_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StructureLabel:
    """A break of structure: a line from the broken swing to the close that broke it.

    `text` is `BOS`, `CHoCH`, `iBOS`, `iCHoCH` (i: internal strength) or `initial`.
    """

    text: str
    direction: Direction
    price: float
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SweptLevel:
    """A liquidity level and the bar that swept it; `text` names it, such as `EQL` or `PDL`."""

    text: str
    direction: Direction
    price: float
    start_ms: int
    swept_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPicture:
    """Everything a chart of one plan shows, as known at the plan's decision.

    Args:
        candles: trigger timeframe, ending at the newest bar to be shown.
        plan: the plan.
        zones, structure, swept: facts known at the last shown bar.
    """

    candles: Candles
    plan: TradePlan
    zones: tuple[Zone, ...] = ()
    structure: tuple[StructureLabel, ...] = ()
    swept: tuple[SweptLevel, ...] = ()
