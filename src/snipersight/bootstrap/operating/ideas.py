"""A plan as a person decides on it: its newest verdict, and what they were told of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from snipersight.bootstrap.books import Books
from snipersight.bootstrap.operating.decided import rejection_of
from snipersight.bootstrap.operating.decision_notices import who
from snipersight.bootstrap.taking import find_decision
from snipersight.domain import wording as texts
from snipersight.domain.notices import SignalEvent
from snipersight.domain.plan import TradePlan
from snipersight.risk.audit.codec import RecordedDecision, decode_decision
from snipersight.storage.audit_log import AuditLog
from snipersight.storage.commands import StoredCommand
from snipersight.storage.database import Database
from snipersight.storage.told_signals import ToldSignals

_ENDS: Final = {
    SignalEvent.MISSED: "price reached the first target without an entry",
    SignalEvent.INVALIDATED: "the idea failed before an entry",
    SignalEvent.EXPIRED: "its time passed without an entry",
    SignalEvent.CLOSED: "by the candles it was entered and is over",
}
_MINUTE_US: Final = 60_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Idea:
    """What is known of a plan that is to be decided on.

    Args:
        decision: the newest verdict on it.
        told_us: when it was told, or judged where nobody was told, microseconds UTC.
        told_price: price then, quote per base unit.
        end: how it ended by the candles; None while it has not.
        rejected: that somebody has rejected its setup; None where nobody has.
    """

    decision: RecordedDecision
    told_us: int
    told_price: Decimal
    end: SignalEvent | None = None
    rejected: StoredCommand | None = None

    @property
    def plan(self) -> TradePlan:
        """Return the plan."""
        return self.decision.plan

    @property
    def quote_volume(self) -> Decimal | None:
        """Return what was traded in its market in 24 hours, by the newest verdict; None: unknown."""
        facts = self.decision.inputs.facts
        return None if facts is None else facts.quote_volume


def read_idea(books: Books, plan_id: str, *, rehearses: bool = False) -> Idea:
    """Return what is known of a plan; it may block.

    Args:
        books: of the account.
        plan_id: whole, or its beginning if that is no other plan's.
        rehearses: whether decisions of rehearsals count, too.

    Raises:
        ConfigInvalid: no such plan was judged, or several are meant.
        DataInvalid: a record of it cannot be read.
        StateUnavailable: the store cannot be read.
    """
    database, account_id = books.store.database, books.ports.account_id
    newest = find_decision(books, plan_id)
    told = ToldSignals(database)
    payload = told.told(account_id, newest.plan.plan_id) or {}
    seen = _verdict(database, account_id, payload.get("seq")) or newest
    facts = seen.inputs.facts
    reference = None if facts is None else facts.reference
    return Idea(
        decision=newest,
        told_us=seen.inputs.at_us,
        told_price=seen.plan.last_price if reference is None else reference.price,
        end=told.end_of(account_id, newest.plan.plan_id),
        rejected=rejection_of(database, account_id, newest.plan, rehearses=rehearses),
    )


def idea_refusal(idea: Idea, *, now_us: int, approval_minutes: int) -> str:
    """Return why a plan can no longer be approved, by what is stored; empty if it can.

    Args:
        idea: the plan.
        now_us: microseconds UTC.
        approval_minutes: how long after it was told; 0: as long as the plan is valid.
    """
    plan = idea.plan
    valid_until_us = int(plan.valid_until.timestamp() * 1_000_000)
    if now_us >= valid_until_us:
        return f"the plan expired at {texts.minute(plan.valid_until)} UTC"
    if idea.end is not None:
        return f"the plan is over: {_ENDS[idea.end]}"
    if approval_minutes and now_us >= idea.told_us + approval_minutes * _MINUTE_US:
        return (
            f"the signal of {texts.minute_of(idea.told_us // 1000)} UTC is older than "
            f"{approval_minutes} minutes (APPROVAL_MINUTES)"
        )
    if idea.rejected is not None:
        return f"{who(idea.rejected.command)} rejected this setup"
    return ""


def _verdict(database: Database, account_id: str, seq: object) -> RecordedDecision | None:
    """Return the verdict that was told; None where nobody was told, or it was pruned."""
    if not isinstance(seq, int):
        return None
    record = AuditLog(database).record(account_id, seq)
    return None if record is None else decode_decision(json.loads(record.body))
