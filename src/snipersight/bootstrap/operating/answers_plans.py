"""Plans that were judged, found by the beginning of their id, and what became of them."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.plan_accounts import SEARCHED
from snipersight.bot.operator.facts import SignalFacts, Unfound, WhyFacts
from snipersight.domain.audit import AuditKind, AuditRecord
from snipersight.domain.decision import Approved
from snipersight.domain.evidence import Kind, SignalKey
from snipersight.domain.plan import PlanId, SetupId, TradePlan
from snipersight.risk.audit.codec import RecordedDecision, decode_decision
from snipersight.risk.audit.query import AuditQuery, body_of
from snipersight.storage.audit_log import AuditLog

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snipersight.bootstrap.books import Books
    from snipersight.domain.evidence import EvidenceStore

SHORTEST: Final = 4  # letters of an id that may stand for it
_LONGEST: Final = 64
_SHOWN: Final = 4
_SIGNALS_SEARCHED: Final = 2_000
_DECISION: Final = (AuditKind.DECISION.value,)


class Judged:
    """A plan with its newest verdict.

    Args:
        record: of the audit.
    """

    def __init__(self, record: AuditRecord) -> None:
        self._record: Final = record
        self.recorded: Final[RecordedDecision] = decode_decision(body_of(record))

    @property
    def plan_id(self) -> PlanId:
        """Return which plan."""
        return self.recorded.plan.plan_id

    @property
    def at_us(self) -> int:
        """Return when the verdict fell, microseconds UTC."""
        return self._record.at_us


def find_plan(books: Books, name: str) -> Judged | Unfound:
    """Return the newest verdict on the plan that begins so, or why there is no such one.

    Raises:
        StateUnavailable: the audit cannot be read.
    """
    name = name.strip().lower()
    if not SHORTEST <= len(name) <= _LONGEST:
        return Unfound(sentence=f"Write {SHORTEST} letters of the plan's id or more.")
    newest: dict[str, AuditRecord] = {}
    for record in islice(_verdicts(books, name), SEARCHED):
        newest.setdefault(record.subject, record)
        if record.subject == name:
            return Judged(record)
    if not newest:
        return Unfound(sentence=f"No plan that was judged begins with {name}.")
    if len(newest) > 1:
        shown = ", ".join(sorted(newest)[:_SHOWN])
        return Unfound(sentence=f"{len(newest)} plans begin with {name}: {shown}. Write more.")
    return Judged(next(iter(newest.values())))


def why_facts(books: Books, evidence: EvidenceStore | None, name: str) -> WhyFacts | Unfound:
    """Return the newest verdict on a plan with everything behind it.

    Raises:
        StateUnavailable: the audit or the evidence cannot be read.
    """
    found = find_plan(books, name)
    if isinstance(found, Unfound):
        return found
    decision = found.recorded.decision
    became = _signal(books, evidence, found) if isinstance(decision, Approved) else None
    return WhyFacts(
        decision=decision,
        judged_us=found.at_us,
        is_reserved=found.recorded.is_reserved,
        became=became,
    )


def newest_signals(
    books: Books, evidence: EvidenceStore | None, *, limit: int
) -> tuple[SignalFacts, ...]:
    """Return the newest approved plans, newest first; a setup that was judged again counts once.

    Raises:
        StateUnavailable: the audit or the evidence cannot be read.
    """
    query = AuditQuery(kinds=_DECISION, verdict="approved")
    records = AuditLog(books.store.database).records(
        books.ports.account_id, query, newest_first=True
    )
    found: dict[SetupId, Judged] = {}
    for record in islice(records, _SIGNALS_SEARCHED):
        judged = Judged(record)
        found.setdefault(judged.recorded.plan.setup_id, judged)
        if len(found) == limit:
            break
    return tuple(_signal(books, evidence, one) for one in found.values())


def _verdicts(books: Books, name: str) -> Iterator[AuditRecord]:
    query = AuditQuery(kinds=_DECISION, subject=name)
    return AuditLog(books.store.database).records(books.ports.account_id, query, newest_first=True)


def _signal(books: Books, evidence: EvidenceStore | None, judged: Judged) -> SignalFacts:
    plan, ports = judged.recorded.plan, books.ports
    entries = ports.store.view(ports.account_id, lambda unit: unit.entries_of_plan(plan.plan_id))
    key = SignalKey(f"{ports.account_id}:{plan.plan_id}")
    outcomes = {} if evidence is None else evidence.outcomes(key)
    return SignalFacts(
        plan=plan,
        judged_us=judged.at_us,
        entry=entries[-1] if entries else None,
        modelled=outcomes.get(Kind.MODELLED),
        is_over=_is_over(plan, now_us=ports.clock()),
    )


def _is_over(plan: TradePlan, *, now_us: int) -> bool:
    return plan.valid_until.timestamp() * 1_000_000 <= now_us
