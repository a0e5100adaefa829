"""What changes the ledger, as units of work: read, ask, write entry and record, or refuse whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from snipersight.domain.audit import AuditKind
from snipersight.domain.decision import Check
from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.ledger import EntryId, EntryState, LedgerEntry
from snipersight.domain.observations import Correlations
from snipersight.domain.quick import quick, replace
from snipersight.domain.store import UnitOfWork
from snipersight.domain.units import plain
from snipersight.risk.breakers.equity_marks import marked_equity
from snipersight.risk.breakers.records import save_standing, watch_protection
from snipersight.risk.exposure.book import Claim
from snipersight.risk.exposure.proposals import Number, exact_number, refusal
from snipersight.risk.ledger.moves import Reduced
from snipersight.risk.ledger.moves import reduce as reduced_entry
from snipersight.risk.ledger.records import expire_due, save_entry
from snipersight.risk.ledger.reserving import (
    limit_checks,
    marked_anew,
    reserve_refusal,
    with_result,
)
from snipersight.risk.policy import RiskPolicy

Change = Callable[[LedgerEntry, int], LedgerEntry]


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Clerk:
    """Who writes, when, and by which limits.

    Args:
        now_us: by our clock, microseconds UTC.
        actor: who caused it.
        policy: the limits.
    """

    now_us: int
    actor: str
    policy: RiskPolicy

    def at_us(self, unit: UnitOfWork) -> int:
        """Return the time to record: now, or the newest recorded while the clock is set back."""
        return max(self.now_us, unit.account.last_us)


def reserve(
    unit: UnitOfWork, clerk: Clerk, entry: LedgerEntry, *, correlations: Correlations
) -> Check:
    """Take budget for an entry if nothing refuses it; what is due expires first.

    Returns:
        A truthy check `reserved`, also if the ledger holds this very entry already; else the
        first refusal, see `reserve_refusal`, or `entry_id_taken`.
    """
    _require_of_account(unit, entry)
    if entry.state is not EntryState.RESERVED:
        raise ValueError(f"ledger entry {entry.entry_id} is {entry.state}, no reservation")
    wanted = _with_end(entry, clerk.policy)
    at_us = clerk.at_us(unit)
    expire_due(unit, at_us=at_us, actor=clerk.actor)
    watch_protection(unit, at_us=at_us, actor=clerk.actor, policy=clerk.policy)
    known = unit.entry(wanted.entry_id)
    if known is not None:
        return _known(wanted, known)
    refused = reserve_refusal(
        unit, wanted, at_us=clerk.now_us, policy=clerk.policy, correlations=correlations
    )
    if refused is not None:
        return refused
    save_entry(unit, AuditKind.RESERVED, wanted, at_us=at_us, actor=clerk.actor)
    return done(AuditKind.RESERVED, wanted)


def _with_end(entry: LedgerEntry, policy: RiskPolicy) -> LedgerEntry:
    if entry.expires_us is not None:
        return entry
    return replace(entry, expires_us=entry.reserved_us + policy.reservation_us)


def _known(wanted: LedgerEntry, known: LedgerEntry) -> Check:
    if wanted == known:
        return done(AuditKind.RESERVED, known)
    text = f"another entry of this id is in the ledger, {known.state} in {known.symbol}"
    return refusal("entry_id_taken", text)


def move(
    unit: UnitOfWork,
    clerk: Clerk,
    entry_id: EntryId,
    *,
    kind: AuditKind,
    change: Change,
    **details: object,
) -> Check:
    """Record what happened to an entry.

    Args:
        unit, clerk, entry_id: of what.
        kind: of the record.
        change: the entry and the time of the record to the entry after it; a ValueError says
            that it cannot have happened.
        details: of the record.

    Returns:
        A truthy check named by the kind, or `unknown_entry` or `impossible_change`.
    """
    entry = unit.entry(entry_id)
    if entry is None:
        return unknown_entry(entry_id)
    at_us = clerk.at_us(unit)
    try:
        after = change(entry, at_us)
    except ValueError as error:
        return refusal("impossible_change", str(error))
    if not entry.state.is_live:
        after = beside_its_setup(unit, after)
    save_entry(unit, kind, after, at_us=at_us, actor=clerk.actor, **details)
    return done(kind, after)


def beside_its_setup(unit: UnitOfWork, reopened: LedgerEntry) -> LedgerEntry:
    """Return an entry that counts again without its setup, if that was taken anew since.

    A setup is live once; what the venue filled is recorded all the same.
    """
    taken = {one.setup_id for one in unit.live_entries()}
    return replace(reopened, setup_id=None) if reopened.setup_id in taken else reopened


def close(
    unit: UnitOfWork,
    clerk: Clerk,
    entry_id: EntryId,
    *,
    price: Number,
    size: Number | None,
    cost: Number | None,
    by_stop: bool,
) -> Check:
    """Record that (part of) a position was closed, and what it earned.

    Returns:
        A truthy check `closed` or `reduced` that measures what the part earned, or
        `unknown_entry` or `impossible_change`.
    """
    entry = unit.entry(entry_id)
    if entry is None:
        return unknown_entry(entry_id)
    at_us = clerk.at_us(unit)
    try:
        reduced = reduced_entry(
            entry,
            size=entry.open_size if size is None else exact_number("size", size),
            price=exact_number("price", price),
            at_us=at_us,
            cost=None if cost is None else exact_number("cost", cost),
        )
    except ValueError as error:
        return refusal("impossible_change", str(error))
    return record_close(unit, clerk, entry, reduced, price=str(price), by_stop=by_stop)


def record_close(
    unit: UnitOfWork,
    clerk: Clerk,
    before: LedgerEntry,
    reduced: Reduced,
    *,
    price: str,
    by_stop: bool,
    **details: object,
) -> Check:
    """Write what was closed of an entry: entry, record, notice, and the account's standing.

    Args:
        before: the entry before it.
        reduced: the entry after it, and what the part earned.
        price: of the close, as text.
        by_stop: the protective stop closed it; a cooldown begins.
        details: of the record.

    Returns:
        A truthy check `closed` or `reduced` that measures what the part earned.
    """
    kind = AuditKind.REDUCED if reduced.entry.state.is_live else AuditKind.CLOSED
    save_entry(
        unit,
        kind,
        reduced.entry,
        at_us=clerk.at_us(unit),
        actor=clerk.actor,
        size=plain(before.open_size - reduced.entry.open_size),
        price=price,
        realised=plain(reduced.realised),
        by_stop=by_stop,
        **details,
    )
    _book(unit, clerk, reduced, by_stop=by_stop)
    return replace(done(kind, reduced.entry), measured=reduced.realised)


def _book(unit: UnitOfWork, clerk: Clerk, reduced: Reduced, *, by_stop: bool) -> None:
    at_us, policy = clerk.at_us(unit), clerk.policy
    standing = with_result(
        unit.account.standing, reduced, by_stop=by_stop, at_us=at_us, policy=policy
    )
    standing = marked_anew(standing, unit.live_entries(), at_us=at_us, policy=policy)
    save_standing(unit, standing, at_us=at_us, actor=clerk.actor)


def take(
    unit: UnitOfWork, clerk: Clerk, entry: LedgerEntry, *, correlations: Correlations
) -> tuple[Check, ...]:
    """Record a trade that was taken already, whatever the limits say of it.

    Returns:
        The limits that it breaches.

    Raises:
        ConfigInvalid: its setup is live under another entry, or its id is taken.
    """
    _require_of_account(unit, entry)
    if not entry.state.is_live:
        raise ValueError(f"ledger entry {entry.entry_id} is {entry.state}, no trade to take")
    at_us = clerk.at_us(unit)
    expire_due(unit, at_us=at_us, actor=clerk.actor)
    known = unit.entry(entry.entry_id)
    if known != entry:
        _require_new(unit, entry, known)
    others = [one for one in unit.live_entries() if one.entry_id != entry.entry_id]
    checks = limit_checks(
        Claim.of(entry),
        others,
        equity=marked_equity(unit.account.standing),
        policy=clerk.policy,
        correlations=correlations,
    )
    if known is None:
        kind = AuditKind.FILLED if entry.open_size > 0 else AuditKind.RESERVED
        save_entry(unit, kind, entry, at_us=at_us, actor=clerk.actor, origin=entry.origin.value)
    return tuple(check for check in checks if not check.passed)


def _require_new(unit: UnitOfWork, entry: LedgerEntry, known: LedgerEntry | None) -> None:
    same_setup = [
        one
        for one in unit.live_entries()
        if entry.setup_id is not None and one.setup_id == entry.setup_id
    ]
    held = known if known is not None else next(iter(same_setup), None)
    if held is not None:
        raise ConfigInvalid(
            f"the trade is in the ledger already, as entry {held.entry_id}, {held.state}",
            where=entry.symbol,
            next_step="record what happened to that entry instead",
        )


def _require_of_account(unit: UnitOfWork, entry: LedgerEntry) -> None:
    account_id = unit.account.account_id
    if entry.account_id != account_id:
        raise ValueError(
            f"ledger entry {entry.entry_id} belongs to account {entry.account_id}, not {account_id}"
        )


def unknown_entry(entry_id: EntryId) -> Check:
    """Return the refusal that the ledger holds no such entry."""
    return refusal("unknown_entry", f"the ledger holds no entry {entry_id!r}")


def done(kind: AuditKind, entry: LedgerEntry) -> Check:
    """Return the truthy answer that something was recorded, and what the entry holds now."""
    held = f"{plain(entry.open_size)} open, {plain(entry.pending_size)} pending"
    sentence = f"entry {entry.entry_id} is {entry.state}: {held}"
    return Check(code=kind.value, passed=True, sentence=sentence)
