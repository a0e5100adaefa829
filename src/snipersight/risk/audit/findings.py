"""What a check of the audit chain can find, and what it can never exclude."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from snipersight.domain.audit import ChainHead
from snipersight.risk.audit.chain import framed


class FindingKind(StrEnum):
    """What is wrong with a chain."""

    CHANGED = "changed"  # a record is not the one its hash was computed over
    MISSING = "missing"  # records between two others are gone
    MOVED = "moved"  # a record stands elsewhere than it was written
    INSERTED = "inserted"  # a record stands where none was written
    UNLINKED = "unlinked"  # two neighbours do not belong together
    TRUNCATED = "truncated"  # records at the end are gone
    HEAD = "head"  # the account's row names another newest record
    BASE = "base"  # nothing in the chain accounts for where it begins
    ARCHIVE = "archive"  # the file of what was archived holds something else
    REWRITTEN = "rewritten"  # a record is not the one that was signed
    SIGNATURE = "signature"  # a checkpoint's signature does not fit it
    FOREIGN_KEY = "foreign_key"  # a checkpoint was signed with a key that is not trusted
    DAMAGED = "damaged"  # a value is not even of its column's type


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something wrong, and where.

    Args:
        kind: what.
        first_seq, last_seq: the records it concerns, both included.
        sentence: the same in plain words.
    """

    kind: FindingKind
    first_seq: int
    last_seq: int
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A signed statement that a chain's record `seq` has this hash.

    Every field is as stored, in bytes: a damaged one must be told, not stumbled over.

    Args:
        seq: the record.
        hash: its hash, hex digits.
        at_us: when it was signed, microseconds UTC, decimal digits.
        key_id: the public key, hex digits.
        signature: hex digits.
    """

    seq: int
    hash: bytes
    at_us: bytes
    key_id: bytes
    signature: bytes

    def statement(self, account_id: str) -> bytes:
        """Return the bytes that are signed: every field with its length, and whose chain it is."""
        parts = (account_id.encode(), b"%d" % self.seq, self.hash, self.at_us, self.key_id)
        return b"snipersight audit 1:" + framed(parts)


class Signed(StrEnum):
    """What became of a checkpoint's signature."""

    VALID = "valid"
    INVALID = "invalid"
    FOREIGN = "foreign"  # fits, but its key is not trusted
    UNCHECKED = "unchecked"  # no key is known to check it with


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideHead:
    """A head that was kept where whoever changes the database cannot reach it.

    Args:
        seq, hash: of the record it names.
        where: the file, or the option it was given with, for the reader.
    """

    seq: int
    hash: str
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PrunedRecord:
    """What a PRUNED record tells.

    Args:
        seq: its number.
        base_seq, base_hash: the last record that was archived.
        archive: name of the file that holds them; empty if it names none.
    """

    seq: int
    base_seq: int
    base_hash: str
    archive: str

    def names(self, base: ChainHead) -> bool:
        """Return whether this is where the chain, or an archive, begins."""
        return (self.base_seq, self.base_hash) == (base.seq, base.hash)


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyReport:
    """What a check of one chain looked at and found.

    Args:
        account_id: whose chain.
        base: the record that the first one continues; seq 0 if the chain is whole.
        records: how many were read.
        first_seq, last_seq: of the records read; 0 in an empty chain.
        checkpoints: signatures that fit and are trusted.
        signed_seq: up to here the chain is the one that was signed; 0 if nothing is.
        outside_seq: up to here no record was cut off the end; 0 if no outside head is known.
        findings: in the order of the chain; at most a thousand.
        further: findings beyond those.
        not_excluded: what this check could not exclude, one sentence each.
        pruned: what the PRUNED records tell, in order.
        notes: what else the reader should know, one sentence each.
    """

    account_id: str
    base: ChainHead
    records: int
    first_seq: int
    last_seq: int
    checkpoints: int
    signed_seq: int
    outside_seq: int
    findings: tuple[Finding, ...]
    further: int
    not_excluded: tuple[str, ...]
    pruned: tuple[PrunedRecord, ...] = ()
    notes: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Return whether nothing was found."""
        return not self.findings
