"""Chains of audit records in memory, sealed as a store seals them, and a check of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from snipersight.domain.audit import AuditDraft, AuditKind, AuditRecord, ChainHead
from snipersight.risk.audit.chain import empty_head, record_hash, seal
from snipersight.risk.audit.findings import Checkpoint, OutsideHead, Signed, VerifyReport
from snipersight.risk.audit.verify import ChainVerifier, StoredRecord

ACCOUNT = "main"
START = empty_head(ACCOUNT)
OTHER_HASH = "a" * 64
_KEY = b"0123"


def a_chain(length: int, *, base: ChainHead = START) -> list[AuditRecord]:
    """Return records with different bodies, which continue a chain behind `base`."""
    return chained([AuditKind.OPERATOR] * length, base=base)


def chained(
    kinds: Iterable[AuditKind], *, base: ChainHead = START, **bodies: dict[str, object]
) -> list[AuditRecord]:
    """Return one record of each kind; `bodies` by kind, a number where none is given."""
    chain: list[AuditRecord] = []
    for kind in kinds:
        seq = base.seq + 1
        body = bodies.get(kind.value, {"number": seq})
        draft = AuditDraft(kind=kind, subject=f"s{seq}", actor="cli", at_us=seq, body=body)
        chain.append(seal(draft, base))
        base = head_of(chain)
    return chain


def resealed(record: AuditRecord, **changes: Any) -> AuditRecord:
    """Return a record that was changed and then hashed anew."""
    changed = replace(record, **changes)
    fields = {name: getattr(changed, name) for name in AuditRecord.__slots__ if name != "hash"}
    return replace(changed, hash=record_hash(**fields))


def renumbered(chain: Sequence[AuditRecord], *, first: int = 1) -> list[AuditRecord]:
    """Return records that stand one behind the other, whatever they were hashed as."""
    return [replace(record, seq=seq) for seq, record in enumerate(chain, first)]


def head_of(chain: Sequence[AuditRecord]) -> ChainHead:
    """Return the head that names the last record."""
    return ChainHead(account_id=ACCOUNT, seq=chain[-1].seq, hash=chain[-1].hash)


def stored(record: AuditRecord) -> StoredRecord:
    """Return a record as the verifier reads it."""
    texts = (record.kind, record.subject, record.actor, record.body, record.prev_hash, record.hash)
    at_us, *others = (text.encode() for text in (str(record.at_us), *texts))
    kind, subject, actor, body, before, digest = others
    return (record.seq, at_us, kind, subject, actor, body, before, digest)


def signed(seq: int, hash_: str, state: Signed = Signed.VALID, *, key: bytes = _KEY) -> Checkpoint:
    """Return a checkpoint whose signature says what `signature_of` shall find of it."""
    return Checkpoint(
        seq=seq, hash=hash_.encode(), at_us=b"1", key_id=key, signature=state.value.encode()
    )


def signature_of(checkpoint: Checkpoint) -> Signed:
    """Return what is written on a checkpoint of `signed`."""
    return Signed(checkpoint.signature.decode())


def kept(seq: int, hash_: str, where: str = "the head file") -> OutsideHead:
    """Return a head that is kept outside the database."""
    return OutsideHead(seq=seq, hash=hash_, where=where)


def verified(
    chain: Sequence[AuditRecord], *, head: ChainHead, base: ChainHead = START, **given: Any
) -> VerifyReport:
    """Return what a check of a chain finds; `given` as `ChainVerifier` takes it."""
    verifier = ChainVerifier(ACCOUNT, base=base, check=signature_of, **given)
    verifier.consume([stored(record) for record in chain])
    return verifier.finish(head)


def told(report: VerifyReport) -> list[tuple[str, int, int, str]]:
    """Return the findings as kind, first and last record, and sentence."""
    return [
        (finding.kind.value, finding.first_seq, finding.last_seq, finding.sentence)
        for finding in report.findings
    ]


LENGTH = 10
CHAIN = a_chain(LENGTH)
HEAD = head_of(CHAIN)
