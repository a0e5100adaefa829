"""What a bar does to a modelled trade, written into the ledger as the executor writes fills."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from typing import Final

from snipersight.domain.audit import AuditKind
from snipersight.domain.evidence import Ending
from snipersight.domain.ledger import LedgerEntry
from snipersight.domain.quick import quick, replace
from snipersight.domain.store import UnitOfWork
from snipersight.domain.units import Money, Rounding, exact, on_step, plain
from snipersight.engine.backtesting.staging import Staged
from snipersight.matching.outcomes.steps import TradeStep
from snipersight.risk.breakers.records import save_standing
from snipersight.risk.ledger.moves import (
    add_result,
    fill_as_told,
    move_stop,
    reduce_by,
    release,
)
from snipersight.risk.ledger.records import save_entry
from snipersight.risk.ledger.reserving import marked_anew
from snipersight.risk.ledger.work import Clerk, record_close

_ZERO: Final = Decimal(0)
_DIGITS: Final = Context(prec=15)  # that a float is good for
_EXACT: Final = 60
_STEP: Final = Decimal("1E-16")  # of a part's result, account currency
_BY_STOP: Final = frozenset({Ending.STOP, Ending.BREAK_EVEN, Ending.TRAILED})


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """What a trade has come to so far, as shares of its whole size and quote currency per unit.

    Args:
        entered, closed: shares.
        entry_value, proceeds: share times price of them.
        fees, funding: paid.
        entry_fees: of the fees, what entries paid.
    """

    entered: float = 0.0
    entry_value: float = 0.0
    closed: float = 0.0
    proceeds: float = 0.0
    fees: float = 0.0
    funding: float = 0.0
    entry_fees: float = 0.0

    def after(self, step: TradeStep) -> Sums:
        """Return the sums with one more step."""
        return Sums(
            entered=self.entered + step.entered,
            entry_value=self.entry_value + step.entry_value,
            closed=self.closed + step.closed,
            proceeds=self.proceeds + step.proceeds,
            fees=self.fees + step.fees,
            funding=self.funding + step.funding,
            entry_fees=self.entry_fees + step.entry_fees,
        )


def book_step(
    unit: UnitOfWork, clerk: Clerk, staged: Staged, step: TradeStep, *, before: Sums
) -> None:
    """Write a step into the ledger: what was entered, paid, closed, where the stop is now.

    Args:
        unit, clerk: the transaction and who writes.
        staged: the trade.
        step: what the bar did.
        before: the sums of the steps before it.

    Raises:
        ValueError: the step contradicts the ledger, which is a defect of ours.
    """
    if step.entered > 0:
        _enter(unit, clerk, staged, step)
    if step.funding != 0:
        _pay(unit, clerk, staged, step)
    if step.closed > 0:
        _leave(unit, clerk, staged, step, before)
    _follow_stop(unit, clerk, staged, step)
    if step.closed > 0 or step.status.is_final:
        end_entries(unit, clerk, staged, why="nothing is entered any more")


def end_entries(unit: UnitOfWork, clerk: Clerk, staged: Staged, *, why: str) -> None:
    """Give back what is pending of a trade, if anything is."""
    entry = _entry(unit, staged)
    if not entry.state.is_live or entry.pending_size == 0:
        return
    at_us = clerk.at_us(unit)
    after = release(entry, at_us=at_us)
    save_entry(unit, AuditKind.RELEASED, after, at_us=at_us, actor=clerk.actor, reason=why)


def _enter(unit: UnitOfWork, clerk: Clerk, staged: Staged, step: TradeStep) -> None:
    size = _base(step.entered, staged)
    price = _decimal(step.entry_value / step.entered)
    at_us = clerk.at_us(unit)
    after = fill_as_told(_entry(unit, staged), size=size, held=size, price=price, at_us=at_us)
    save_entry(
        unit,
        AuditKind.FILLED,
        after,
        at_us=at_us,
        actor=clerk.actor,
        size=plain(size),
        price=plain(price),
    )


def _pay(unit: UnitOfWork, clerk: Clerk, staged: Staged, step: TradeStep) -> None:
    entry, at_us = _entry(unit, staged), clerk.at_us(unit)
    amount = -_money(step.funding, staged, entry)
    after = add_result(entry, amount)
    save_entry(unit, AuditKind.FUNDING, after, at_us=at_us, actor=clerk.actor, amount=plain(amount))
    standing = unit.account.standing
    standing = replace(standing, realised=Money(standing.realised + amount))
    standing = marked_anew(standing, unit.live_entries(), at_us=at_us, policy=clerk.policy)
    save_standing(unit, standing, at_us=at_us, actor=clerk.actor)


def _leave(unit: UnitOfWork, clerk: Clerk, staged: Staged, step: TradeStep, before: Sums) -> None:
    entry, after = _entry(unit, staged), before.after(step)
    is_whole = step.held == 0
    size = Decimal(entry.open_size) if is_whole else _base(step.closed, staged)
    realised = (
        _whole_result(staged, entry, after) if is_whole else _part(staged, entry, step, after)
    )
    reduced = reduce_by(entry, size=size, realised=realised, at_us=clerk.at_us(unit))
    record_close(
        unit,
        clerk,
        entry,
        reduced,
        price=plain(_decimal(step.proceeds / step.closed)),
        by_stop=step.ending in _BY_STOP,
    )


def _whole_result(staged: Staged, entry: LedgerEntry, sums: Sums) -> Decimal:
    """Return what is missing of the result once everything is closed: nothing is rounded twice."""
    sign = staged.trade.direction.sign
    brought = sign * (sums.proceeds - sums.entry_value) - sums.fees - sums.funding
    with localcontext(prec=_EXACT):
        return _money(brought, staged, entry) - entry.realised


def _part(staged: Staged, entry: LedgerEntry, step: TradeStep, sums: Sums) -> Decimal:
    """Return what a part earned: its own fee and its share of what the entries paid."""
    sign, average = staged.trade.direction.sign, sums.entry_value / sums.entered
    own_fees = step.fees - step.entry_fees
    entry_fees = sums.entry_fees * step.closed / sums.entered
    brought = sign * (step.proceeds - step.closed * average) - own_fees - entry_fees
    return _money(brought, staged, entry)


def _follow_stop(unit: UnitOfWork, clerk: Clerk, staged: Staged, step: TradeStep) -> None:
    entry, price = _entry(unit, staged), _decimal(step.stop)
    if entry.open_size == 0 or not entry.state.is_live or entry.stop_price == price:
        return
    after, at_us = move_stop(entry, price=price), clerk.at_us(unit)
    save_entry(
        unit, AuditKind.STOP_MOVED, after, at_us=at_us, actor=clerk.actor, price=plain(price)
    )


def _entry(unit: UnitOfWork, staged: Staged) -> LedgerEntry:
    entry = unit.entry(staged.entry_id)
    if entry is None:
        raise ValueError(f"the ledger holds no entry {staged.entry_id}")
    return entry


def _base(share: float, staged: Staged) -> Decimal:
    """Return a share of the whole size in base units, on the lot that it was made of."""
    size = exact(share) * staged.whole
    return on_step(size, staged.lot, Rounding.NEAREST) if staged.lot else size


def _money(amount: float, staged: Staged, entry: LedgerEntry) -> Decimal:
    """Return quote currency per unit of the whole as account currency."""
    with localcontext(prec=_EXACT):
        return (exact(amount) * staged.whole * entry.quote_rate).quantize(_STEP)


def _decimal(price: float) -> Decimal:
    return _DIGITS.create_decimal(exact(price))
