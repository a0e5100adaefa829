"""What `snipersight audit verify` does: check a chain, and say what that proves."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.audit_verifying import (
    Verified,
    not_excluded,
    verified_lines,
    verify,
)
from snipersight.cli.audit_opening import open_for_reading
from snipersight.cli.console import progress
from snipersight.cli.exits import ExitCode
from snipersight.domain.errors import ConfigInvalid
from snipersight.risk.audit.findings import Finding, OutsideHead

if TYPE_CHECKING:
    from snipersight.storage.audit_log import Progress

_HEAD: Final = re.compile(r"(\d{1,15}):([0-9a-f]{64})")
_KEY: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proofs:
    """What the user adds to what the settings know."""

    heads: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()


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
        print("\n".join(verified_lines(verified)))
    return ExitCode.OK if verified else ExitCode.FOUND


@contextmanager
def counting(what: str) -> Iterator[Progress]:
    """Yield what counts records on a terminal's stderr."""
    with progress() as tell:
        yield lambda done, total: tell(what, done, total)


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
        "not_excluded": list(not_excluded(report)),
    }


def _finding_json(finding: Finding) -> dict[str, object]:
    return {
        "kind": finding.kind.value,
        "first_seq": finding.first_seq,
        "last_seq": finding.last_seq,
        "sentence": finding.sentence,
    }


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
