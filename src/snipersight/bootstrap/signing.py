"""Signing the audit with the key, and keeping its head in the file, that the settings name."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from snipersight.bootstrap.audit_files import audit_head_file, audit_key_file
from snipersight.bootstrap.settings import Settings
from snipersight.storage.audit_log import AuditLog
from snipersight.storage.checkpoints import checkpoint
from snipersight.storage.database import Database
from snipersight.storage.head_file import HeadFile
from snipersight.storage.signing import load_signer


def sign_audit(
    settings: Settings,
    database: Database,
    *,
    at_us: int,
    accounts: Iterable[str] | None = None,
    warn: Callable[[str], object] | None = None,
) -> None:
    """Sign what was added to the audit, and keep its head outside.

    Args:
        settings: where key and head lie.
        database: where the audit is.
        at_us: now, microseconds UTC.
        accounts: whose; None: every account's.
        warn: told that the head kept outside was gone.

    Raises:
        StateUnavailable: a chain does not verify, or key or head cannot be read or written.
    """
    signer = load_signer(audit_key_file(settings))
    head_file = HeadFile(path=audit_head_file(settings), place=database.place)
    for account_id in AuditLog(database).accounts() if accounts is None else accounts:
        checkpoint(database, account_id, signer=signer, head_file=head_file, at_us=at_us, warn=warn)
