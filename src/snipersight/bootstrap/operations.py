"""What a person does to an account: pay in or out, halt and resume; each one transaction."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Final

from snipersight.domain.audit import AuditDraft, AuditKind
from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.standing import AccountStanding
from snipersight.domain.store import UnitOfWork
from snipersight.domain.units import LARGEST, Money, plain
from snipersight.risk.breakers.clock_reset import back_to_present
from snipersight.risk.breakers.equity_marks import known_equity
from snipersight.risk.breakers.records import save_standing
from snipersight.risk.breakers.standing import flow, halt, mark, resume
from snipersight.risk.policy import RiskPolicy
from snipersight.risk.registry import RiskPorts

_OPENING: Final = "opening"  # who halts an account as it is opened, because every one was


def halt_entries(ports: RiskPorts, *, reason: str, actor: str) -> AccountStanding:
    """Stop entries until `resume_entries`; exits pass. Halting twice changes nothing.

    Raises:
        StateUnavailable: the store cannot be written; nothing was halted.
    """
    return ports.store.transact(
        ports.account_id,
        lambda unit: halt_in(unit, reason, at_us=ports.clock(), actor=actor),
    )


def begin_account(unit: UnitOfWork, *, halt_reason: str | None, at_us: int) -> None:
    """Halt an account that is being created where every account was halted.

    Args:
        unit: the transaction that creates it.
        halt_reason: why every account was halted, maybe without a word; None: they were not.
        at_us: now, microseconds UTC.
    """
    if halt_reason is not None:
        halt_in(unit, halt_reason, at_us=at_us, actor=_OPENING)


def halt_in(unit: UnitOfWork, reason: str, *, at_us: int, actor: str) -> AccountStanding:
    """Do what `halt_entries` does within an open transaction of the account."""
    _record_command(unit, "halt", {"reason": reason}, at_us=at_us, actor=actor)
    halted = halt(unit.account.standing, at_us=at_us, reason=reason)
    save_standing(unit, halted, at_us=at_us, actor=actor)
    return halted


def resume_entries(
    ports: RiskPorts, *, rearm: bool, actor: str, accepts_clock: bool = False
) -> AccountStanding:
    """Lift the operator's halt and, if asked, a drawdown and a loss streak.

    Args:
        ports: the account.
        rearm: also lift a drawdown and a loss streak.
        actor: who says so, for the audit.
        accepts_clock: what was recorded behind the present was dated by a wrong clock; time runs
            on from now, and breakers and cooldowns of that future hold from now on instead.

    Raises:
        StateUnavailable: the store cannot be written; nothing was lifted.
    """

    def work(unit: UnitOfWork) -> AccountStanding:
        at_us, before = ports.clock(), unit.account
        if not accepts_clock:
            return resume_in(unit, rearm=rearm, at_us=at_us, actor=actor)
        details: dict[str, object] = {
            "rearm": rearm,
            "accepted_us": at_us,
            "recorded_us": before.last_us,
        }
        standing = back_to_present(before.standing, at_us=at_us, policy=ports.policy)
        _record_command(unit, "resume", details, at_us=at_us, actor=actor)
        unit.reset_clock(at_us)
        return _resumed(unit, standing, rearm=rearm, at_us=at_us, actor=actor)

    return ports.store.transact(ports.account_id, work)


def resume_in(unit: UnitOfWork, *, rearm: bool, at_us: int, actor: str) -> AccountStanding:
    """Do what `resume_entries` does within an open transaction of the account."""
    _record_command(unit, "resume", {"rearm": rearm}, at_us=at_us, actor=actor)
    return _resumed(unit, unit.account.standing, rearm=rearm, at_us=at_us, actor=actor)


def _resumed(
    unit: UnitOfWork, standing: AccountStanding, *, rearm: bool, at_us: int, actor: str
) -> AccountStanding:
    resumed = resume(standing, at_us=at_us, rearm=rearm)
    save_standing(unit, resumed, at_us=at_us, actor=actor)
    return resumed


def move_money(ports: RiskPorts, amount: Decimal, *, reason: str, actor: str) -> AccountStanding:
    """Record a deposit (above 0) or a withdrawal (below 0); neither is profit or loss.

    It joins at what the account is worth: its balance, and its open positions at the prices
    they were marked at. Losses that this shows trip their breakers.

    Raises:
        ConfigInvalid: more is taken out than there is, or the account would hold beyond 1e15.
        StateUnavailable: the store cannot be written; nothing was moved.
    """

    def work(unit: UnitOfWork) -> AccountStanding:
        at_us = ports.clock()
        paid = _paid(unit, amount, ports.policy, at_us=at_us)
        _record_flow(unit, amount, reason=reason, at_us=at_us, actor=actor)
        save_standing(unit, paid, at_us=at_us, actor=actor)
        return paid

    return ports.store.transact(ports.account_id, work)


def follow_balance(ports: RiskPorts, configured: Decimal) -> Decimal:
    """Let an account begin with what is configured now, and return what that changed.

    The difference is a deposit or a withdrawal, never profit or loss: whoever edits
    DEFAULT_ACCOUNT_BALANCE has not traded.

    Raises:
        ConfigInvalid: it would take out more than there is, or leave beyond 1e15.
        StateUnavailable: the store cannot be read or written.
    """
    known = balance_difference(ports, configured)
    if known == 0:
        return known

    def work(unit: UnitOfWork) -> Decimal:
        at_us, amount = ports.clock(), _difference(unit, configured)
        if amount == 0:  # another process was quicker
            return amount
        paid = _paid(unit, amount, ports.policy, at_us=at_us)
        begun = replace(paid, starting_balance=Money(configured), flows=Money(paid.flows - amount))
        reason = f"DEFAULT_ACCOUNT_BALANCE is {plain(configured)} now"
        _record_flow(unit, amount, reason=reason, at_us=at_us, actor="settings")
        save_standing(unit, begun, at_us=at_us, actor="settings")
        return amount

    return ports.store.transact(ports.account_id, work)


def balance_difference(ports: RiskPorts, configured: Decimal) -> Decimal:
    """Return what following the configured balance would pay in (above 0) or out; 0 as a rule.

    Raises:
        StateUnavailable: the store cannot be read.
    """
    return ports.store.view(ports.account_id, lambda unit: _difference(unit, configured))


def _difference(unit: UnitOfWork, configured: Decimal) -> Decimal:
    return configured - unit.account.standing.starting_balance


def _paid(unit: UnitOfWork, amount: Decimal, policy: RiskPolicy, *, at_us: int) -> AccountStanding:
    """Return the standing with the money moved.

    What was realised since the newest mark is marked first: the money joins at what the account
    is worth now, and dilutes no loss that was made without it.
    """
    before = unit.account.standing
    _require_countable(unit, amount)
    equity = known_equity(before, unit.live_entries())
    prices = () if before.marks is None else before.marks.prices
    standing = mark(before, equity=equity, at_us=at_us, policy=policy, prices=prices)
    try:
        return flow(standing, amount=amount, equity_before=equity, at_us=at_us)
    except ValueError as error:
        raise ConfigInvalid(
            str(error),
            where=f"account {unit.account.account_id}",
            next_step="`snipersight risk status` shows the equity",
        ) from error


def _require_countable(unit: UnitOfWork, amount: Decimal) -> None:
    """Refuse what no account holds: it would be stored, and counted with ever after."""
    if amount.is_finite() and max(abs(amount), amount + unit.account.standing.balance) > LARGEST:
        raise ConfigInvalid(
            f"{amount:.3g} is more than the {LARGEST:.0e} that an account can hold",
            where=f"account {unit.account.account_id}",
            next_step="write the amount again",
        )


def _record_flow(unit: UnitOfWork, amount: Decimal, *, reason: str, at_us: int, actor: str) -> None:
    body = {"amount": plain(amount), "reason": reason}
    unit.append(
        AuditDraft(
            kind=AuditKind.FLOW,
            subject=unit.account.account_id,
            actor=actor,
            at_us=at_us,
            body=body,
        )
    )


def _record_command(
    unit: UnitOfWork, name: str, details: dict[str, object], *, at_us: int, actor: str
) -> None:
    """Record a person's command, whether it changes something or not."""
    unit.append(
        AuditDraft(
            kind=AuditKind.OPERATOR,
            subject=unit.account.account_id,
            actor=actor,
            at_us=at_us,
            body={"command": name, **details},
        )
    )
