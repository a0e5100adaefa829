"""Checks a chain record by record: any change, removal, insertion or reordering, and where.

It reads each record once and keeps none, so that a million of them need no more memory than ten.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from snipersight.domain.audit import ChainHead
from snipersight.risk.audit.anchors import Anchors, CheckSignature
from snipersight.risk.audit.chain import empty_head, fields_hash
from snipersight.risk.audit.chain_events import ChainEvents
from snipersight.risk.audit.finding_list import FindingList, records
from snipersight.risk.audit.findings import Checkpoint, FindingKind, OutsideHead, VerifyReport

# Sequence number, then as stored: time in digits, kind, subject, actor, body, hash before, hash.
StoredRecord = tuple[int, bytes, bytes, bytes, bytes, bytes, bytes, bytes]

_NEIGHBOURHOOD: Final = 16  # a record out of place is looked for this far away
_SEARCHES: Final = 1000  # in a chain that is broken throughout, looking ends
_MOST_LINKS: Final = 64


class ChainVerifier:
    """Checks one chain: `consume` its records in order, then `finish`.

    Args:
        account_id: whose chain.
        base: where it begins: seq 0 and 64 zeros, or the last record that was archived.
        checkpoints: of the account, by sequence number.
        check: tells whether a checkpoint's signature fits and its key is trusted.
        outside: heads kept outside the database.
        is_base_known: the caller answers for the base; otherwise a record must tell of it.
    """

    def __init__(
        self,
        account_id: str,
        *,
        base: ChainHead,
        checkpoints: Iterable[Checkpoint] = (),
        check: CheckSignature,
        outside: Sequence[OutsideHead] = (),
        is_base_known: bool = False,
    ) -> None:
        self._account_id: Final = account_id
        self._account: Final = account_id.encode()
        self._base: Final = base
        self._is_base_told = is_base_known or base == empty_head(base.account_id)
        self._next = base.seq + 1
        # What the next record may point back to: the hash before it, more behind a faulty one,
        # None where the record before it is missing.
        self._links: set[bytes] | None = {base.hash.encode()}
        self._offset = 1
        self._searches = _SEARCHES
        self._count = 0
        self._first_seq = 0
        self._found: Final = FindingList()
        self._events: Final = ChainEvents(base)
        self._anchors: Final = Anchors(
            base=base, checkpoints=checkpoints, check=check, outside=outside, found=self._found
        )

    def consume(self, page: Sequence[StoredRecord]) -> None:
        """Check the next records, in the order of their sequence numbers."""
        if page and not self._count:
            self._first_seq = page[0][0]
        for record in page:
            self._take(record)
        self._count += len(page)

    def finish(self, head: ChainHead) -> VerifyReport:
        """Return what was found.

        Args:
            head: the newest record by the account's own row, read together with the records.
        """
        last_seq = self._next - 1
        self._judge_base()
        self._judge_end(head, last_seq)
        findings, further = self._found.all()
        return VerifyReport(
            account_id=self._account_id,
            base=self._base,
            records=self._count,
            first_seq=self._first_seq,
            last_seq=last_seq if self._count else 0,
            checkpoints=self._anchors.valid,
            signed_seq=self._anchors.signed_seq,
            outside_seq=self._anchors.outside_seq,
            findings=findings,
            further=further,
            not_excluded=self._anchors.not_excluded(last_seq),
            pruned=tuple(self._events.pruned),
            notes=self._events.notes(),
        )

    def _take(self, record: StoredRecord) -> None:
        seq, stored = record[0], record[7]
        digest = self._digest(record, seq)
        links = self._links
        if digest == stored and seq == self._next and links is not None and record[6] in links:
            self._links = {stored}
        elif seq < self._next:
            text = f"record {seq} stands before the chain's beginning, {self._next}"
            self._found.add(FindingKind.INSERTED, seq, seq, text)
            return
        else:
            self._judge(record, digest)
        self._next = seq + 1
        if seq >= self._anchors.next_seq:
            self._anchors.reach(seq, stored)
        self._events.take(seq, record[2], record[5])

    def _digest(self, record: StoredRecord, seq: int) -> bytes:
        _, at_us, kind, subject, actor, body, before, _ = record
        parts = (before, self._account, b"%d" % seq, at_us, kind, subject, actor, body)
        return fields_hash(parts).encode()

    def _judge(self, record: StoredRecord, digest: bytes) -> None:
        """Tell what is wrong with a record, and what the next one may point back to."""
        seq, before, stored = record[0], record[6], record[7]
        if seq > self._next:
            text = f"{records(self._next, seq - 1)}: missing"
            self._found.add(FindingKind.MISSING, self._next, seq - 1, text)
            self._links = None
        if digest == stored:
            if self._links is not None and before not in self._links:
                text = (
                    f"record {seq} does not continue record {seq - 1}: {seq - 1} was replaced, or "
                    "something between them was inserted or removed"
                )
                self._found.add(FindingKind.UNLINKED, seq - 1, seq, text)
            self._links = {stored}
            return
        moved_by = self._displacement(record)
        if moved_by:
            self._found.moved(seq, by=moved_by)
        else:
            self._found.changed(seq)
        held = self._links if self._links is not None and len(self._links) < _MOST_LINKS else set()
        self._links = held | {stored, digest}

    def _displacement(self, record: StoredRecord) -> int:
        """Return how many places behind its own a record stands (negative: before); 0: none."""
        seq = record[0]
        candidates = [self._offset]
        if self._searches:
            self._searches -= 1
            near = range(1, _NEIGHBOURHOOD + 1)
            candidates += [by * side for by in near for side in (1, -1)]
        for by in candidates:
            if seq - by > 0 and self._digest(record, seq - by) == record[7]:
                self._offset = by
                return by
        return 0

    def _judge_base(self) -> None:
        if self._is_base_told or self._events.is_base_told:
            return
        seq = self._base.seq
        text = (
            f"records up to {seq} are gone, and no record tells that they were archived"
            if seq
            else "the account's row names another beginning than an empty chain has"
        )
        self._found.add(FindingKind.BASE, min(seq, 1), seq, text)

    def _judge_end(self, head: ChainHead, last_seq: int) -> None:
        named = [(head.seq, "the account's row"), *self._anchors.beyond()]
        missing = [(seq, who) for seq, who in named if seq > last_seq]
        if missing:
            newest = max(seq for seq, _ in missing)
            who = ", ".join(f"{who} names record {seq}" for seq, who in missing)
            text = f"{records(last_seq + 1, newest)}: cut off the end; {who}"
            self._found.add(FindingKind.TRUNCATED, last_seq + 1, newest, text)
        if head.seq < last_seq:
            text = (
                f"{records(head.seq + 1, last_seq)}: behind the head that the account's row names"
            )
            self._found.add(FindingKind.INSERTED, head.seq + 1, last_seq, text)
        elif head.seq == last_seq and head.hash.encode() not in (self._links or ()):
            text = f"the account's row names another record {last_seq} than there is"
            self._found.add(FindingKind.HEAD, last_seq, last_seq, text)
