"""What a chain is held against beside itself: signed checkpoints, and heads kept elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from snipersight.domain.audit import ChainHead
from snipersight.risk.audit.finding_list import FindingList, records
from snipersight.risk.audit.findings import Checkpoint, FindingKind, OutsideHead, Signed

CheckSignature = Callable[[Checkpoint], Signed]

_NEVER: Final = 2**63
_MOST_KEYS: Final = 20


class Anchors:
    """The checkpoints and outside heads of one chain, met in the order of the chain.

    Args:
        base: where the chain begins.
        checkpoints: of the account, by sequence number.
        check: tells whether a checkpoint's signature fits and its key is trusted.
        outside: heads kept outside the database.
        found: where findings go.

    Attributes:
        next_seq: the next record that something is known about.
        valid: trusted signatures met so far.
        signed_seq: the last record that a trusted signature confirmed.
        outside_seq: the last record that an outside head confirmed.
    """

    def __init__(
        self,
        *,
        base: ChainHead,
        checkpoints: Iterable[Checkpoint],
        check: CheckSignature,
        outside: Sequence[OutsideHead],
        found: FindingList,
    ) -> None:
        self._checkpoints: Final = iter(checkpoints)
        self._checkpoint = next(self._checkpoints, None)
        self._check: Final = check
        self._outside: Final = sorted(outside, key=lambda head: head.seq)
        self._has_outside: Final = bool(outside)
        self._found: Final = found
        self._foreign: Final[dict[bytes, tuple[int, int]]] = {}
        self._unchecked = 0
        self._agreed_seq = base.seq
        self.next_seq = 0
        self.valid = 0
        self.signed_seq = 0
        self.outside_seq = 0
        self.reach(base.seq, base.hash.encode())

    def reach(self, seq: int, stored: bytes) -> None:
        """Compare everything known about the record `seq`, whose hash is `stored`.

        What is known about records before it that never came is passed over: they are missing,
        which is told elsewhere, or archived.
        """
        while (checkpoint := self._checkpoint) is not None and checkpoint.seq <= seq:
            self._checkpoint = next(self._checkpoints, None)
            self._meet_checkpoint(checkpoint, stored if checkpoint.seq == seq else None)
        while self._outside and self._outside[0].seq <= seq:
            head = self._outside.pop(0)
            if head.seq == seq:
                self._meet_outside(head, stored)
        ahead = [head.seq for head in self._outside[:1]]
        ahead += [self._checkpoint.seq] if self._checkpoint is not None else []
        self.next_seq = min(ahead, default=_NEVER)

    def beyond(self) -> list[tuple[int, str]]:
        """Return who names a record behind the last one, and its number; call it at the end."""
        named = [(head.seq, head.where) for head in self._outside]
        newest = 0
        while (checkpoint := self._checkpoint) is not None:
            self._checkpoint = next(self._checkpoints, None)
            if self._signature(checkpoint) in (Signed.VALID, Signed.UNCHECKED):
                newest = checkpoint.seq
        for key, (first, last) in self._foreign.items():
            self._found.add(FindingKind.FOREIGN_KEY, first, last, _foreign_text(key, first, last))
        return [*named, (newest, "a checkpoint")] if newest else named

    def not_excluded(self, last_seq: int) -> tuple[str, ...]:
        """Return what remains possible although nothing may have been found."""
        found = (self._truncation(last_seq), self._rewriting(last_seq)) if last_seq else ()
        return tuple(sentence for sentence in found if sentence)

    def _truncation(self, last_seq: int) -> str:
        if not self._has_outside:
            return (
                "That records were cut off the end cannot be excluded: no head is known that is "
                "kept outside the database."
            )
        if self.outside_seq >= last_seq:
            return ""
        return (
            f"That records behind {last_seq} were cut off cannot be excluded: the head kept "
            "outside the database is older."
        )

    def _rewriting(self, last_seq: int) -> str:
        if self._unchecked:
            return (
                f"That the chain was written anew cannot be excluded: no key is known to check its "
                f"signatures with ({self._unchecked} of them)."
            )
        if max(self.signed_seq, self.outside_seq) >= last_seq:
            return ""
        first = max(self.signed_seq, self.outside_seq) + 1
        was, it_is = ("was", "it is") if first == last_seq else ("were", "they are")
        return (
            f"That {records(first, last_seq)} {was} written anew cannot be excluded: {it_is} not "
            "signed yet."
        )

    def _meet_checkpoint(self, checkpoint: Checkpoint, stored: bytes | None) -> None:
        state = self._signature(checkpoint)
        if stored is None or state is Signed.INVALID:
            return
        if checkpoint.hash != stored:
            self._rewritten(checkpoint.seq, "its checkpoint")
        elif state is Signed.VALID:
            self.signed_seq = self._agreed_seq = checkpoint.seq

    def _signature(self, checkpoint: Checkpoint) -> Signed:
        state = self._check(checkpoint)
        seq = checkpoint.seq
        if state is Signed.VALID:
            self.valid += 1
        elif state is Signed.UNCHECKED:
            self._unchecked += 1
        elif state is Signed.INVALID:
            text = f"the checkpoint of record {seq} is not what was signed"
            self._found.add(FindingKind.SIGNATURE, seq, seq, text)
        elif checkpoint.key_id in self._foreign or len(self._foreign) < _MOST_KEYS:
            first, _ = self._foreign.get(checkpoint.key_id, (seq, seq))
            self._foreign[checkpoint.key_id] = (first, seq)
        return state

    def _meet_outside(self, head: OutsideHead, stored: bytes) -> None:
        if head.hash.encode() == stored:
            self.outside_seq = self._agreed_seq = head.seq
        else:
            self._rewritten(head.seq, head.where)

    def _rewritten(self, seq: int, who: str) -> None:
        first = min(self._agreed_seq + 1, seq)
        where = f"record {seq}" if first == seq else f"one of {records(first, seq)}"
        text = f"record {seq} is not the one that {who} names: {where} was written anew"
        self._found.add(FindingKind.REWRITTEN, first, seq, text)


def _foreign_text(key: bytes, first: int, last: int) -> str:
    name = key.decode("ascii", "replace")
    what = (
        f"checkpoints from record {first} to {last} were"
        if first != last
        else (f"the checkpoint of record {first} was")
    )
    return f"{what} signed with a key that is not yours: {name}"
