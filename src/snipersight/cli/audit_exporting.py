"""What `snipersight audit export` does: every record into a file, verified on the way."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from snipersight.bootstrap.audit_verifying import Verified, verified_lines, verify
from snipersight.cli.audit_opening import open_for_reading
from snipersight.cli.audit_verifying import counting, verified_json
from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import say
from snipersight.domain.errors import ConfigInvalid, StateUnavailable
from snipersight.domain.wording import counted

if TYPE_CHECKING:
    from snipersight.bootstrap.audit import OpenAudit
    from snipersight.risk.audit.verify import StoredRecord
    from snipersight.storage.audit_log import Progress

_TEXTS: Final = ("kind", "subject", "actor")
_HASHES: Final = ("prev_hash", "hash")


def run_export(env_file: Path | None, file: Path, *, single: bool, account: str | None) -> ExitCode:
    """Write the records; nothing is left where the audit does not verify."""
    if file.exists():
        raise ConfigInvalid("the file exists already", where=str(file), next_step="name a new file")
    with open_for_reading(env_file, account) as audit, counting("exporting") as count:
        verified = _exported(audit, file, single=single, count=count)
    if not verified:
        say("\n".join(verified_lines(verified)))
        say("Nothing was exported.")
        return ExitCode.FOUND
    records = counted(verified.report.records, "verified record")
    print(f"Wrote {records} of account {verified.report.account_id} to {file}.")
    return ExitCode.OK


def _exported(audit: OpenAudit, file: Path, *, single: bool, count: Progress) -> Verified:
    from snipersight.storage.new_files import give_name, written_whole

    try:
        with written_whole(file.absolute().parent, prefix=".audit-export-") as new:
            with new.open("w", encoding="utf-8", newline="\n") as out:
                verified = _write(audit, out, single=single, count=count)
            if verified:
                give_name(new, file.absolute())
            return verified
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise StateUnavailable(
            f"the export cannot be written: {reason}",
            where=str(file),
            next_step="name a file in a folder you can write to, with room for it",
        ) from error


def _write(audit: OpenAudit, out: IO[str], *, single: bool, count: Progress) -> Verified:
    writer = _Writer(audit.account_id, out, single=single)
    verified = verify(audit, count=count, visit=writer.take)
    writer.finish(verified)
    return verified


class _Writer:
    """Writes records as they are read."""

    def __init__(self, account_id: str, out: IO[str], *, single: bool) -> None:
        self._account: Final = json.dumps(account_id, ensure_ascii=False)
        self._out: Final = out
        self._single: Final = single
        self._between = ""
        if single:
            out.write(f'{{"account":{self._account},"records":[\n')

    def take(self, page: Sequence[StoredRecord]) -> None:
        """Write a page of records."""
        for record in page:
            self._out.write(self._between + self._line(record))
            self._between = ",\n" if self._single else "\n"

    def finish(self, verified: Verified) -> None:
        """End the file."""
        self._out.write("\n" if self._between else "")
        if self._single:
            self._out.write(f'],"verified":{json.dumps(verified_json(verified))}}}\n')

    def _line(self, record: StoredRecord) -> str:
        """Return a record as JSON; its body stays the canonical text that was hashed."""
        seq, at_us, kind, subject, actor, body, before, hash_ = (
            one.decode("utf-8", "replace") if isinstance(one, bytes) else str(one) for one in record
        )
        texts = dict(zip(_TEXTS, (kind, subject, actor), strict=True))
        hashes = dict(zip(_HASHES, (before, hash_), strict=True))
        return (
            f'{{"account_id":{self._account},"seq":{seq},"at_us":{at_us},'
            f'{_members(texts)},"body":{body},{_members(hashes)}}}'
        )


def _members(texts: dict[str, str]) -> str:
    return json.dumps(texts, ensure_ascii=False, separators=(",", ":"))[1:-1]
