"""Whether a plan is whole: every field there, of its type, finite, and without contradiction.

The plan's own constructor refuses the same; a plan that came past it (unpickled, or written into
afterwards) is refused here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from operator import attrgetter
from typing import Final

from snipersight.domain.confluence import Confluence, Tier
from snipersight.domain.direction import Direction
from snipersight.domain.instrument import MarketKind
from snipersight.domain.plan import StopLoss, Target, TradePlan, TradeType
from snipersight.domain.regime import Regime
from snipersight.domain.timeframe import Timeframe

Kinds = type | tuple[type, ...]


class _Fields:
    """Fields that a part of a plan must have, each of its kind; read all at once."""

    def __init__(self, kinds: Mapping[str, Kinds]) -> None:
        self.kinds: Final = kinds
        self._read: Final = attrgetter(*kinds)
        self._wanted: Final = tuple(kinds.values())

    def are_in(self, owner: object) -> bool:
        """Return whether all of them are there."""
        try:
            return all(map(isinstance, self._read(owner), self._wanted))
        except AttributeError:  # one is missing altogether
            return False


_NAMES: Final = ("setup_id", "plan_id", "venue", "symbol", "profile")
_PRICES: Final = ("entry_near", "entry_mid", "entry_far", "atr", "last_price")
_FIELDS: Final = _Fields(
    {
        **dict.fromkeys((*_NAMES, "rationale"), str),
        "market": MarketKind,
        "direction": Direction,
        "trade_type": TradeType,
        "timeframe": Timeframe,
        "created_at": datetime,
        "valid_until": datetime,
        **dict.fromkeys((*_PRICES, "round_trip_cost"), Decimal),
        "stop_loss": StopLoss,
        "targets": tuple,
        "risk_reward": (float, int),
        "confluence": Confluence,
        "regime": Regime,
    }
)
_STOP_FIELDS: Final = _Fields(
    {
        "price": Decimal,
        "rationale": str,
        "distance_atr": (float, int),
    }
)
_TARGET_FIELDS: Final = _Fields(
    {
        "price": Decimal,
        "fraction": Decimal,
        "r_multiple": (float, int),
        "rationale": str,
    }
)
_CONFLUENCE_FIELDS: Final = _Fields(
    {
        "score": (float, int),
        "tier": Tier,
        "factors": tuple,
    }
)
_ZERO: Final = Decimal(0)
_ONE: Final = Decimal(1)
_HUGE: Final = 1e300  # below it every int is a float too
_all_names = attrgetter(*_NAMES)
_all_prices = attrgetter(*_PRICES)


def plan_problems(plan: TradePlan) -> tuple[str, ...]:
    """Return everything that keeps a plan from being judged; empty for a whole one.

    Which side of the entry stop and targets lie on, and the costs, are asked by checks of their
    own. What is no plan at all is a plan that lacks everything.
    """
    missing = _field_problems(plan, _FIELDS) or _part_problems(plan)
    if missing:
        return tuple(missing)
    return (
        *_name_problems(plan),
        *_number_problems(plan),
        *_stop_problems(plan.stop_loss),
        *_target_problems(plan.targets),
        *_time_problems(plan),
    )


def _part_problems(plan: TradePlan) -> list[str]:
    if (
        _STOP_FIELDS.are_in(plan.stop_loss)
        and _CONFLUENCE_FIELDS.are_in(plan.confluence)
        and all(map(_TARGET_FIELDS.are_in, plan.targets))
    ):
        return []
    return [
        *_field_problems(plan.stop_loss, _STOP_FIELDS, "stop_loss."),
        *_field_problems(plan.confluence, _CONFLUENCE_FIELDS, "confluence."),
        *(
            problem
            for target in plan.targets
            for problem in _field_problems(target, _TARGET_FIELDS, "target ")
        ),
    ]


def _field_problems(owner: object, wanted: _Fields, prefix: str = "") -> list[str]:
    if wanted.are_in(owner):
        return []
    found = []
    for name, kinds in wanted.kinds.items():
        value = getattr(owner, name, None)
        if not isinstance(value, kinds):
            found.append(f"{prefix}{name} is {'missing' if value is None else repr(value)}")
    return found


def _name_problems(plan: TradePlan) -> tuple[str, ...]:
    base, _, quote = plan.symbol.partition("/")
    if base and quote and all(_all_names(plan)):
        return ()
    empty = [f"{name} is empty" for name in _NAMES if not getattr(plan, name)]
    return tuple(empty or [f"symbol is {plan.symbol!r}, which names no pair"])


def _number_problems(plan: TradePlan) -> tuple[str, ...]:
    if not (_is_number(plan.risk_reward) and _is_number(plan.confluence.score)):
        return (f"risk_reward is {plan.risk_reward}, the score {plan.confluence.score}",)
    if not _are_prices(_all_prices(plan)):
        values = zip(_PRICES, _all_prices(plan), strict=True)
        return tuple(f"{name} is {value}" for name, value in values if not _is_price(value))
    side, near, mid, far = plan.direction, plan.entry_near, plan.entry_mid, plan.entry_far
    # Sizes count the loss from the near edge; were it not the furthest from the stop, a fill
    # elsewhere in the zone would lose more than was budgeted.
    if side.is_winning(mid, entry=near):
        return (f"entry_mid {mid} lies before entry_near {near}",)
    if side.is_winning(far, entry=mid):
        return (f"entry_far {far} lies before entry_mid {mid}",)
    return ()


def _stop_problems(stop: StopLoss) -> tuple[str, ...]:
    if _is_price(stop.price) and _is_number(stop.distance_atr):
        return ()
    return (f"stop_loss has the price {stop.price}, {stop.distance_atr} ATR away",)


def _target_problems(targets: tuple[Target, ...]) -> tuple[str, ...]:
    if not targets:
        return ("no target",)
    wrong = [
        f"target at {one.price} has the fraction {one.fraction} and {one.r_multiple} R"
        for one in targets
        if not (_are_prices((one.price, one.fraction)) and _is_number(one.r_multiple))
    ]
    if wrong:
        return tuple(wrong)
    total = sum([one.fraction for one in targets], _ZERO)
    return () if total == _ONE else (f"target fractions sum to {total}, not 1",)


def _time_problems(plan: TradePlan) -> tuple[str, ...]:
    created, until = plan.created_at, plan.valid_until
    if created.utcoffset() is None or until.utcoffset() is None:
        return ("times carry no zone",)
    if until <= created:
        return (f"valid_until {until} is not after created_at {created}",)
    return ()


def _is_price(value: Decimal) -> bool:
    return value.is_finite() and value > _ZERO


def _are_prices(values: tuple[Decimal, ...]) -> bool:
    return all(map(Decimal.is_finite, values)) and min(values) > _ZERO


def _is_number(value: float) -> bool:
    return -_HUGE < value < _HUGE
