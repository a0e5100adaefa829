"""What `snipersight audit verify` does: check a chain, and say what that proves."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from snipersight.cli.audit_opening import open_for_reading
from snipersight.cli.console import progress
from snipersight.cli.exits import ExitCode
from snipersight.domain.errors import ConfigInvalid, StateUnavailable
from snipersight.domain.wording import counted
from snipersight.risk.audit.findings import Finding, OutsideHead, VerifyReport

if TYPE_CHECKING:
    from snipersight.bootstrap.audit import OpenAudit
    from snipersight.storage.audit_log import Progress, Visit

_HEAD: Final = re.compile(r"(\d{1,15}):([0-9a-f]{64})")
_KEY: Final = re.compile(r"[0-9a-f]{64}")
_STANDING: Final = (
    "That the account's standing (balance, realised results, marks, breakers, cooldowns, losses "
    "in a row) was changed in the database cannot be excluded: its row is not part of the chain."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proofs:
    """What the user adds to what the settings know."""

    heads: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()


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


def run_verify(
    env_file: Path | None, proofs: Proofs, *, account: str | None, as_json: bool
) -> ExitCode:
    """Check the chain and print what was found; `ExitCode.FOUND` if something was."""
    heads, keys = _heads(proofs.heads), _keys(proofs.keys)
    with open_for_reading(env_file, account) as audit, counting("verifying") as count:
        verified = verify(audit, heads=heads, keys=keys, count=count)
    if as_json:
        print(json.dumps(verified_json(verified), indent=2, ensure_ascii=False))
    else:
        print("\n".join(lines(verified)))
    return ExitCode.OK if verified else ExitCode.FOUND


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


@contextmanager
def counting(what: str) -> Iterator[Progress]:
    """Yield what counts records on a terminal's stderr."""
    with progress() as tell:
        yield lambda done, total: tell(what, done, total)


def lines(verified: Verified) -> Iterator[str]:
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
    for sentence in (*report.notes, *_not_excluded(report)):
        yield f"note: {sentence}"


def verified_json(verified: Verified) -> dict[str, object]:
    """Return a check as JSON values."""
    report = verified.report
    return {
        "account": report.account_id,
        "sound": bool(verified),
        "records": report.records,
        "first_seq": report.first_seq,
        "last_seq": report.last_seq,
        "checkpoints": report.checkpoints,
        "signed_seq": report.signed_seq,
        "outside_seq": report.outside_seq,
        "findings": [_finding_json(finding) for finding in report.findings],
        "further_findings": report.further,
        "problems": list(verified.problems),
        "notes": list(report.notes),
        "not_excluded": list(_not_excluded(report)),
    }


def _not_excluded(report: VerifyReport) -> tuple[str, ...]:
    return (*report.not_excluded, _STANDING)


def _finding_json(finding: Finding) -> dict[str, object]:
    return {
        "kind": finding.kind.value,
        "first_seq": finding.first_seq,
        "last_seq": finding.last_seq,
        "sentence": finding.sentence,
    }


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


def _heads(texts: tuple[str, ...]) -> tuple[OutsideHead, ...]:
    heads = []
    for text in texts:
        match = _HEAD.fullmatch(text.strip().lower())
        if match is None:
            raise ConfigInvalid(
                f"{text!r} is no head",
                where="--head",
                next_step="write it as SEQ:HASH, with the 64 digits that `audit show SEQ` prints",
            )
        heads.append(OutsideHead(seq=int(match.group(1)), hash=match.group(2), where="--head"))
    return tuple(heads)


def _keys(texts: tuple[str, ...]) -> tuple[str, ...]:
    keys = tuple(text.strip().lower() for text in texts)
    for key in keys:
        if not _KEY.fullmatch(key):
            raise ConfigInvalid(
                f"{key!r} is no public key",
                where="--trust",
                next_step="give the 64 digits that `audit verify` names",
            )
    return keys
