"""A chain checked against everything that is known of it, and what that proves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from snipersight.domain.errors import StateUnavailable
from snipersight.domain.wording import counted
from snipersight.risk.audit.findings import OutsideHead, VerifyReport

if TYPE_CHECKING:
    from snipersight.bootstrap.audit import OpenAudit
    from snipersight.storage.audit_log import Progress, Visit

_STANDING: Final = (
    "That the account's standing (balance, realised results, marks, breakers, cooldowns, losses "
    "in a row) was changed in the database cannot be excluded: its row is not part of the chain."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """A check and what was wrong outside of the chain itself.

    Args:
        report: of the chain.
        problems: of the head file, and records that belong to no account.
        has_outside: a head kept outside the database was held against the chain.
    """

    report: VerifyReport
    problems: tuple[str, ...]
    has_outside: bool

    def __bool__(self) -> bool:
        """Return whether nothing was found."""
        return bool(self.report) and not self.problems


def verify(
    audit: OpenAudit,
    *,
    heads: tuple[OutsideHead, ...] = (),
    keys: tuple[str, ...] = (),
    count: Progress | None = None,
    visit: Visit | None = None,
) -> Verified:
    """Check a chain against everything that is known of it."""
    problems = [
        f"there are records of an account {name!r} that does not exist"
        for name in audit.log.strays()
    ]
    outside: tuple[OutsideHead, ...] = heads
    try:
        outside += audit.outside()
    except StateUnavailable as error:
        problems.append(str(error))
    report = audit.log.verify(
        audit.account_id,
        trusted=(*audit.trusted(), *keys),
        outside=outside,
        progress=count,
        visit=visit,
        archives=audit.archives(),
    )
    return Verified(report=report, problems=tuple(problems), has_outside=bool(outside))


def verified_lines(verified: Verified) -> Iterator[str]:
    """Yield what was checked, what was found, and what cannot be excluded."""
    report = verified.report
    yield _checked(report)
    yield f"  signatures   {_signed(report)}"
    yield f"  outside head {_outside(verified)}"
    for problem in verified.problems:
        yield f"FOUND  {problem}"
    for finding in report.findings:
        yield f"FOUND  {finding.kind}: {finding.sentence}"
    if report.further:
        yield f"… and {report.further:,} findings more."
    if verified:
        yield "Nothing was changed, removed, inserted or moved."
    for sentence in (*report.notes, *not_excluded(report)):
        yield f"note: {sentence}"


def not_excluded(report: VerifyReport) -> tuple[str, ...]:
    """Return what such a check cannot exclude, one sentence each."""
    return (*report.not_excluded, _STANDING)


def _checked(report: VerifyReport) -> str:
    if not report.records:
        return f"The audit of account {report.account_id} holds no record."
    return (
        f"Checked {counted(report.records, 'record')} of account {report.account_id}, "
        f"{report.first_seq} to {report.last_seq}: hashes, links and order."
    )


def _signed(report: VerifyReport) -> str:
    if not report.checkpoints:
        return "none that is trusted"
    return f"{counted(report.checkpoints, 'checkpoint')} held, up to record {report.signed_seq}"


def _outside(verified: Verified) -> str:
    if verified.report.outside_seq:
        return f"agrees, up to record {verified.report.outside_seq}"
    return "does not agree" if verified.has_outside else "none is known"
