"""The audit as the dashboard shows it: searched, verified, and one decision judged again."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.audit import OpenAudit
from snipersight.bootstrap.audit_judging import outcome_text, replay_one
from snipersight.bootstrap.audit_text import summary
from snipersight.bootstrap.audit_verifying import verified_lines, verify
from snipersight.bootstrap.dashboard.errors import NotKnown
from snipersight.bootstrap.dashboard.views_system import (
    AuditFilter,
    AuditPage,
    AuditRow,
    ReplayView,
    VerifyView,
)
from snipersight.domain.audit import AuditKind, AuditRecord
from snipersight.domain.errors import ConfigInvalid
from snipersight.risk.audit.codec import APPROVED, REJECTED
from snipersight.risk.audit.query import AuditQuery, body_of, symbol_of
from snipersight.risk.audit.replay import Outcome
from snipersight.storage.audit_log import AuditLog
from snipersight.storage.audit_reading import PAGE, select_records

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from snipersight.bootstrap.dashboard.store import DashboardStore

MOST: Final = 500
_MOST_READ: Final = 20_000  # records looked through for one page; the next page goes on from there
_OUTCOMES: Final = {
    Outcome.AGREES: "agrees",
    Outcome.DIFFERS: "differs",
    Outcome.UNKNOWN: "unknown",
}


def audit_page(store: DashboardStore, wanted: AuditFilter) -> AuditPage:
    """Return records of the audit; see `DashboardReader.audit`."""
    query, limit = _query(wanted), min(max(wanted.limit, 1), MOST)
    account_id = store.account_id(wanted.account)
    looked = _Looked(store, account_id, query, before_seq=wanted.before_seq)
    found = list(islice((one for one in looked if query.matches(one)), limit + 1))
    shown = found[:limit]
    return AuditPage(
        account_id=account_id,
        rows=tuple(map(audit_row, shown)),
        next_before_seq=shown[-1].seq if len(found) > limit else looked.broke_off_at,
        head_seq=AuditLog(store.database).ends(account_id).head.seq,
        read_ms=store.clock() // 1000,
    )


def audit_row(record: AuditRecord) -> AuditRow:
    """Return a record as lists show it."""
    body = body_of(record)
    return AuditRow(record=record, sentence=summary(record, body), symbol=symbol_of(body) or "")


def verify_view(store: DashboardStore, account: str | None) -> VerifyView:
    """Check a chain; see `DashboardReader.audit_verify`."""
    verified = verify(_open(store, account))
    report = verified.report
    return VerifyView(
        account_id=report.account_id,
        is_sound=bool(verified),
        lines=tuple(verified_lines(verified)),
        records=report.records,
        first_seq=report.first_seq or 0,
        last_seq=report.last_seq or 0,
        signed_seq=report.signed_seq or 0,
        outside_seq=report.outside_seq or 0,
        checked_ms=store.clock() // 1000,
    )


def replay_view(store: DashboardStore, which: str, account: str | None) -> ReplayView:
    """Judge one decision again; see `DashboardReader.audit_replay`."""
    try:
        result = replay_one(_open(store, account), which)
    except ConfigInvalid as error:
        raise NotKnown(error.what, where=error.where, next_step=error.next_step) from error
    judged = result.shown[0]
    replayed = judged.replayed
    return ReplayView(
        account_id=result.account_id,
        seq=judged.record.seq,
        subject=judged.record.subject,
        outcome=_OUTCOMES[replayed.outcome],
        is_sound=bool(result),
        sentence=outcome_text(replayed),
        policy_changes=replayed.policy_changes,
        is_code_changed=replayed.is_code_changed,
        checked_ms=store.clock() // 1000,
    )


def _open(store: DashboardStore, account: str | None) -> OpenAudit:
    return OpenAudit(
        log=AuditLog(store.database),
        decisions=store.decisions,
        place=store.database.place,
        account_id=store.account_id(account),
        settings=store.settings,
    )


def _query(wanted: AuditFilter) -> AuditQuery:
    known = {kind.value for kind in AuditKind}
    for kind in wanted.kinds:
        if kind not in known:
            raise ConfigInvalid(
                f"{kind!r} is no kind of record",
                where="kind",
                next_step=f"use one of {', '.join(sorted(known))}",
            )
    if wanted.verdict not in (None, APPROVED, REJECTED):
        raise ConfigInvalid(
            f"{wanted.verdict!r} is no verdict",
            where="verdict",
            next_step=f"use {APPROVED} or {REJECTED}",
        )
    return AuditQuery(
        kinds=wanted.kinds,
        subject=wanted.subject or None,
        symbol=wanted.symbol or None,
        verdict=wanted.verdict,
        actor=wanted.actor or None,
        since_us=wanted.since_us,
        until_us=wanted.until_us,
    )


class _Looked:
    """Records that may match, newest first, some ten thousand at most.

    `broke_off_at` is the last number looked at where there may be more behind it, else None.
    """

    def __init__(
        self, store: DashboardStore, account_id: str, query: AuditQuery, *, before_seq: int | None
    ) -> None:
        self._store: Final = store
        self._account_id: Final = account_id
        self._query: Final = query
        self._edge = before_seq
        self.broke_off_at: int | None = None

    def __iter__(self) -> Iterator[AuditRecord]:
        """Yield them, some hundred in memory at a time."""
        for _ in range(_MOST_READ // PAGE):
            page = self._store.database.read(self._page)
            yield from page
            if len(page) < PAGE:
                return
            self._edge = page[-1].seq
        self.broke_off_at = self._edge

    def _page(self, connection: Connection) -> list[AuditRecord]:
        return select_records(
            connection, self._account_id, self._query, edge=self._edge, newest=True
        )
