"""What `snipersight risk status` shows: state, breakers, losses and the budget in use."""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from snipersight.bootstrap.loss_figures import losses_of, usage_of
from snipersight.cli.account_opening import open_account
from snipersight.cli.console import output
from snipersight.cli.exits import ExitCode
from snipersight.cli.styles import state_style
from snipersight.domain import wording as texts
from snipersight.domain.standing import BreakerName, TrippedBreaker
from snipersight.domain.units import plain
from snipersight.engine.usage import Used
from snipersight.risk.breakers.equity_marks import marked_equity
from snipersight.risk.manager import RiskManager, RiskStatus

SCHEMA: Final = "snipersight.risk-status/1"
_NEVER: Final = "until you say `snipersight risk resume"


def show_status(env_file: Path | None, *, account: str | None, as_json: bool) -> ExitCode:
    """Print where the account stands."""
    with open_account(env_file, account=account):
        status = RiskManager().status()
    if as_json:
        print(json.dumps(status_json(status), indent=2, ensure_ascii=False))
    else:
        print_status(status, output())
    return ExitCode.OK


def print_status(status: RiskStatus, console: Console) -> None:
    """Print a status: what holds first, then the figures behind it."""
    state = status.state.value
    console.print(
        Text.assemble((state, state_style(state)), f"  account {status.account.account_id}")
    )
    console.print(Text(equity_line(status)))
    for breaker in status.standing.tripped:
        console.print(Text(f"  {breaker_line(breaker)}", style=state_style(breaker.state.value)))
    for cooldown in status.standing.cooldowns:
        until = texts.minute_of(cooldown.until_us // 1000)
        console.print(
            Text(f"  no {cooldown.direction} in the asset of {cooldown.symbol} until {until} UTC")
        )
    console.print()
    console.print(_loss_table(status))
    console.print()
    console.print(usage_table(usage_of(status), status.account.currency))


def equity_line(status: RiskStatus) -> str:
    """Return one line about what the account is worth, and since when that is known."""
    standing, currency = status.standing, status.account.currency
    marks = standing.marks
    known = "not marked yet" if marks is None else f"marked {_minute_us(marks.marked_us)} UTC"
    parts = [
        f"Equity {texts.amount_text(marked_equity(standing))} {currency} ({known})",
        f"balance {texts.amount_text(standing.balance)}",
        f"realised {texts.signed_amount(standing.realised)}",
    ]
    if standing.flows:
        parts.append(f"paid in and out {texts.signed_amount(standing.flows)}")
    return " · ".join(parts)


def breaker_line(breaker: TrippedBreaker) -> str:
    """Return what holds, since when, until when, and why."""
    since = _minute_us(breaker.tripped_us)
    if breaker.until_us is not None:
        until = f"until {_minute_us(breaker.until_us)} UTC"
    elif breaker.is_kill:
        until = "until you say `snipersight kill --rearm`"
    elif breaker.name is BreakerName.OPERATOR:
        until = f"{_NEVER}`"
    elif breaker.name is BreakerName.UNPROTECTED:
        until = "until the position is protected"
    else:
        until = f"{_NEVER} --rearm`"
    why = f": {breaker.sentence}" if breaker.sentence else ""
    return f"{breaker.name} {breaker.state} since {since} UTC, {until}{why}"


def status_json(status: RiskStatus) -> dict[str, Any]:
    """Return the status as JSON values; exact numbers are text, times are ISO 8601 in UTC."""
    standing = status.standing
    return {
        "schema": SCHEMA,
        "at": texts.iso_of(status.at_us // 1000),
        "account": status.account.account_id,
        "currency": status.account.currency,
        "state": status.state.value,
        "equity": plain(marked_equity(standing)),
        "marked_at": None if standing.marks is None else _iso_us(standing.marks.marked_us),
        "balance": plain(standing.balance),
        "realised": plain(standing.realised),
        "flows": plain(standing.flows),
        "loss_streak": standing.loss_streak,
        "losses": [
            {"of": loss.name, "fraction": plain(loss.now), "limit": plain(loss.limit)}
            for loss in losses_of(status)
        ],
        "breakers": [_breaker_json(breaker) for breaker in standing.tripped],
        "cooldowns": [
            {
                "symbol": one.symbol,
                "direction": one.direction.value,
                "until": _iso_us(one.until_us),
            }
            for one in standing.cooldowns
        ],
        "used": [used_json(used) for used in usage_of(status)],
        "positions": len(status.entries),
        "policy_hash": status.policy.hash,
    }


def used_json(used: Used) -> dict[str, Any]:
    """Return one limit's use as JSON values."""
    return {
        "code": used.code,
        "of": used.of,
        "used": plain(used.amount),
        "limit": plain(used.limit),
        "left": plain(used.left),
    }


def usage_table(rows: Iterable[Used], currency: str) -> Table:
    """Return a row with a bar for each limit."""
    table = _table("Budget", "used", "limit", "left")
    for row in rows:
        figures = (row.amount, row.limit, row.left)
        shown = (
            [plain(figure) for figure in figures]
            if row.is_count
            else [texts.amount_text(figure) for figure in figures]
        )
        table.add_row(
            row.of if row.is_count else f"{row.of}, {currency}",
            *shown,
            Text(texts.bar(row.share), style=_fill_style(row.share)),
            texts.percent(row.share, 0),
        )
    return table


def _loss_table(status: RiskStatus) -> Table:
    table = _table("Loss", "now", "limit", "")
    for loss in losses_of(status):
        share = loss.now / loss.limit
        table.add_row(
            loss.name,
            texts.percent(loss.now),
            texts.percent(loss.limit),
            "",
            Text(texts.bar(share), style=_fill_style(share)),
            texts.percent(share, 0),
        )
    streak, most = status.standing.loss_streak, status.policy.max_loss_streak
    share = Decimal(streak) / most
    table.add_row(
        "trades lost in a row",
        str(streak),
        str(most),
        "",
        Text(texts.bar(share), style=_fill_style(share)),
        texts.percent(share, 0),
    )
    return table


def _table(first: str, *figures: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    table.add_column(first, overflow="fold")
    for name in figures:
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("", justify="right", no_wrap=True)
    return table


def _fill_style(share: Decimal) -> str:
    return "red" if share >= 1 else "yellow" if share >= Decimal("0.75") else "green"


def _breaker_json(breaker: TrippedBreaker) -> dict[str, Any]:
    return {
        "name": breaker.name.value,
        "state": breaker.state.value,
        "since": _iso_us(breaker.tripped_us),
        "until": None if breaker.until_us is None else _iso_us(breaker.until_us),
        "measured": None if breaker.measured is None else plain(breaker.measured),
        "limit": None if breaker.limit is None else plain(breaker.limit),
        "sentence": breaker.sentence,
    }


def _minute_us(time_us: int) -> str:
    return texts.minute_of(time_us // 1000)


def _iso_us(time_us: int) -> str:
    return texts.iso_of(time_us // 1000)
