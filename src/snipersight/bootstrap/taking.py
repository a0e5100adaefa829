"""Signals traded by hand: they count towards every limit, like our own trades."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Final

from snipersight.bootstrap.books import Books
from snipersight.bootstrap.plan_accounts import SEARCHED, SHORTEST
from snipersight.domain.audit import AuditKind, AuditRecord
from snipersight.domain.decision import Approved, Check
from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.instrument import parse_symbol
from snipersight.domain.ledger import EntryId, EntryState, LedgerEntry, Origin
from snipersight.domain.plan import PlanId
from snipersight.domain.units import Price, Size
from snipersight.risk.audit.codec import RecordedDecision, decode_decision
from snipersight.risk.audit.query import AuditQuery, body_of
from snipersight.risk.exposure_limits import ExposureManager
from snipersight.risk.underlyings import underlying
from snipersight.storage.audit_log import AuditLog

_ZERO: Final = Size(Decimal(0))
_ONE: Final = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class HandTrade:
    """What a person says of a trade they made.

    Args:
        size: base units, above 0.
        price: what they paid or got, quote per base unit, above 0.
        stop: where their protective stop is; None: where the plan has it.
        leverage: notional ÷ margin; None: what the verdict said, or 1.
        quote_rate: account currency for one unit of the quote currency; None: as observed when
            the plan was judged.
    """

    size: Decimal
    price: Decimal
    stop: Decimal | None = None
    leverage: Decimal | None = None
    quote_rate: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A trade that was recorded.

    Args:
        entry: as the ledger holds it.
        decision: the newest verdict on its plan.
        breached: limits that it goes beyond.
    """

    entry: LedgerEntry
    decision: RecordedDecision
    breached: tuple[Check, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedTrade:
    """A close that was recorded.

    Args:
        before, entry: of the ledger, before and after.
        earned: result of the closed part, account currency, net of costs.
    """

    before: LedgerEntry
    entry: LedgerEntry
    earned: Decimal


def take_plan(books: Books, plan_id: str, trade: HandTrade, *, actor: str = "cli") -> Taken:
    """Record that a plan was traded by hand: a fact, even beyond limits.

    Args:
        books: the account.
        plan_id: of a plan that was judged, or the beginning of its id.
        trade: what was traded.
        actor: who says so, for the audit.

    Raises:
        ConfigInvalid: no such plan was judged, it is in the ledger already, something needed is
            not known, or a number is beyond what any trade has.
        StateUnavailable: it could not be recorded.
    """
    decision = find_decision(books, plan_id)
    live = [entry for entry in _of_plan(books, decision.plan.plan_id) if entry.state.is_live]
    if live and live[0].state is EntryState.OPEN:
        raise _taken_before(live[0])
    manager = _manager(books, actor)
    if live:
        return Taken(entry=_filled(books, manager, live[0], trade), decision=decision, breached=())
    entry = _countable_entry(books, decision, trade)
    return Taken(entry=entry, decision=decision, breached=manager.take(entry))


def close_plan(
    books: Books,
    plan_id: str,
    *,
    price: Decimal,
    size: Decimal | None = None,
    fees: Decimal | None = None,
    by_stop: bool = False,
    actor: str = "cli",
) -> ClosedTrade:
    """Record that a trade, or a part of it, was closed; its result goes to the account.

    Args:
        books: the account.
        plan_id: of the plan, or of the entry, or the beginning of one.
        price: of the close, quote per base unit.
        size: base units; None: all that is open.
        fees: of the part, entry and exit, quote currency; None: what the trade was planned with.
        by_stop: the protective stop closed it; a cooldown begins.
        actor: who says so, for the audit.

    Raises:
        ConfigInvalid: no such position, or it is smaller than what was closed.
        StateUnavailable: it could not be recorded.
    """
    before = find_position(books, plan_id)
    check = _manager(books, actor).close(
        before.entry_id, price=price, size=size, cost=fees, by_stop=by_stop
    )
    if not check:
        raise ConfigInvalid(
            check.sentence,
            where=str(before.plan_id or before.entry_id),
            next_step="`snipersight risk positions` shows what is open",
        )
    entry = books.store.decisions.view(
        books.ports.account_id, lambda unit: unit.entry(before.entry_id)
    )
    earned = check.measured if isinstance(check.measured, Decimal) else Decimal(0)
    return ClosedTrade(before=before, entry=entry or before, earned=earned)


def find_decision(books: Books, plan_id: str) -> RecordedDecision:
    """Return the newest verdict on a plan.

    Args:
        books: the account.
        plan_id: whole, or its beginning if that is no other plan's.

    Raises:
        ConfigInvalid: none, or several plans answer to it.
        StateUnavailable: the audit cannot be read.
    """
    found = _newest_verdict(books, plan_id) if len(plan_id) >= SHORTEST else None
    if found is None:
        raise ConfigInvalid(
            f"no plan {plan_id} was judged for account {books.ports.account_id}",
            where="PLAN_ID",
            next_step="`snipersight audit list` shows the plans that were",
        )
    return decode_decision(body_of(found))


def _newest_verdict(books: Books, plan_id: str) -> AuditRecord | None:
    query = AuditQuery(kinds=(AuditKind.DECISION.value,), subject=plan_id)
    records = AuditLog(books.store.database).records(
        books.ports.account_id, query, newest_first=True
    )
    newest: dict[str, AuditRecord] = {}
    for record in islice(records, SEARCHED):
        newest.setdefault(record.subject, record)
        if record.subject == plan_id:
            return record
    _require_one(plan_id, set(newest))
    return next(iter(newest.values()), None)


def find_position(books: Books, name: str) -> LedgerEntry:
    """Return the open position of a plan or entry.

    Args:
        books: the account.
        name: plan id or entry id, whole or its beginning.

    Raises:
        ConfigInvalid: nothing, or several positions answer to it, or nothing of it was filled.
        StateUnavailable: the ledger cannot be read.
    """
    live = books.store.decisions.view(books.ports.account_id, lambda unit: unit.live_entries())
    named = [entry for entry in live if name in (entry.plan_id, entry.entry_id)]
    if not named and len(name) >= SHORTEST:
        named = [
            entry
            for entry in live
            if entry.entry_id.startswith(name) or (entry.plan_id or "").startswith(name)
        ]
        _require_one(name, {str(entry.plan_id or entry.entry_id) for entry in named})
    if not named:
        raise _no_position(books, name)
    if named[0].open_size == 0:
        raise ConfigInvalid(
            "nothing of it was filled, so there is nothing to close",
            where=name,
            next_step="it is given back by itself when its plan expires",
        )
    return named[0]


def _manager(books: Books, actor: str) -> ExposureManager:
    """Return the ledger of these books, whatever account was registered last."""
    ports = books.ports
    return ExposureManager(
        account_id=ports.account_id,
        store=ports.store,
        clock=ports.clock,
        policy=ports.policy,
        actor=actor,
    )


def _of_plan(books: Books, plan_id: PlanId) -> tuple[LedgerEntry, ...]:
    return books.store.decisions.view(
        books.ports.account_id, lambda unit: unit.entries_of_plan(plan_id)
    )


def _countable_entry(books: Books, decision: RecordedDecision, trade: HandTrade) -> LedgerEntry:
    try:
        return _entry(books, decision, trade)
    except ValueError as error:
        raise ConfigInvalid(
            str(error),
            where=str(decision.plan.plan_id),
            next_step="look at size and price, and write them again",
        ) from error


def _entry(books: Books, decision: RecordedDecision, trade: HandTrade) -> LedgerEntry:
    plan, now_us = decision.plan, books.ports.clock()
    earlier = len(_of_plan(books, plan.plan_id))
    return LedgerEntry(
        entry_id=_entry_id(books.ports.account_id, plan.plan_id, earlier),
        account_id=books.ports.account_id,
        origin=Origin.BY_HAND,
        state=EntryState.OPEN,
        plan_id=plan.plan_id,
        setup_id=plan.setup_id,
        venue=plan.venue,
        symbol=plan.symbol,
        market=plan.market,
        underlying=underlying(plan.symbol),
        direction=plan.direction,
        pending_size=_ZERO,
        open_size=Size(trade.size),
        entry_price=plan.entry_near,
        fill_price=Price(trade.price),
        stop_price=Price(trade.stop) if trade.stop is not None else plan.stop_loss.price,
        cost_per_unit=plan.round_trip_cost,
        leverage=_leverage(decision, trade),
        quote_rate=_quote_rate(books, decision, trade),
        reserved_us=now_us,
        expires_us=None,
        opened_us=now_us,
    )


def _entry_id(account_id: str, plan_id: PlanId, earlier: int) -> EntryId:
    text = f"{account_id}|{plan_id}|by hand|{earlier}"
    return EntryId(f"{plan_id[:40]}-{hashlib.sha256(text.encode()).hexdigest()[:12]}")


def _leverage(decision: RecordedDecision, trade: HandTrade) -> Decimal:
    if trade.leverage is not None:
        return trade.leverage
    verdict = decision.decision
    return verdict.leverage if isinstance(verdict, Approved) else _ONE


def _quote_rate(books: Books, decision: RecordedDecision, trade: HandTrade) -> Decimal:
    if trade.quote_rate is not None:
        return trade.quote_rate
    facts = decision.inputs.facts
    if facts is not None and facts.quote_rate is not None:
        return facts.quote_rate
    quote = parse_symbol(decision.plan.symbol)[1]
    currency = decision.inputs.account.currency
    if quote == currency:
        return _ONE
    raise ConfigInvalid(
        f"what one {quote} is worth in {currency} was not known when the plan was judged",
        where=decision.plan.symbol,
        next_step="say it with --rate",
    )


def _filled(
    books: Books, manager: ExposureManager, reserved: LedgerEntry, trade: HandTrade
) -> LedgerEntry:
    """Fill the reservation that the plan has already, instead of counting it twice."""
    check = manager.confirm(reserved.entry_id, size=trade.size, price=trade.price)
    if check and trade.stop is not None:
        check = manager.move_stop(reserved.entry_id, price=trade.stop)
    if not check:
        raise ConfigInvalid(
            check.sentence,
            where=reserved.entry_id,
            next_step="`snipersight risk positions` shows what is reserved",
        )
    entry = books.store.decisions.view(
        books.ports.account_id, lambda unit: unit.entry(reserved.entry_id)
    )
    return entry or reserved


def _taken_before(entry: LedgerEntry) -> ConfigInvalid:
    return ConfigInvalid(
        f"the plan was taken before: entry {entry.entry_id} is open",
        where=str(entry.plan_id),
        next_step="record its end with `snipersight closed`, or another plan",
    )


def _no_position(books: Books, name: str) -> ConfigInvalid:
    ended = _of_plan(books, PlanId(name))
    what = (
        f"the trade of {name} has ended: {ended[-1].state}" if ended else f"nothing open is {name}"
    )
    what += f", in account {books.ports.account_id}"
    return ConfigInvalid(
        what, where="PLAN_ID", next_step="`snipersight risk positions --all` shows every trade"
    )


def _require_one(name: str, found: set[str]) -> None:
    if len(found) > 1:
        shown = ", ".join(sorted(found)[:4])
        raise ConfigInvalid(
            f"{name} is the beginning of {len(found)} ids: {shown}",
            where="PLAN_ID",
            next_step="write more of it",
        )
