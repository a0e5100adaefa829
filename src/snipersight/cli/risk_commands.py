"""What `risk halt`, `resume`, `deposit` and `withdraw` do once their words are understood."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from snipersight.bootstrap.books import Books
from snipersight.bootstrap.operations import halt_entries, move_money, resume_entries
from snipersight.cli.account_opening import accounts_meant, open_account, open_all_accounts
from snipersight.cli.arguments import parse_amount
from snipersight.cli.exits import ExitCode
from snipersight.cli.risk_status import breaker_line, status_json
from snipersight.domain import wording as texts
from snipersight.domain.standing import BreakerName, TradingState
from snipersight.risk.manager import RiskManager, RiskStatus

SCHEMA: Final = "snipersight.risk-accounts/1"
_ACTOR: Final = "cli"


def perform_halt(
    env_file: Path | None, *, account: str | None, reason: str, as_json: bool
) -> ExitCode:
    """Stop entries, of every account unless one is named, and say since when they are stopped.

    Without a name, an account that is opened later begins stopped.
    """
    if account is None:
        with open_all_accounts(env_file) as store:
            store.coming_accounts.halt(reason.strip())
    done = _each(
        env_file,
        account,
        lambda books: halt_entries(books.ports, reason=reason.strip(), actor=_ACTOR),
    )
    return _answer_each(done, _halted, as_json=as_json)


def perform_resume(
    env_file: Path | None, *, account: str | None, rearm: bool, accepts_clock: bool, as_json: bool
) -> ExitCode:
    """Lift the halt, of every account unless one is named, and say what else holds."""
    done = _each(
        env_file,
        account,
        lambda books: resume_entries(
            books.ports, rearm=rearm, actor=_ACTOR, accepts_clock=accepts_clock
        ),
    )
    if account is None:
        # Last: whoever is cut off in between halts too much, and says it again.
        with open_all_accounts(env_file) as store:
            store.coming_accounts.resume()
    said = _accepted if accepts_clock else _resumed
    return _answer_each(done, said, as_json=as_json)


def perform_flow(
    env_file: Path | None,
    amount: str,
    *,
    sign: int,
    account: str | None,
    reason: str,
    as_json: bool,
) -> ExitCode:
    """Record money paid in or out and say what the balance is now.

    Raises:
        ConfigInvalid: the amount is none, or more than there is.
    """
    money = parse_amount(amount, where="AMOUNT")
    with open_account(env_file, account=account, signs=True, follows_balance=True) as (
        books,
        settings,
    ):
        move_money(books.ports, sign * money, reason=reason.strip(), actor=_ACTOR)
        status = RiskManager().status()
    if as_json:
        print(json.dumps(status_json(status), indent=2, ensure_ascii=False))
        return ExitCode.OK
    word, currency = "Deposit" if sign > 0 else "Withdrawal", settings.account_currency
    balance = texts.amount_text(status.standing.balance)
    print(
        f"{word} of {texts.amount_text(money)} {currency} recorded for account "
        f"{status.account.account_id}; balance {balance} {currency}."
    )
    return ExitCode.OK


def _each(
    env_file: Path | None, account: str | None, act: Callable[[Books], object]
) -> list[RiskStatus]:
    """Act on the named account or on all there are; return where they stand."""
    done = []
    for name in accounts_meant(env_file, account):
        with open_account(env_file, account=name, signs=True) as (books, _settings):
            act(books)
            done.append(RiskManager().status())
    return done


def _halted(status: RiskStatus) -> list[str]:
    held = next(one for one in status.standing.tripped if one.name is BreakerName.OPERATOR)
    return [f"Account {status.account.account_id}: Halted. {breaker_line(held)}"]


def _resumed(status: RiskStatus) -> list[str]:
    name = status.account.account_id
    if status.state is TradingState.ACTIVE:
        return [f"Account {name}: Resumed, nothing stops entries."]
    held = [f"  {breaker_line(breaker)}" for breaker in status.standing.tripped]
    return [f"Account {name}: your halt is lifted, but it is still {status.state}:", *held]


def _accepted(status: RiskStatus) -> list[str]:
    moment = texts.minute_of(status.at_us // 1000)
    name = status.account.account_id
    return [*_resumed(status), f"Account {name}: time runs on from {moment} UTC."]


def _answer_each(
    done: Iterable[RiskStatus], words: Callable[[RiskStatus], list[str]], *, as_json: bool
) -> ExitCode:
    if as_json:
        values = {"schema": SCHEMA, "accounts": [status_json(status) for status in done]}
        print(json.dumps(values, indent=2, ensure_ascii=False))
    else:
        print("\n".join(line for status in done for line in words(status)))
    return ExitCode.OK
