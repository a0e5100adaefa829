"""The audit as the specification calls it: log a verdict or a gate, sum up, export."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from snipersight.domain.audit import AuditDraft, AuditKind, AuditRecord
from snipersight.domain.decision import Approved, Check, Rejected
from snipersight.domain.errors import StateUnavailable
from snipersight.domain.plan import TradePlan
from snipersight.domain.store import Clock, DecisionStore
from snipersight.risk import registry
from snipersight.risk.audit.codec import APPROVED, BODY_FORMAT, REJECTED, encode_verdict
from snipersight.risk.audit.exact_json import encode
from snipersight.risk.audit.query import EVERY_RECORD, AuditQuery, AuditReader, body_of
from snipersight.risk.audit.report import AuditReport, report_of

_LONGEST_SUBJECT: Final = 128
_VERDICTS: Final = {"approved": APPROVED, "rejected": REJECTED}


class AuditLogger:
    """Writes to the audit chain of one account and reads it.

    The gate records its own verdicts with everything they depend on; this is for whoever decides
    something beside it.

    Args:
        account_id, store, clock, reader: missing ones are those that bootstrap registered.
        actor: who writes, `cli`, `telegram:<user>`.

    Every method raises `StateUnavailable` where a port is missing or the store fails: what cannot
    be recorded must not happen.
    """

    def __init__(
        self,
        *,
        account_id: str | None = None,
        store: DecisionStore | None = None,
        clock: Clock | None = None,
        reader: AuditReader | None = None,
        actor: str = "cli",
    ) -> None:
        known = registry.defaults()
        self._account_id = known.account_id if account_id is None and known else account_id
        self._store = known.store if store is None and known else store
        self._clock = known.clock if clock is None and known else clock
        self._reader = known.reader if reader is None and known else reader
        self._actor = actor

    def log_decision(
        self,
        context: TradePlan | Mapping[str, object] | str,
        verdict: str | bool | Approved | Rejected,
        reason: str = "",
        **details: object,
    ) -> AuditRecord:
        """Record an approval or a refusal, durably, and return its record.

        Args:
            context: what was decided on: a plan, a plan id, or a mapping with what is known of it
                (`plan_id`, `symbol` …).
            verdict: `APPROVED` or `REJECTED`, in any case, true or false, or the gate's own.
            reason: in plain words.
            details: more of it; numbers that are not whole are written as text.

        Raises:
            ValueError: the verdict is neither.
        """
        body = {
            "format": BODY_FORMAT,
            **_verdict(verdict),
            **_context(context),
            "reason": reason,
            "details": _plain(details),
        }
        return self._append(AuditKind.DECISION, _subject(context), body)

    def log_quality_gate(
        self,
        context: TradePlan | Mapping[str, object] | str,
        gate: str | Check,
        passed: bool | None = None,
        *,
        measured: float | str | Decimal | None = None,
        limit: float | str | Decimal | None = None,
        sentence: str = "",
    ) -> AuditRecord:
        """Record whether something passed a gate before the risk gate, and return the record.

        Args:
            context: as for `log_decision`.
            gate: its name, or the check itself, which then holds all the rest.
            passed: whether it was passed.
            measured, limit: what was found, and what it was held against.
            sentence: both in plain words.

        Raises:
            ValueError: only a name was given, and not whether it was passed.
        """
        if isinstance(gate, Check):
            check = gate
        elif passed is None:
            raise ValueError(f"was the gate {gate!r} passed or not?")
        else:
            check = Check(
                code=gate, passed=bool(passed), measured=measured, limit=limit, sentence=sentence
            )
        body = {
            "format": BODY_FORMAT,
            "gate": check.code,
            "passed": check.passed,
            "check": encode(check),
            **_context(context),
        }
        return self._append(AuditKind.QUALITY_GATE, _subject(context), body)

    def generate_audit_report(
        self, *, since_us: int | None = None, until_us: int | None = None
    ) -> AuditReport:
        """Return the summary of a period; all of it if nothing is given.

        Args:
            since_us, until_us: microseconds UTC; the second is not included.
        """
        return report_of(self._records(AuditQuery(since_us=since_us, until_us=until_us)))

    def json_lines(self, query: AuditQuery = EVERY_RECORD) -> Iterator[str]:
        """Yield the records that match as JSON, one a line, oldest first, without line ends."""
        for record in self._records(query):
            yield json.dumps(record_json(record), ensure_ascii=False)

    def _append(self, kind: AuditKind, subject: str, body: Mapping[str, object]) -> AuditRecord:
        if self._account_id is None or self._store is None or self._clock is None:
            raise _nothing_registered()
        at_us = self._clock()
        draft = AuditDraft(
            kind=kind,
            subject=subject[:_LONGEST_SUBJECT],
            actor=self._actor,
            at_us=at_us,
            body=body,
        )
        return self._store.transact(self._account_id, lambda unit: unit.append(draft))

    def _records(self, query: AuditQuery) -> Iterator[AuditRecord]:
        if self._account_id is None or self._reader is None:
            raise _nothing_registered()
        return self._reader.records(self._account_id, query)


def record_json(record: AuditRecord) -> dict[str, object]:
    """Return a record as JSON values with its body unfolded, for other audit systems.

    Raises:
        StateUnavailable: its body is damaged.
    """
    return {
        "account_id": record.account_id,
        "seq": record.seq,
        "at_us": record.at_us,
        "kind": record.kind,
        "subject": record.subject,
        "actor": record.actor,
        "body": body_of(record),
        "prev_hash": record.prev_hash,
        "hash": record.hash,
    }


def _verdict(verdict: str | bool | Approved | Rejected) -> dict[str, object]:
    if isinstance(verdict, (Approved, Rejected)):
        return encode_verdict(verdict)
    if isinstance(verdict, bool):
        return {"verdict": APPROVED if verdict else REJECTED}
    known = _VERDICTS.get(verdict.strip().lower())
    if known is None:
        raise ValueError(f"a verdict is APPROVED or REJECTED, not {verdict!r}")
    return {"verdict": known}


def _context(context: TradePlan | Mapping[str, object] | str) -> dict[str, object]:
    if isinstance(context, TradePlan):
        return {"plan": encode(context)}
    if isinstance(context, str):
        return {}
    held = _plain(context)
    symbol = context.get("symbol")
    return {"context": held, **({"symbol": symbol} if isinstance(symbol, str) else {})}


def _subject(context: TradePlan | Mapping[str, object] | str) -> str:
    if isinstance(context, TradePlan):
        return context.plan_id
    if isinstance(context, str):
        return context
    return str(context.get("plan_id", context.get("symbol", "")))


def _plain(value: object) -> object:
    """Return a value as an audit body may hold it; what JSON does not know is spelt out."""
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, Mapping):
        return {
            str(key).encode("ascii", "replace").decode(): _plain(one) for key, one in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return str(value)


def _nothing_registered() -> StateUnavailable:
    return StateUnavailable(
        "no account or store was registered, so nothing can be recorded",
        next_step="open a store before deciding",
    )
