"""What a chain says in sum: approvals, refusals and their codes, limits that came close."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final

from snipersight.domain.audit import AuditKind, AuditRecord
from snipersight.risk.audit.codec import APPROVED
from snipersight.risk.audit.query import body_of, symbol_of

_CLOSE: Final = Decimal("0.8")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# Limits that use grows towards. What one trade may lose or lever is used up by design.
_CAPS: Final = frozenset(
    {
        "max_per_asset",
        "max_cluster",
        "max_total",
        "max_gross_notional",
        "max_margin",
        "max_positions",
        "liquidity",
        "price_collar",
        "daily_loss",
        "weekly_loss",
        "drawdown",
        "loss_streak",
    }
)


@dataclass(slots=True, kw_only=True)
class Tally:
    """Verdicts of one symbol or one day."""

    approved: int = 0
    rejected: int = 0


@dataclass(slots=True, kw_only=True)
class Approach:
    """How often a limit was used to four fifths or more without being broken.

    Args:
        times: decisions in which it was.
        highest: greatest share of the limit in use, 1 is all of it.
    """

    times: int = 0
    highest: Decimal = Decimal(0)


@dataclass(slots=True, kw_only=True)
class AuditReport:
    """A summary of records.

    Args:
        account_id: whose; empty without records.
        first_us, last_us: times of the first and the last record, microseconds UTC.
        records: by kind.
        approved, rejected, reserved: decisions; the last are approvals that took budget.
        refusals: by code, each code that failed in a decision.
        symbols, days: verdicts by symbol, and by UTC day.
        approached: limits that came close, by code.
        gates_passed, gates_failed: quality gates before the risk gate, by name.
        breakers: trips by name.
    """

    account_id: str = ""
    first_us: int | None = None
    last_us: int | None = None
    records: Counter[str] = field(default_factory=Counter)
    approved: int = 0
    rejected: int = 0
    reserved: int = 0
    refusals: Counter[str] = field(default_factory=Counter)
    symbols: dict[str, Tally] = field(default_factory=dict)
    days: dict[str, Tally] = field(default_factory=dict)
    approached: dict[str, Approach] = field(default_factory=dict)
    gates_passed: Counter[str] = field(default_factory=Counter)
    gates_failed: Counter[str] = field(default_factory=Counter)
    breakers: Counter[str] = field(default_factory=Counter)

    def take(self, record: AuditRecord) -> None:
        """Count one record.

        Raises:
            StateUnavailable: its body is damaged.
        """
        self.account_id = record.account_id
        self.first_us = record.at_us if self.first_us is None else self.first_us
        self.last_us = record.at_us
        self.records[record.kind] += 1
        if record.kind == AuditKind.DECISION:
            self._take_decision(record, body_of(record))
        elif record.kind == AuditKind.QUALITY_GATE:
            body = body_of(record)
            gates = self.gates_passed if body.get("passed") is True else self.gates_failed
            gates[str(body.get("gate", ""))] += 1
        elif record.kind == AuditKind.BREAKER and body_of(record).get("event") == "tripped":
            self.breakers[record.subject] += 1

    def as_json(self) -> dict[str, object]:
        """Return the summary as values of JSON; shares as text."""
        return {
            "account": self.account_id,
            "first_us": self.first_us,
            "last_us": self.last_us,
            "records": _ordered(self.records),
            "decisions": {
                "approved": self.approved,
                "rejected": self.rejected,
                "reserved": self.reserved,
            },
            "refusals_by_code": _ordered(self.refusals),
            "by_symbol": _tallies(self.symbols),
            "by_day": _tallies(self.days),
            "limits_approached": {
                code: {"times": held.times, "highest_share": str(round(held.highest, 4))}
                for code, held in sorted(self.approached.items())
            },
            "quality_gates": {
                "passed": _ordered(self.gates_passed),
                "failed": _ordered(self.gates_failed),
            },
            "breakers_tripped": _ordered(self.breakers),
        }

    def _take_decision(self, record: AuditRecord, body: Mapping[str, object]) -> None:
        is_approved = body.get("verdict") == APPROVED
        self.approved += is_approved
        self.rejected += not is_approved
        self.reserved += body.get("reserved") is True
        codes = body.get("codes")
        self.refusals.update(set(codes) if isinstance(codes, list) else ())
        day = (_EPOCH + timedelta(microseconds=record.at_us)).date().isoformat()
        for tally in (
            self.symbols.setdefault(symbol_of(body) or "", Tally()),
            self.days.setdefault(day, Tally()),
        ):
            tally.approved += is_approved
            tally.rejected += not is_approved
        checks = body.get("checks")
        for check in checks if isinstance(checks, list) else ():
            self._take_check(check)

    def _take_check(self, check: Mapping[str, object]) -> None:
        code = check.get("code")
        if code not in _CAPS or check.get("passed") is not True:
            return
        measured, limit = _number(check.get("measured")), _number(check.get("limit"))
        if measured is None or limit is None or limit <= 0 or measured / limit < _CLOSE:
            return
        held = self.approached.setdefault(str(code), Approach())
        held.times += 1
        held.highest = max(held.highest, measured / limit)


def report_of(records: Iterable[AuditRecord]) -> AuditReport:
    """Return the summary of records; an empty one for none.

    Raises:
        StateUnavailable: a record is damaged.
    """
    report = AuditReport()
    for record in records:
        report.take(record)
    return report


def _number(written: object) -> Decimal | None:
    text = next(iter(written.values()), None) if isinstance(written, Mapping) else None
    try:
        number = Decimal(str(text))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _ordered(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _tallies(tallies: Mapping[str, Tally]) -> dict[str, dict[str, int]]:
    return {
        name: {"approved": tally.approved, "rejected": tally.rejected}
        for name, tally in sorted(tallies.items())
    }
