"""Whether a plan is whole: every field there, of its type, finite, and without contradiction.

The plan's own constructor refuses the same; a plan that came past it (unpickled, or written into
afterwards) is refused here.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal, localcontext
from typing import Final

from snipersight.domain.confluence import Confluence
from snipersight.domain.direction import Direction
from snipersight.domain.instrument import MarketKind
from snipersight.domain.plan import StopLoss, Target, TradePlan, TradeType
from snipersight.domain.regime import Regime
from snipersight.domain.timeframe import Timeframe

_NAMES: Final = ("setup_id", "plan_id", "venue", "symbol", "profile")
_PRICES: Final = ("entry_near", "entry_mid", "entry_far", "atr", "last_price")
_FIELDS: Final[tuple[tuple[str, type | tuple[type, ...]], ...]] = (
    *((name, str) for name in (*_NAMES, "rationale")),
    ("market", MarketKind),
    ("direction", Direction),
    ("trade_type", TradeType),
    ("timeframe", Timeframe),
    ("created_at", datetime),
    ("valid_until", datetime),
    *((name, Decimal) for name in (*_PRICES, "round_trip_cost")),
    ("stop_loss", StopLoss),
    ("targets", tuple),
    ("risk_reward", (float, int)),
    ("confluence", Confluence),
    ("regime", Regime),
)
_ENOUGH_DIGITS: Final = 100  # fractions are added exactly: 0.999…9 does not round up to 1


def plan_problems(plan: TradePlan) -> tuple[str, ...]:
    """Return everything that keeps a plan from being judged; empty for a whole one.

    Which side of the entry stop and targets lie on, and the costs, are asked by checks of their
    own. What is no plan at all is a plan that lacks everything.
    """
    missing = tuple(_field_problems(plan, _FIELDS))
    if missing:
        return missing
    parts = (*_stop_problems(plan.stop_loss), *_target_problems(plan.targets))
    return (*parts, *_name_problems(plan), *_number_problems(plan), *_time_problems(plan))


def _field_problems(
    owner: object, wanted: Iterable[tuple[str, type | tuple[type, ...]]]
) -> Iterator[str]:
    for name, kind in wanted:
        value = getattr(owner, name, None)
        if not isinstance(value, kind):
            yield f"{name} is missing" if value is None else f"{name} is {value!r}"


def _stop_problems(stop: StopLoss) -> Iterator[str]:
    price = getattr(stop, "price", None)
    if not _is_price(price):
        yield f"stop_loss.price is {price}"
    if not isinstance(getattr(stop, "rationale", None), str):
        yield "stop_loss.rationale is missing"


def _target_problems(targets: tuple[object, ...]) -> Iterator[str]:
    if not targets:
        yield "no target"
        return
    problems = [text for number, one in enumerate(targets, 1) for text in _one_target(number, one)]
    yield from problems
    if problems:
        return
    with localcontext(prec=_ENOUGH_DIGITS):
        total = sum(one.fraction for one in targets if isinstance(one, Target))
    if total != 1:
        yield f"target fractions sum to {total}, not 1"


def _one_target(number: int, target: object) -> Iterator[str]:
    price, fraction = getattr(target, "price", None), getattr(target, "fraction", None)
    if not isinstance(target, Target):
        yield f"target {number} is {target!r}"
    elif not _is_price(price):
        yield f"target {number} price is {price}"
    elif not _is_price(fraction):
        yield f"target {number} fraction is {fraction}"


def _name_problems(plan: TradePlan) -> Iterator[str]:
    for name in _NAMES:
        if not getattr(plan, name):
            yield f"{name} is empty"
    base, _, quote = plan.symbol.partition("/")
    if not base or not quote:
        yield f"symbol is {plan.symbol!r}, which names no pair"


def _number_problems(plan: TradePlan) -> Iterator[str]:
    wrong = [name for name in _PRICES if not _is_price(getattr(plan, name))]
    for name in wrong:
        yield f"{name} is {getattr(plan, name)}"
    if not math.isfinite(plan.risk_reward):
        yield f"risk_reward is {plan.risk_reward}"
    if not wrong:
        yield from _zone_problems(plan)


def _zone_problems(plan: TradePlan) -> Iterator[str]:
    side, near, mid, far = plan.direction, plan.entry_near, plan.entry_mid, plan.entry_far
    # Sizes count the loss from the near edge; were it not the furthest from the stop, a fill
    # elsewhere in the zone would lose more than was budgeted.
    if side.is_winning(mid, entry=near):
        yield f"entry_mid {mid} lies before entry_near {near}"
    if side.is_winning(far, entry=mid):
        yield f"entry_far {far} lies before entry_mid {mid}"


def _time_problems(plan: TradePlan) -> Iterator[str]:
    naive = [n for n in ("created_at", "valid_until") if getattr(plan, n).utcoffset() is None]
    for name in naive:
        yield f"{name} carries no zone"
    if not naive and plan.valid_until <= plan.created_at:
        yield f"valid_until {plan.valid_until} is not after created_at {plan.created_at}"


def _is_price(value: object) -> bool:
    return isinstance(value, Decimal) and value.is_finite() and value > 0
