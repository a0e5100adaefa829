"""What `snipersight risk capacity` shows: what one more trade may take."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.text import Text

from snipersight.bootstrap.loss_figures import usage_of
from snipersight.cli.account_opening import open_account
from snipersight.cli.arguments import require_symbol
from snipersight.cli.console import output
from snipersight.cli.exits import ExitCode
from snipersight.cli.risk_status import usage_table, used_json
from snipersight.cli.styles import state_style
from snipersight.domain import wording as texts
from snipersight.domain.standing import TradingState
from snipersight.domain.units import Money, Symbol, plain
from snipersight.risk.exposure_limits import ExposureManager
from snipersight.risk.manager import RiskManager, RiskStatus

SCHEMA: Final = "snipersight.risk-capacity/1"


def show_capacity(
    env_file: Path | None, *, symbol: str | None, account: str | None, as_json: bool
) -> ExitCode:
    """Print what one more trade may take, of a symbol or of an asset of its own.

    Raises:
        ConfigInvalid: the symbol is none.
    """
    wanted = None if symbol is None else require_symbol(symbol)
    with open_account(env_file, account=account):
        status = RiskManager().status()
        left = ExposureManager().get_available_capacity(wanted)
    if as_json:
        print(json.dumps(capacity_json(status, wanted, left), indent=2, ensure_ascii=False))
    else:
        print_capacity(status, wanted, left, output())
    return ExitCode.OK


def print_capacity(
    status: RiskStatus, symbol: Symbol | None, left: Money, console: Console
) -> None:
    """Print the capacity in one line, what stops entries all the same, and the limits behind it."""
    what = f"a trade in {symbol}" if symbol else "one more trade"
    amount = f"{texts.amount_text(left)} {status.account.currency}"
    console.print(
        Text(
            f"Left in account {status.account.account_id} for {what}: {amount} of {status.policy.basis}"
        )
    )
    if status.state is not TradingState.ACTIVE:
        text = f"{status.state}: no entry is approved; see `snipersight risk status`"
        console.print(Text(text, style=state_style(status.state.value)))
    console.print()
    console.print(usage_table(usage_of(status), status.account.currency))


def capacity_json(status: RiskStatus, symbol: Symbol | None, left: Money) -> dict[str, Any]:
    """Return the capacity as JSON values, exact numbers as text."""
    return {
        "schema": SCHEMA,
        "account": status.account.account_id,
        "symbol": symbol,
        "currency": status.account.currency,
        "basis": status.policy.basis.value,
        "left": plain(left),
        "state": status.state.value,
        "used": [used_json(used) for used in usage_of(status)],
    }
