"""The audit of the database that the settings name: signed after writing, opened for reading."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from snipersight.bootstrap.account_names import default_account
from snipersight.bootstrap.audit_files import archive_folder, audit_head_file, audit_key_file
from snipersight.bootstrap.database_place import database_url
from snipersight.bootstrap.settings import Settings
from snipersight.bootstrap.store import system_us
from snipersight.domain.errors import ConfigInvalid, StateUnavailable
from snipersight.risk.audit.findings import OutsideHead
from snipersight.risk.audit.query import AuditQuery
from snipersight.storage.audit_log import AuditLog
from snipersight.storage.checkpoints import outside_heads
from snipersight.storage.database import open_database
from snipersight.storage.database_url import SqliteAddress, parse_database_url
from snipersight.storage.decision_store import SqlDecisionStore
from snipersight.storage.head_file import HeadFile
from snipersight.storage.signing import existing_key_id


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAudit:
    """The audit, open for reading.

    Args:
        log: its records.
        decisions: the ledger beside them.
        place: where the database is.
        account_id: whose they are.
        settings: where key and head lie.
    """

    log: AuditLog
    decisions: SqlDecisionStore
    place: str
    account_id: str
    settings: Settings

    def trusted(self) -> tuple[str, ...]:
        """Return the public key that signs here; none where none was made yet.

        Raises:
            StateUnavailable: the key's file may not be used.
        """
        key_id = existing_key_id(audit_key_file(self.settings))
        return () if key_id is None else (key_id,)

    def outside(self) -> tuple[OutsideHead, ...]:
        """Return the head that was kept outside the database; none where none was kept.

        Raises:
            StateUnavailable: the file is damaged or was changed.
        """
        path = audit_head_file(self.settings)
        kept = HeadFile(path=path, place=self.place).read(self.account_id)
        return outside_heads(kept, self.account_id, where=str(path))

    def archives(self) -> Path:
        """Return the folder of pruned records; it may be absent."""
        return archive_folder(self.settings)

    def policy_hash(self) -> str:
        """Return which limits are in force: those the chain recorded last; empty before any."""
        return self.decisions.view(self.account_id, lambda unit: unit.account.policy_hash)


@contextmanager
def open_audit(
    settings: Settings, *, account_id: str | None = None, about: str = ""
) -> Iterator[OpenAudit]:
    """Yield the audit of an account; nothing is created.

    Args:
        settings: which database.
        account_id: whose audit; if not given, `main` where it exists, else `practice`.
        about: how the subject of a record begins; without an account, the one whose audit knows
            such a record is opened.

    Raises:
        ConfigInvalid: the database's URL is unusable, or there is no account of that name.
        StateUnavailable: there is no database or no account yet, or it cannot be read.
    """
    url = database_url(settings)
    address = parse_database_url(url)
    if isinstance(address, SqliteAddress) and not address.path.exists():
        raise StateUnavailable(
            "there is no database yet, and so no audit",
            where=address.place,
            next_step="a scan creates it: `snipersight scan`",
        )
    with open_database(url) as database:
        log = AuditLog(database)
        if account_id is not None:
            _require_known(log, account_id)
        name = account_id or _account_of(log, about)
        log.ends(name)  # refuses an account that does not exist
        yield OpenAudit(
            log=log,
            decisions=SqlDecisionStore(database, clock=system_us),
            place=database.place,
            account_id=name,
            settings=settings,
        )


def _require_known(log: AuditLog, account_id: str) -> None:
    """Refuse a name that nothing is kept under; records without their account are no slip."""
    known = log.accounts()
    if account_id not in known and account_id not in log.strays():
        raise ConfigInvalid(
            f"there is no account {account_id!r}",
            where="--account",
            next_step=f"write one that there is: {', '.join(known) or 'none yet'}",
        )


def _account_of(log: AuditLog, about: str) -> str:
    """Return the default account, or the one that alone knows what is asked about."""
    accounts = log.accounts()
    default = default_account(accounts)
    query = AuditQuery(subject=about)
    if not about or any(True for _ in log.records(default, query)):
        return default
    others = (name for name in accounts if name != default)
    return next((name for name in others if any(True for _ in log.records(name, query))), default)
