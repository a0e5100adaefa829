"""What accounts for where a chain begins: the archives of what was before, and a signature there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

from sqlalchemy import Connection

from snipersight.domain.audit import ChainHead
from snipersight.domain.errors import StateUnavailable
from snipersight.risk.audit.anchors import CheckSignature
from snipersight.risk.audit.finding_list import records
from snipersight.risk.audit.findings import (
    Checkpoint,
    Finding,
    FindingKind,
    OutsideHead,
    PrunedRecord,
    Signed,
    VerifyReport,
)
from snipersight.storage.audit_archive import verify_archive
from snipersight.storage.audit_reading import checkpoints


def with_archives(
    report: VerifyReport, *, archives: Path | None, check: CheckSignature
) -> VerifyReport:
    """Return a report that also tells what became of the records before the chain's beginning.

    Each archive begins where the one before ended, and each is named by a PRUNED record of the
    chain or of a later archive; they are followed back to the first record.

    Args:
        report: of the chain.
        archives: the folder; None if none is known.
        check: tells what the archives' signatures are worth.
    """
    base, told = report.base, list(report.pruned)
    while base.seq > 0:
        named = next((one for one in reversed(told) if one.names(base)), None)
        if named is None:
            # Of the chain's own beginning the verifier has told already.
            return report if base == report.base else _contradicted(report, base, _UNTOLD)
        if archives is None or not _is_there(archives, named):
            return _not_excluded(report, named, archives)
        try:
            held = _read(archives / named.archive, named, check)
        except StateUnavailable as error:
            if isinstance(error.__cause__, OSError):
                return _not_excluded(report, named, archives)
            return _contradicted(report, base, f"{named.archive}: {error.what}")
        problem = _problem(held, report, named)
        if problem:
            return _contradicted(report, base, problem)
        report = _with_note(report, held, named)
        told += held.pruned
        base = held.base
    return report


def moved_base_problem(
    connection: Connection,
    base: ChainHead,
    unsigned: Sequence[PrunedRecord],
    *,
    outside: Checkpoint | None,
    check: CheckSignature,
    is_first: bool,
) -> str:
    """Return why records that tell of pruning must not be signed; empty if they may.

    Whoever removed the beginning of a chain could add such a record himself. What SniperSight
    prunes ends at a record that was signed before, and that signature stays.

    Args:
        connection: reading.
        base: where the chain begins.
        unsigned: the PRUNED records that would be signed.
        outside: the head kept outside the database.
        check: trusts the key that would sign.
        is_first: this key has signed nothing yet; then another one may have signed the beginning.
    """
    ahead = [one for one in unsigned if one.base_seq >= base.seq and not one.names(base)]
    if ahead:
        return (
            f"record {ahead[0].seq} tells that records up to {ahead[0].base_seq} were archived, "
            "and the chain begins elsewhere"
        )
    told = [one for one in unsigned if one.names(base)]
    if not told:
        return ""
    known = list(islice(checkpoints(connection, base.account_id, from_seq=base.seq), 1))
    known += [outside] if outside is not None else []
    wanted = (Signed.VALID, Signed.FOREIGN) if is_first else (Signed.VALID,)
    if any(
        (one.seq, one.hash) == (base.seq, base.hash.encode()) and check(one) in wanted
        for one in known
    ):
        return ""
    return (
        f"record {told[0].seq} tells that records up to {base.seq} were archived, but no "
        f"checkpoint signed with your key covers record {base.seq}"
    )


_UNTOLD = "an archive begins behind its first record, and nothing tells where those before are"


def _is_there(archives: Path, named: PrunedRecord) -> bool:
    # A name with a folder in it was not written by us; it is not followed.
    name = named.archive
    return bool(name) and Path(name).name == name and (archives / name).exists()


def _read(path: Path, named: PrunedRecord, check: CheckSignature) -> VerifyReport:
    end = OutsideHead(seq=named.base_seq, hash=named.base_hash, where=f"record {named.seq}")
    return verify_archive(path, check=check, outside=(end,))


def _problem(held: VerifyReport, report: VerifyReport, named: PrunedRecord) -> str:
    """Return how an archive contradicts the record that names it; empty if it does not."""
    if held.account_id != report.account_id:
        return f"{named.archive} is of account {held.account_id!r}"
    if held.findings:
        return f"{named.archive} does not verify: {held.findings[0].sentence}"
    if held.last_seq != named.base_seq:
        return f"{named.archive} ends with record {held.last_seq}, not with {named.base_seq}"
    return ""


def _contradicted(report: VerifyReport, base: ChainHead, problem: str) -> VerifyReport:
    text = f"{records(1, base.seq)}: {problem}"
    found = Finding(kind=FindingKind.ARCHIVE, first_seq=1, last_seq=base.seq, sentence=text)
    return replace(report, findings=(found, *report.findings))


def _not_excluded(report: VerifyReport, named: PrunedRecord, archives: Path | None) -> VerifyReport:
    one = named.base_seq == 1
    file = f"the file {named.archive!r}" if named.archive else "a file that it does not name"
    where = f" in {archives}" if archives is not None else ""
    text = (
        f"That {records(1, named.base_seq)} {'was' if one else 'were'} removed or changed, and not "
        f"only archived, cannot be excluded: by record {named.seq} {file} holds them up to "
        f"{named.base_seq}, and it cannot be read{where}."
    )
    return replace(report, not_excluded=(*report.not_excluded, text))


def _with_note(report: VerifyReport, held: VerifyReport, named: PrunedRecord) -> VerifyReport:
    text = (
        f"{records(held.first_seq, held.last_seq)} {'is' if held.records == 1 else 'are'} archived "
        f"in {named.archive}: whole, and it ends where the chain goes on"
    )
    return replace(report, notes=(*report.notes, text))
