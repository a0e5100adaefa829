"""Profiles: every threshold of the analysis and the planner, by name, with its meaning.

A profile is read from TOML by `bootstrap.profiles`; this module says what may stand in one.
Unknown keys and impossible values are errors that name the key. Distances are multiples of ATR
(Wilder's 14 of the role's own timeframe), ages are bars of the role's timeframe.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.execution import ManagementRules
from snipersight.domain.orders import TriggerSource
from snipersight.domain.plan import TradeType
from snipersight.domain.regime import Regime
from snipersight.domain.timeframe import DAY_MS, Timeframe

_CALENDAR_MS: Final = {
    "session": DAY_MS,
    "day": 2 * DAY_MS,
    "week": 14 * DAY_MS,
    "month": 62 * DAY_MS,
}

_ATR_BARS: Final = 14
_HOUR_US: Final = 3_600_000_000

Calendar = Literal["session", "day", "week", "month"]
Strength = Literal["internal", "swing"]
ShiftKind = Literal["initial", "bos", "choch"]
Unit = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0, le=1000)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class SmcRules(_Section):
    """Definitions of the detectors (design §5) for one timeframe role."""

    burn_in_bars: int = Field(ge=50, le=2000)  # a machine runs this long before it may speak
    epoch_bars: int = Field(ge=20, le=20_000)  # it then speaks this long before it is renewed
    internal_strength: int = Field(ge=1, le=20)
    swing_strength: int = Field(ge=2, le=50)
    displacement_max_bars: int = Field(default=5, ge=1, le=5)
    displacement_body_ratio: float = Field(default=0.6, gt=0, le=1)
    displacement_atr: Positive = 1.5
    min_gap_atr: float = Field(default=0.1, ge=0, le=10)
    block_lookback_bars: int = Field(default=10, ge=0, le=50)
    zone_max_age_bars: int = Field(ge=5, le=400)
    level_max_age_bars: int = Field(ge=5, le=400)
    equal_tolerance_atr: float = Field(default=0.1, ge=0, le=2)
    min_pool_age_bars: int = Field(default=3, ge=1, le=500)
    min_pierce_atr: float = Field(default=0.02, ge=0, le=5)
    max_pierce_atr: float = Field(default=2.0, gt=0, le=20)
    calendar: tuple[Calendar, ...] = ()
    old_swings: bool = True  # a lone unbroken swing holds stops too, not only equal ones
    max_leg_bars: int = Field(default=40, ge=2, le=400)
    regime_window_bars: int = Field(default=100, ge=20, le=400)
    adx_trend_enter: float = Field(default=25.0, gt=0, lt=100)
    adx_trend_leave: float = Field(default=20.0, gt=0, lt=100)
    volatile_enter: Unit = 0.95
    volatile_leave: Unit = 0.85

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        _require(
            self.swing_strength > self.internal_strength,
            "swing_strength must be above internal_strength",
        )
        _require(
            max(self.zone_max_age_bars, self.level_max_age_bars) <= self.burn_in_bars,
            "zone_max_age_bars and level_max_age_bars must not exceed burn_in_bars, "
            "or a level would be forgotten when the machine is renewed",
        )
        _require(self.burn_in_bars <= self.epoch_bars, "burn_in_bars must not exceed epoch_bars")
        _require(
            self.regime_window_bars + _ATR_BARS <= self.burn_in_bars,
            "burn_in_bars must cover regime_window_bars and the 14 bars of its ATR, "
            "or a renewed machine would speak before it knows its regime",
        )
        _require(self.min_pierce_atr < self.max_pierce_atr, "min_pierce_atr >= max_pierce_atr")
        _require(self.adx_trend_leave <= self.adx_trend_enter, "adx_trend_leave > adx_trend_enter")
        _require(self.volatile_leave <= self.volatile_enter, "volatile_leave > volatile_enter")
        return self

    def warm_up_ms(self, timeframe: Timeframe) -> int:
        """Return how much history makes what is said independent of the first bar."""
        machine = (self.burn_in_bars + self.epoch_bars) * timeframe.duration_ms
        return max([machine, *(_CALENDAR_MS[period] for period in self.calendar)])


class Timeframes(_Section):
    """Which timeframe plays which role."""

    bias: str
    zone: str
    trigger: str

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        bias, zone, trigger = (Timeframe.parse(n) for n in (self.bias, self.zone, self.trigger))
        _require(trigger < zone < bias, "timeframes must be ordered trigger < zone < bias")
        _require(trigger.divides(zone) and zone.divides(bias), "bars must divide one another")
        return self


class Roles(_Section):
    """Detector rules for each role."""

    bias: SmcRules
    zone: SmcRules
    trigger: SmcRules


class SetupRules(_Section):
    """What makes a sweep and a shift a setup."""

    shift_strength: Strength = "internal"
    shift_kinds: tuple[ShiftKind, ...] = ("initial", "bos", "choch")
    zone_from: tuple[Literal["order_block", "gap"], ...] = ("order_block", "gap")
    valid_bars: int = Field(ge=1, le=500)  # trigger bars until an unfilled plan expires


class Gates(_Section):
    """Hard gates; a setup that fails one is `gated:<name>`."""

    bias_alignment: Literal["with", "not_against", "off"] = "not_against"
    leader_alignment: Literal["with", "not_against", "off"] = "not_against"
    regimes: tuple[Regime, ...] = (Regime.TREND, Regime.RANGE)
    max_range_position: Unit = 0.75  # 0 is the far side in the trade's favour, 1 is chasing
    min_score: float = Field(default=50.0, ge=0, le=100)


class Weights(_Section):
    """Points of each factor at full value; together 100."""

    bias_trend: float = Field(ge=0, le=100)
    zone_point_of_interest: float = Field(ge=0, le=100)
    order_block: float = Field(ge=0, le=100)
    fair_value_gap: float = Field(ge=0, le=100)
    sweep_quality: float = Field(ge=0, le=100)
    displacement: float = Field(ge=0, le=100)
    structure_shift: float = Field(ge=0, le=100)
    discount: float = Field(ge=0, le=100)
    kill_zone: float = Field(ge=0, le=100)
    momentum: float = Field(ge=0, le=100)
    divergence: float = Field(ge=0, le=100)
    volume_spike: float = Field(ge=0, le=100)

    @model_validator(mode="after")
    def _hundred(self) -> Self:
        total = sum(self.model_dump().values())
        _require(abs(total - 100) < 1e-9, f"weights must sum to 100, not {total:g}")
        return self


class Conflicts(_Section):
    """Points subtracted at full value."""

    against_bias: float = Field(default=15.0, ge=0, le=100)
    against_leader: float = Field(default=10.0, ge=0, le=100)
    opposing_zone: float = Field(default=10.0, ge=0, le=100)
    volatile: float = Field(default=10.0, ge=0, le=100)


class Tiers(_Section):
    """Lowest scores of tier A and B; everything below B is C."""

    a: float = Field(ge=0, le=100)
    b: float = Field(ge=0, le=100)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        _require(self.a > self.b, "tier a must be above tier b")
        return self


class PlannerRules(_Section):
    """Where stop and targets go, and which plans are not worth making."""

    stop_buffer_atr: float = Field(default=0.1, ge=0, le=5)
    pool_clearance_atr: float = Field(default=0.25, ge=0, le=5)
    max_stop_atr: float = Field(default=4.0, gt=0, le=50)
    min_target_r: float = Field(default=1.0, gt=0, le=20)
    # The first target lies this many times as far from the close as the entry does, at least:
    # a nearer one would be reached, and the plan void, before price comes back to the zone.
    min_target_room: float = Field(default=1.0, ge=0, le=10)
    max_target_r: float = Field(default=8.0, gt=0, le=100)
    min_rr: float = Field(default=1.5, gt=0, le=20)
    max_cost_fraction: float = Field(default=0.15, gt=0, le=1)  # of the stop distance
    slippage_fraction: Decimal = Field(default=Decimal("0.0002"), ge=0, le=Decimal("0.05"))
    target_fractions: tuple[Decimal, ...] = (Decimal("0.5"), Decimal("0.3"), Decimal("0.2"))

    @model_validator(mode="after")
    def _whole(self) -> Self:
        _require(bool(self.target_fractions), "target_fractions is empty")
        _require(all(part > 0 for part in self.target_fractions), "target_fractions must be > 0")
        _require(sum(self.target_fractions) == 1, "target_fractions must sum to 1")
        _require(self.min_target_r < self.max_target_r, "min_target_r >= max_target_r")
        return self


class SizingRules(_Section):
    """Risk per trade and how volatility scales it down (never up)."""

    risk_fraction: Decimal = Field(default=Decimal("0.01"), gt=0, le=Decimal("0.05"))
    volatility_floor: Unit = 0.5  # smallest factor volatility may scale a size to


class Management(_Section):
    """How a trade is managed once it is executed; see `ManagementRules` for the meanings.

    A key that is left out switches trailing and the time stop off.
    """

    entry_fractions: tuple[Decimal, Decimal, Decimal] = (
        Decimal("0.5"),
        Decimal("0.3"),
        Decimal("0.2"),
    )
    break_even: bool = True
    trailing_atr: Decimal | None = Field(default=None, gt=0, le=50)
    time_stop_hours: Decimal | None = Field(default=None, gt=0, le=8760)
    min_rr: Decimal = Field(default=Decimal(0), ge=0, le=20)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        _require(min(self.entry_fractions) >= 0, "entry_fractions must not be negative")
        _require(sum(self.entry_fractions) == 1, "entry_fractions must sum to 1")
        return self

    def rules(self, trigger: TriggerSource) -> ManagementRules:
        """Return what the executor manages a trade by.

        Args:
            trigger: the price that protective stops watch; a setting, not a profile's affair.
        """
        hours = self.time_stop_hours
        return ManagementRules(
            entry_fractions=self.entry_fractions,
            break_even=self.break_even,
            trailing_atr=self.trailing_atr,
            time_stop_us=None if hours is None else int(hours * _HOUR_US),
            trigger=trigger,
            min_rr=self.min_rr,
        )


class Profile(_Section):
    """One named way of trading."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_-]{0,31}$")
    description: str
    trade_type: TradeType
    timeframes: Timeframes
    roles: Roles
    setup: SetupRules
    gates: Gates
    weights: Weights
    conflicts: Conflicts
    tiers: Tiers
    planner: PlannerRules
    sizing: SizingRules
    management: Management = Field(default_factory=Management)

    def timeframe(self, role: Literal["bias", "zone", "trigger"]) -> Timeframe:
        """Return the timeframe that plays a role."""
        return Timeframe.parse(getattr(self.timeframes, role))

    def history(self) -> dict[Timeframe, int]:
        """Return the warm-up of each role's timeframe in milliseconds.

        A decision is looked at until its plan expires, so the trigger's warm-up must lie behind
        the oldest decision a scan may still show, and the other roles' behind that too.
        """
        trigger = self.timeframe("trigger")
        looked_back = (self.setup.valid_bars + 1) * trigger.duration_ms
        return {
            self.timeframe(role): rules.warm_up_ms(self.timeframe(role)) + looked_back
            for role, rules in self._roles()
        }

    def _roles(self) -> Iterable[tuple[Literal["bias", "zone", "trigger"], SmcRules]]:
        yield "trigger", self.roles.trigger
        yield "zone", self.roles.zone
        yield "bias", self.roles.bias

    @property
    def content_hash(self) -> str:
        """Return a hash of every value: two profiles with it equal decide alike."""
        return _hash_of(self.model_dump(mode="json"))

    @property
    def values_hash(self) -> str:
        """Return a hash of what decides: a copy under another name has the same."""
        return _hash_of(self.model_dump(mode="json", exclude={"name", "description"}))


def _hash_of(values: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise ValueError(message)


def parse_profile(values: object, *, where: str) -> Profile:
    """Return the profile of a parsed TOML document.

    Args:
        values: nested mapping of the document.
        where: file name, for messages.

    Raises:
        ConfigInvalid: every unknown key and impossible value, each with its dotted name.
    """
    try:
        return Profile.model_validate(values)
    except ValidationError as error:
        problems = "; ".join(_describe(dict(item)) for item in error.errors())
        raise ConfigInvalid(
            problems,
            where=where,
            next_step="`snipersight profiles --show balanced` prints a valid one",
        ) from error
    except ConfigInvalid as error:  # an unknown timeframe, named by the inner parser
        raise ConfigInvalid(error.what, where=where, next_step=error.next_step) from error


def _describe(item: dict[str, object]) -> str:
    location = item["loc"]
    key = ".".join(str(part) for part in location) if isinstance(location, tuple) else str(location)
    if item["type"] == "extra_forbidden":
        return f"unknown key {key}"
    message = str(item["msg"]).removeprefix("Value error, ")
    given = item.get("input")
    shown = "" if isinstance(given, dict) or given is None else f" (given {given!r})"
    return f"{key or 'profile'}: {message}{shown}"
