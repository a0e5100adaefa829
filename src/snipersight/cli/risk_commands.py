"""What `risk halt`, `resume`, `deposit` and `withdraw` do once their words are understood."""

from __future__ import annotations

import json
from pathlib import Path

from snipersight.bootstrap.operations import halt_entries, move_money, resume_entries
from snipersight.cli import texts
from snipersight.cli.account_opening import open_account
from snipersight.cli.arguments import parse_amount
from snipersight.cli.exits import ExitCode
from snipersight.cli.risk_status import breaker_line, status_json
from snipersight.domain.standing import BreakerName, TradingState
from snipersight.risk.manager import RiskManager, RiskStatus

_ACTOR = "cli"


def perform_halt(env_file: Path | None, *, reason: str, as_json: bool) -> ExitCode:
    """Stop entries and say since when they are stopped."""
    with open_account(env_file, signs=True) as (books, _settings):
        halt_entries(books.ports, reason=reason.strip(), actor=_ACTOR)
        status = RiskManager().status()
    held = next(one for one in status.standing.tripped if one.name is BreakerName.OPERATOR)
    return _answer(status, [f"Halted. {breaker_line(held)}"], as_json=as_json)


def perform_resume(env_file: Path | None, *, rearm: bool, as_json: bool) -> ExitCode:
    """Lift the halt and say what else holds."""
    with open_account(env_file, signs=True) as (books, _settings):
        resume_entries(books.ports, rearm=rearm, actor=_ACTOR)
        status = RiskManager().status()
    if status.state is TradingState.ACTIVE:
        return _answer(status, ["Resumed: nothing stops entries."], as_json=as_json)
    held = [f"  {breaker_line(breaker)}" for breaker in status.standing.tripped]
    said = [f"Your halt is lifted, but the account is still {status.state}:", *held]
    return _answer(status, said, as_json=as_json)


def perform_flow(
    env_file: Path | None, amount: str, *, sign: int, reason: str, as_json: bool
) -> ExitCode:
    """Record money paid in or out and say what the balance is now.

    Raises:
        ConfigInvalid: the amount is none, or more than there is.
    """
    money = parse_amount(amount, where="AMOUNT")
    with open_account(env_file, signs=True) as (books, settings):
        move_money(books.ports, sign * money, reason=reason.strip(), actor=_ACTOR)
        status = RiskManager().status()
    word, currency = "Deposit" if sign > 0 else "Withdrawal", settings.account_currency
    balance = texts.amount_text(status.standing.balance)
    said = (
        f"{word} of {texts.amount_text(money)} {currency} recorded; balance {balance} {currency}."
    )
    return _answer(status, [said], as_json=as_json)


def _answer(status: RiskStatus, lines: list[str], *, as_json: bool) -> ExitCode:
    if as_json:
        print(json.dumps(status_json(status), indent=2, ensure_ascii=False))
    else:
        print("\n".join(lines))
    return ExitCode.OK
