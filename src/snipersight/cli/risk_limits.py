"""What `snipersight risk limits` shows: every limit, the variable that sets it, its value."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from snipersight.bootstrap.account_names import MAIN, PRACTICE
from snipersight.bootstrap.limit_words import LimitRow, limit_rows
from snipersight.bootstrap.profiles import load_profile
from snipersight.bootstrap.risk import build_policy
from snipersight.bootstrap.risk_settings import SETTING_OF
from snipersight.bootstrap.settings import Settings, load_settings
from snipersight.cli.console import output
from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import say
from snipersight.domain.profile import Profile
from snipersight.risk.policy import RiskPolicy
from snipersight.storage.home import Home

SCHEMA: Final = "snipersight.risk-limits/1"


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
