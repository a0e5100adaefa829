"""The limits a user may set: variables, defaults and ranges of everything in the risk policy.

Fractions are of equity; times are in the unit that a variable's name ends with. `.env.example`
explains each one.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Final, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode

from snipersight.domain.exposure import Basis
from snipersight.domain.instrument import underlying_of
from snipersight.risk.policy import RiskPolicy

_ONE: Final = Decimal(1)
_MOST: Final = Decimal(1000)  # times equity; a notional of more is a slip of the pen
_SECOND_US: Final = 1_000_000
_MINUTE_US: Final = 60 * _SECOND_US
_HOUR_US: Final = 60 * _MINUTE_US
_YEAR_DAYS: Final = 366
_CLUSTER: Final = Decimal("0.075")  # where the other two limits do not count risk
_NAME: Final = re.compile(r"[A-Z0-9]{1,20}(/[A-Z0-9]{2,10}(:[A-Z0-9]{2,10})?)?")

# Policy field to setting; the other fields come from the profile.
SETTING_OF: Final = {
    "max_risk_per_trade": "max_risk_per_trade",
    "basis": "exposure_basis",
    "max_per_asset": "max_per_asset_exposure",
    "max_total": "max_total_exposure",
    "max_cluster": "max_cluster_exposure",
    "cluster_correlation": "cluster_correlation",
    "max_leverage": "max_leverage",
    "max_margin": "max_margin_usage",
    "max_positions": "max_open_positions",
    "smallest_share": "smallest_size_share",
    "max_volume_share": "max_volume_share",
    "price_collar": "price_collar",
    "restricted": "restricted_symbols",
    "liquidation_cushion": "liquidation_cushion",
    "min_rr": "min_risk_reward",
    "max_daily_loss": "max_daily_loss",
    "max_weekly_loss": "max_weekly_loss",
    "max_drawdown": "max_drawdown",
    "max_loss_streak": "max_loss_streak",
    "streak_pause_us": "loss_streak_pause_hours",
    "cooldown_us": "cooldown_minutes",
    "max_unprotected_us": "max_unprotected_seconds",
    "max_data_age_us": "max_data_age_seconds",
    "max_clock_skew_ms": "max_clock_skew_ms",
    "reservation_us": "reservation_hours",
}
_UNIT_US: Final = {
    "streak_pause_us": _HOUR_US,
    "cooldown_us": _MINUTE_US,
    "max_unprotected_us": _SECOND_US,
    "max_data_age_us": _SECOND_US,
    "reservation_us": _HOUR_US,
}


def _lower(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


def _listed(value: object) -> object:
    if not isinstance(value, str):
        return value
    return tuple(part.upper() for part in re.split(r"[,\s]+", value.strip()) if part)


Fraction = Annotated[Decimal, Field(ge=Decimal("0.000001"), le=_ONE)]
Share = Annotated[Decimal, Field(ge=0, le=_ONE)]
Multiple = Annotated[Decimal, Field(ge=Decimal("0.000001"), le=_MOST)]


class RiskSettings(BaseSettings):
    """Every limit of the risk gate; a part of `Settings`."""

    max_risk_per_trade: Decimal = Field(
        default=Decimal("0.01"), ge=Decimal("0.000001"), le=Decimal("0.05")
    )
    max_total_exposure: Multiple = Decimal("0.10")
    max_per_asset_exposure: Multiple = Decimal("0.05")
    exposure_basis: Annotated[Basis, BeforeValidator(_lower)] = Basis.RISK
    max_cluster_exposure: Fraction | None = None
    cluster_correlation: Share = Decimal("0.7")
    max_leverage: Decimal = Field(default=Decimal(5), ge=1, le=125)
    max_margin_usage: Fraction = _ONE
    max_open_positions: int = Field(default=10, ge=1, le=10_000)
    smallest_size_share: Share = Decimal("0.25")
    min_risk_reward: Decimal = Field(default=Decimal(0), ge=0, le=100)
    max_daily_loss: Fraction = Decimal("0.03")
    max_weekly_loss: Fraction = Decimal("0.06")
    max_drawdown: Fraction = Decimal("0.15")
    max_loss_streak: int = Field(default=5, ge=1, le=1000)
    loss_streak_pause_hours: Decimal = Field(default=Decimal(24), ge=0, le=_YEAR_DAYS * 24)
    cooldown_minutes: Decimal = Field(default=Decimal(240), ge=0, le=_YEAR_DAYS * 1440)
    max_unprotected_seconds: Decimal = Field(default=Decimal(30), ge=0, le=_YEAR_DAYS * 86_400)
    max_data_age_seconds: Decimal = Field(default=Decimal(900), ge=0, le=_YEAR_DAYS * 86_400)
    max_clock_skew_ms: int = Field(default=1000, ge=0, le=3_600_000)
    price_collar: Fraction = Decimal("0.20")
    max_volume_share: Fraction = Decimal("0.01")
    liquidation_cushion: Decimal = Field(default=Decimal("0.5"), ge=0, le=100)
    reservation_hours: Decimal = Field(default=Decimal(24), ge=Decimal("0.001"), le=_YEAR_DAYS * 24)
    restricted_symbols: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)] = ()

    @field_validator("restricted_symbols", mode="after")
    @classmethod
    def _underlyings(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        strange = [name for name in names if not _NAME.fullmatch(name)]
        if strange:
            raise ValueError(
                f"{', '.join(strange)} is no asset or symbol such as LUNA or DOGE/USDT"
            )
        return tuple(sorted({underlying_of(name.partition("/")[0])[0] for name in names}))

    @model_validator(mode="after")
    def _agree(self) -> Self:
        problems = contradictions(self)
        if problems:
            raise ValueError("; ".join(problems))
        return self

    @property
    def cluster_limit(self) -> Decimal:
        """Return `MAX_CLUSTER_EXPOSURE`; unset, midway between the limits of an asset and of all.

        A cluster always counts risk, so where those two count something else it is 7.5 %, and at
        least what one trade may lose.
        """
        if self.max_cluster_exposure is not None:
            return self.max_cluster_exposure
        if self.exposure_basis is Basis.RISK:
            return (self.max_per_asset_exposure + self.max_total_exposure) / 2
        return max(_CLUSTER, self.max_risk_per_trade)

    def limits(self) -> dict[str, object]:
        """Return the value of every policy field that settings decide."""
        held = {field: getattr(self, name) for field, name in SETTING_OF.items()}
        times = {field: int(held[field] * unit) for field, unit in _UNIT_US.items()}
        return {**held, **times, "max_cluster": self.cluster_limit}


def contradictions(settings: RiskSettings) -> tuple[str, ...]:
    """Return what the limits contradict in each other, in the variables' names."""
    found = []
    if settings.exposure_basis is Basis.RISK:
        found += [
            f"{name.upper()} {getattr(settings, name)} is more than the account, "
            "which EXPOSURE_BASIS=risk cannot lose"
            for name in ("max_per_asset_exposure", "max_total_exposure")
            if getattr(settings, name) > _ONE
        ]
    if found:
        return tuple(found)
    try:
        RiskPolicy(**settings.limits())  # type: ignore[arg-type]  # one value a field, checked there
    except ValueError as error:
        return (in_variables(str(error)),)
    return ()


def in_variables(text: str) -> str:
    """Return a sentence about policy fields in the names a user sets."""
    names = "|".join(sorted(SETTING_OF, key=len, reverse=True))
    return re.sub(rf"\b({names})\b", lambda found: SETTING_OF[found[1]].upper(), text)


VARIABLES_OF_LIMITS: Final = tuple(name.upper() for name in RiskSettings.model_fields)
