"""The time that an account begins with, where people were let in to look before anything happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.told_time import last_told
from snipersight.domain.audit import AuditDraft, AuditKind
from snipersight.domain.standing import AccountStanding
from snipersight.risk.audit.query import body_of
from snipersight.storage.audit_log import AuditLog

if TYPE_CHECKING:
    from snipersight.bootstrap.books import Books
    from snipersight.domain.audit import AuditRecord
    from snipersight.domain.store import UnitOfWork

# What is recorded of tokens and browsers: it says who may look, and nothing of the account.
_OF_ACCESS: Final = frozenset(("token add", "token revoke", "log in", "log out"))


def begin_at(books: Books, *, at_us: int, actor: str) -> bool:
    """Let an account that has not lived yet begin its time at a moment that lies behind it.

    Opening the dashboard or making a token brings an account about at our own time; a rehearsal of
    a day long past could not begin on it any more. Where no bot has told its time, and nothing but
    access was ever recorded, nothing can be dated wrongly by that. The chain says what was done.

    Args:
        books: of the account.
        at_us: from when on its time runs, microseconds UTC.
        actor: who begins, as the audit knows them.

    Returns:
        Whether time was put back; False: it was not later, or the account has lived.

    Raises:
        StateUnavailable: the store cannot be used; nothing was changed.
    """
    ports, database, head_seq = books.ports, books.store.database, 0
    if last_told(database, ports.account_id) is not None:
        return False
    for record in AuditLog(database).records(ports.account_id):
        if not _is_of_access(record):
            return False
        head_seq = record.seq

    def work(unit: UnitOfWork) -> bool:
        row = unit.account
        fresh = AccountStanding(starting_balance=row.standing.starting_balance)
        if row.last_us <= at_us or row.standing != fresh or row.head.seq != head_seq:
            return False
        unit.reset_clock(at_us)
        unit.append(
            AuditDraft(
                kind=AuditKind.OPERATOR,
                subject=row.account_id,
                actor=actor,
                at_us=at_us,
                body={"command": "begin", "accepted_us": at_us, "recorded_us": row.last_us},
            )
        )
        return True

    return ports.store.transact(ports.account_id, work)


def _is_of_access(record: AuditRecord) -> bool:
    is_said = record.kind == AuditKind.OPERATOR
    return is_said and body_of(record).get("command") in _OF_ACCESS
