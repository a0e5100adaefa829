"""The risk policy: every limit in force, as one value with a hash.

Fractions are of equity unless they say otherwise; 0.01 is 1 %.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, fields
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Final

from snipersight.domain.exposure import Basis

_ONE: Final = Decimal(1)
_ZERO: Final = Decimal(0)
_MINUTE_US: Final = 60_000_000
_HOUR_US: Final = 60 * _MINUTE_US


@dataclass(frozen=True, kw_only=True)
class RiskPolicy:
    """What the gate holds plans to; it cannot exist with limits that contradict each other.

    Args:
        risk_fraction: lost at the stop by one trade, wanted (the profile's or the user's).
        max_risk_per_trade: most that one trade may lose; a wanted fraction above it approves
            nothing.
        basis: which amount the next three limits count.
        max_per_asset: of all trades in one underlying.
        max_total: of all trades.
        max_cluster: risk of the trades in one cluster of correlated assets; always counts risk.
        cluster_correlation: assets correlated at least this much, in either direction, are one
            cluster.
        max_leverage: of one position, and of gross notional to equity.
        max_margin: margin of all trades.
        max_positions: reservations and positions together.
        smallest_share: a trade that limits leave less than this share of its size is refused.
        max_volume_share: notional of one trade as a fraction of its market's 24 hours' value.
        price_collar: furthest that the near edge may lie from the reference price, as a fraction
            of it.
        restricted: underlyings that are not traded.
        slippage_fraction: assumed on the stop's market order.
        volatility_floor: what the most unusual volatility leaves of a size.
        liquidation_cushion: liquidation lies at least this many stop distances beyond the stop.
        min_rr: smallest fraction-weighted R of the targets, net of costs.
        max_daily_loss, max_weekly_loss: of the equity the UTC day or week began with.
        max_drawdown: from the high-water mark; re-armed by a person only.
        max_loss_streak: trades lost in a row; entries then pause for `streak_pause_us`.
        cooldown_us: no entry in the same symbol and direction for this long after a stop.
        max_unprotected_us: a position may lack part of its stop for this long.
        max_data_age_us: how old the reference price may be, beyond its own step.
        max_clock_skew_ms: difference between the venue's clock and ours.
        reservation_us: a reservation without an end of its own is given back after this.

    Raises:
        ValueError: every limit that is not finite, outside its range, or contradicts another.
    """

    risk_fraction: Decimal = Decimal("0.01")
    max_risk_per_trade: Decimal = Decimal("0.01")
    basis: Basis = Basis.RISK
    max_per_asset: Decimal = Decimal("0.05")
    max_total: Decimal = Decimal("0.10")
    max_cluster: Decimal = Decimal("0.075")
    cluster_correlation: Decimal = Decimal("0.7")
    max_leverage: Decimal = Decimal(5)
    max_margin: Decimal = _ONE
    max_positions: int = 10
    smallest_share: Decimal = Decimal("0.25")
    max_volume_share: Decimal = Decimal("0.01")
    price_collar: Decimal = Decimal("0.20")
    restricted: tuple[str, ...] = ()
    slippage_fraction: Decimal = Decimal("0.0002")
    volatility_floor: Decimal = Decimal("0.5")
    liquidation_cushion: Decimal = Decimal("0.5")
    min_rr: Decimal = _ZERO
    max_daily_loss: Decimal = Decimal("0.03")
    max_weekly_loss: Decimal = Decimal("0.06")
    max_drawdown: Decimal = Decimal("0.15")
    max_loss_streak: int = 5
    streak_pause_us: int = 24 * _HOUR_US
    cooldown_us: int = 4 * _HOUR_US
    max_unprotected_us: int = _MINUTE_US // 2
    max_data_age_us: int = 15 * _MINUTE_US
    max_clock_skew_ms: int = 1_000
    reservation_us: int = 24 * _HOUR_US

    def __post_init__(self) -> None:
        """Refuse limits that limit nothing, all problems at once."""
        # What is no number cannot be compared with another limit.
        problems = _range_problems(self) or _contradictions(self)
        if problems:
            raise ValueError("; ".join(problems))

    @cached_property
    def hash(self) -> str:
        """Return a hash of every limit: two policies with it equal judge alike."""
        return hashlib.sha256(json.dumps(self.as_json(), sort_keys=True).encode()).hexdigest()[:16]

    def as_json(self) -> dict[str, object]:
        """Return every limit as a JSON value, exact numbers as text."""
        return {item.name: _json(getattr(self, item.name)) for item in fields(self)}


def _json(value: object) -> object:
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, StrEnum):
        return value.value
    return list(value) if isinstance(value, tuple) else value


def _range_problems(policy: RiskPolicy) -> tuple[str, ...]:
    return tuple(
        f"{name} must lie between {low} and {high}, not {getattr(policy, name)}"
        for name, (low, high) in _RANGES.items()
        if not _within(getattr(policy, name), low, high)
    )


def _within(value: Decimal | int, low: Decimal, high: Decimal) -> bool:
    exact = Decimal(value)
    return exact.is_finite() and low <= exact <= high


_TINY: Final = Decimal("0.000001")
_YEAR_US: Final = Decimal(366 * 24 * _HOUR_US)
_FRACTION: Final = (_TINY, _ONE)
_SHARE: Final = (_ZERO, _ONE)
_TIME: Final = (_ZERO, _YEAR_US)
_RANGES: Final[dict[str, tuple[Decimal, Decimal]]] = {
    "risk_fraction": _FRACTION,
    "max_risk_per_trade": _FRACTION,
    "max_per_asset": (_TINY, Decimal(1000)),
    "max_total": (_TINY, Decimal(1000)),
    "max_cluster": _FRACTION,
    "cluster_correlation": _SHARE,
    "max_leverage": (_ONE, Decimal(125)),
    "max_margin": _FRACTION,
    "max_positions": (_ONE, Decimal(10_000)),
    "smallest_share": _SHARE,
    "max_volume_share": _FRACTION,
    "price_collar": _FRACTION,
    "slippage_fraction": _SHARE,
    "volatility_floor": _SHARE,
    "liquidation_cushion": (_ZERO, Decimal(100)),
    "min_rr": (_ZERO, Decimal(100)),
    "max_daily_loss": _FRACTION,
    "max_weekly_loss": _FRACTION,
    "max_drawdown": _FRACTION,
    "max_loss_streak": (_ONE, Decimal(1000)),
    "streak_pause_us": _TIME,
    "cooldown_us": _TIME,
    "max_unprotected_us": _TIME,
    "max_data_age_us": _TIME,
    "max_clock_skew_ms": (_ZERO, Decimal(3_600_000)),
    "reservation_us": (Decimal(1_000_000), _YEAR_US),
}


def _contradictions(policy: RiskPolicy) -> tuple[str, ...]:
    found = []
    if policy.max_per_asset > policy.max_total:
        found.append(f"max_per_asset {policy.max_per_asset} exceeds max_total {policy.max_total}")
    if policy.basis is Basis.RISK:
        if policy.max_risk_per_trade > policy.max_per_asset:
            found.append(
                f"max_risk_per_trade {policy.max_risk_per_trade} exceeds max_per_asset "
                f"{policy.max_per_asset}"
            )
        if policy.max_cluster > policy.max_total:
            found.append(f"max_cluster {policy.max_cluster} exceeds max_total {policy.max_total}")
    if policy.max_risk_per_trade > policy.max_cluster:
        found.append(
            f"max_risk_per_trade {policy.max_risk_per_trade} exceeds max_cluster "
            f"{policy.max_cluster}"
        )
    if policy.max_daily_loss > policy.max_weekly_loss:
        found.append(
            f"max_daily_loss {policy.max_daily_loss} exceeds max_weekly_loss "
            f"{policy.max_weekly_loss}"
        )
    return tuple(found)
