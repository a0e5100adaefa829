"""Which records a reader wants, and what a body says without knowing its kind."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from snipersight.domain.audit import AuditRecord
from snipersight.domain.errors import StateUnavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditQuery:
    """What records must have in common; what is empty or None asks for nothing.

    Args:
        kinds: any of these, `decision`, `closed`.
        symbol: how that of the plan or the ledger's entry begins, in large or small letters.
        verdict: `approved` or `rejected`.
        subject: plan id or entry id, or how it begins; an entry's begins with its plan's.
        actor: how whoever did it begins, `dashboard:`, in large or small letters.
        since_us, until_us: time of the record, microseconds UTC; the second is not included.
    """

    kinds: tuple[str, ...] = ()
    symbol: str | None = None
    verdict: str | None = None
    subject: str | None = None
    actor: str | None = None
    since_us: int | None = None
    until_us: int | None = None

    def matches(self, record: AuditRecord) -> bool:
        """Return whether a record is wanted.

        Raises:
            StateUnavailable: its body is damaged.
        """
        return self._is_of_its_row(record) and self._is_of_its_body(record)

    def _is_of_its_row(self, record: AuditRecord) -> bool:
        return (
            (not self.kinds or record.kind in self.kinds)
            and (self.subject is None or record.subject.startswith(self.subject))
            and (self.actor is None or _begins(record.actor, self.actor))
            and (self.since_us is None or record.at_us >= self.since_us)
            and (self.until_us is None or record.at_us < self.until_us)
        )

    def _is_of_its_body(self, record: AuditRecord) -> bool:
        if self.symbol is None and self.verdict is None:
            return True
        body = body_of(record)
        if self.symbol is not None and not _begins(symbol_of(body) or "", self.symbol):
            return False
        return self.verdict in (None, body.get("verdict"))


def _begins(text: str, beginning: str) -> bool:
    return text.lower().startswith(beginning.lower())


EVERY_RECORD: Final = AuditQuery()


class AuditReader(Protocol):
    """Reads the records of a chain."""

    def records(
        self, account_id: str, query: AuditQuery = EVERY_RECORD, *, newest_first: bool = False
    ) -> Iterator[AuditRecord]:
        """Yield the records that match, oldest first unless asked otherwise.

        Raises:
            StateUnavailable: they cannot be read, or one is damaged.
        """
        ...


def body_of(record: AuditRecord) -> dict[str, object]:
    """Return what a record holds.

    Raises:
        StateUnavailable: it is no JSON object.
    """
    try:
        held = json.loads(record.body)
    except ValueError as error:
        raise damaged_record(record.seq) from error
    if not isinstance(held, dict):
        raise damaged_record(record.seq)
    return held


def damaged_record(seq: int) -> StateUnavailable:
    """Return the error for a record that cannot be read."""
    return StateUnavailable(
        f"record {seq} of the audit is damaged", next_step="run `snipersight audit verify`"
    )


def symbol_of(body: Mapping[str, object]) -> str | None:
    """Return the symbol a body is about; None if it is about none."""
    held: object = body
    for name in ("plan", "entry"):
        inner = body.get(name)
        if isinstance(inner, Mapping):
            held = inner
            break
    symbol = held.get("symbol") if isinstance(held, Mapping) else None
    return symbol if isinstance(symbol, str) else None
