"""What `snipersight risk limits` shows: every limit, the variable that sets it, its value."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from snipersight.bootstrap.account_names import MAIN, PRACTICE
from snipersight.bootstrap.profiles import load_profile
from snipersight.bootstrap.risk import PROFILE_FIELDS, build_policy
from snipersight.bootstrap.risk_settings import SETTING_OF
from snipersight.bootstrap.settings import Settings, load_settings
from snipersight.cli.console import output
from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import say
from snipersight.domain import wording as texts
from snipersight.domain.profile import Profile
from snipersight.domain.units import plain
from snipersight.risk.policy import RiskPolicy
from snipersight.storage.home import Home

SCHEMA: Final = "snipersight.risk-limits/1"
_SECOND_US: Final = 1_000_000

# Words of every limit, in the order they are shown; the basis fills the braces.
_WORDS: Final = {
    "risk_fraction": "risk of a trade, wanted",
    "max_risk_per_trade": "most that a trade may risk",
    "min_rr": "least reward to risk, net of costs",
    "max_leverage": "notional of a position, and of all",
    "liquidation_cushion": "liquidation beyond the stop",
    "max_volume_share": "notional of a trade in its market's day",
    "smallest_share": "least of its size that limits may leave",
    "slippage_fraction": "slippage assumed at the stop",
    "volatility_floor": "least that volatility leaves of a size",
    "restricted": "assets not traded",
    "basis": "what the next two limits count",
    "max_total": "{basis} of all trades",
    "max_per_asset": "{basis} in one asset",
    "max_cluster": "risk in assets that move together",
    "cluster_correlation": "correlation that makes them one cluster",
    "max_margin": "margin of all trades",
    "max_positions": "trades, reserved ones included",
    "reservation_us": "a reservation is kept for",
    "max_daily_loss": "loss of a UTC day",
    "max_weekly_loss": "loss of a UTC week",
    "max_drawdown": "loss from the highest equity",
    "max_loss_streak": "trades lost in a row",
    "streak_pause_us": "pause after them",
    "cooldown_us": "no entry after a stop for",
    "max_unprotected_us": "a position may lack its stop for",
    "max_data_age_us": "age of the reference price, beyond its bar",
    "max_clock_skew_ms": "difference of the clocks",
    "price_collar": "entry from the reference price",
}
_PERCENT: Final = frozenset(
    {
        "risk_fraction",
        "max_risk_per_trade",
        "max_volume_share",
        "smallest_share",
        "slippage_fraction",
        "volatility_floor",
        "max_total",
        "max_per_asset",
        "max_cluster",
        "max_margin",
        "max_daily_loss",
        "max_weekly_loss",
        "max_drawdown",
        "price_collar",
    }
)


_UNITS: Final = {
    "max_clock_skew_ms": " ms",
    "max_leverage": "x",
    "liquidation_cushion": " stop distances",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitRow:
    """One limit as text.

    Args:
        name: field of the policy.
        words: what it limits.
        value: for a reader.
        setter: the variable, or the profile that decides it.
    """

    name: str
    words: str
    value: str
    setter: str


def show_limits(
    env_file: Path | None, *, profile: str | None, account: str | None, as_json: bool
) -> ExitCode:
    """Print every limit in force; no account is opened, since all are held to the same."""
    settings, warnings = load_settings(env_file)
    for warning in warnings:
        say(f"warning: {warning}")
    chosen = None if profile is None else _profile(profile, settings)
    policy = build_policy(settings, chosen)
    accounts = (MAIN, PRACTICE) if account is None else (account,)
    if as_json:
        print(json.dumps(limits_json(policy, chosen, accounts), indent=2, ensure_ascii=False))
    else:
        print_limits(limit_rows(policy, chosen), accounts, output())
    return ExitCode.OK


def _profile(name: str, settings: Settings) -> Profile:
    return load_profile(name, own_folder=Home(settings.snipersight_home).profiles)


def limit_rows(policy: RiskPolicy, profile: Profile | None) -> list[LimitRow]:
    """Return a row for every limit of the policy; the profile's own only where there is one."""
    return [
        LimitRow(
            name=name,
            words=words.format(basis=policy.basis),
            value=value_text(name, policy),
            setter=_setter(name, policy, profile),
        )
        for name, words in _WORDS.items()
        if profile is not None or name not in PROFILE_FIELDS
    ]


def value_text(name: str, policy: RiskPolicy) -> str:
    """Return one limit for a reader: `1 %`, `4 h`, `5x`."""
    value = getattr(policy, name)
    if name.endswith("_us"):
        return duration_text(value)
    if name == "restricted":
        return ", ".join(value) or "none"
    if name in _PERCENT:
        return texts.percent(value, texts.decimals_of((value * 100,)))
    return (plain(value) if isinstance(value, Decimal) else str(value)) + _UNITS.get(name, "")


def duration_text(time_us: int) -> str:
    """Return a duration in its largest whole unit: `4 h`, `90 min`, `30 s`."""
    seconds = Decimal(time_us) / _SECOND_US
    for unit, length in (("h", 3600), ("min", 60)):
        if seconds and seconds % length == 0:
            return f"{plain(seconds / length)} {unit}"
    return f"{plain(seconds)} s"


def limits_json(
    policy: RiskPolicy, profile: Profile | None, accounts: Sequence[str]
) -> dict[str, Any]:
    """Return every limit as JSON values, exact numbers as text."""
    values = policy.as_json()
    return {
        "schema": SCHEMA,
        "accounts": list(accounts),
        "profile": None if profile is None else profile.name,
        "policy_hash": policy.hash,
        "limits": [
            {
                "name": row.name,
                "variable": SETTING_OF[row.name].upper() if row.name in SETTING_OF else None,
                "value": values[row.name],
                "sentence": f"{row.words}: {row.value}",
            }
            for row in limit_rows(policy, profile)
        ],
    }


def print_limits(rows: list[LimitRow], accounts: Sequence[str], console: Console) -> None:
    """Print whom they hold, and one row a limit."""
    named = " and ".join(accounts)
    each = f"Accounts {named}, each by itself" if len(accounts) > 1 else f"Account {named}"
    console.print(Text(each, style="bold"))
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    table.add_column("Limit", overflow="fold")
    table.add_column("Value", justify="right", overflow="fold")
    table.add_column("Set by", overflow="fold")
    for row in rows:
        table.add_row(Text(row.words), Text(row.value), Text(row.setter, style="dim"))
    console.print(table)


def _setter(name: str, policy: RiskPolicy, profile: Profile | None) -> str:
    """Return who decides a limit; of the floor of reward, whichever asks for more."""
    variable = SETTING_OF.get(name, "").upper()
    if profile is None:
        return variable or "the profile"
    own_floor = Decimal(str(profile.planner.min_rr))
    is_profiles = not variable or (name == "min_rr" and policy.min_rr == own_floor)
    return f"profile {profile.name}" if is_profiles else variable
