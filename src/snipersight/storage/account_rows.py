"""The account table: one row that whoever decides for the account locks first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, Row, Update, bindparam, insert, select, update

from snipersight.domain.audit import ChainHead
from snipersight.domain.standing import AccountStanding
from snipersight.domain.store import AccountRow
from snipersight.domain.units import Currency
from snipersight.risk.audit.chain import NO_HASH
from snipersight.storage.ready_statements import ReadyStatement
from snipersight.storage.row_codecs import standing_from_text, standing_to_text
from snipersight.storage.schema import ACCOUNT

_FIND: Final = select(ACCOUNT).where(ACCOUNT.c.account_id == bindparam("account"))
_LOCK: Final = _FIND.with_for_update()
_CHANGED: Final = ("last_us", "policy_hash", "ledger_revision", "head_seq", "head_hash")


def updating(*, has_standing: bool) -> Update:
    """Return the update of an account's row by the values of `changed_values`."""
    names = ("standing", *_CHANGED) if has_standing else _CHANGED
    return (
        update(ACCOUNT)
        .where(ACCOUNT.c.account_id == bindparam("account"))
        .values({name: bindparam(f"new_{name}") for name in names})
    )


_UPDATE: Final = ReadyStatement(updating(has_standing=True))
_UPDATE_REST: Final = ReadyStatement(updating(has_standing=False))


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAccount:
    """An account as its row has it.

    Args:
        row: what a unit of work shows.
        ledger_revision: grows with every transaction that changes the account's ledger.
    """

    row: AccountRow
    ledger_revision: int


def find_account(
    connection: Connection, account_id: str, *, lock: bool = False
) -> StoredAccount | None:
    """Return an account, or None if there is none of that name.

    Args:
        connection: in a transaction.
        account_id: its name.
        lock: keep other transactions from locking it until this one ends.

    Raises:
        Unreadable: the row does not say what a row should.
    """
    statement = _LOCK if lock else _FIND
    row = connection.execute(statement, {"account": account_id}).one_or_none()
    return None if row is None else _stored(row)


def all_accounts(connection: Connection) -> tuple[AccountRow, ...]:
    """Return every account, by name."""
    rows = connection.execute(select(ACCOUNT).order_by(ACCOUNT.c.account_id))
    return tuple(_stored(row).row for row in rows)


def insert_account(
    connection: Connection,
    account_id: str,
    *,
    currency: Currency,
    standing: AccountStanding,
    at_us: int,
) -> None:
    """Store a new account with an empty ledger and an empty chain."""
    connection.execute(
        insert(ACCOUNT).values(
            account_id=account_id,
            currency=currency,
            standing=standing_to_text(standing),
            last_us=at_us,
            head_hash=NO_HASH,
            base_hash=NO_HASH,
        )
    )


def update_account(
    connection: Connection, account: StoredAccount, *, found: StoredAccount | None = None
) -> None:
    """Store what may change of a locked account.

    Args:
        connection: in a transaction.
        account: as it shall be.
        found: see `changed_values`.
    """
    values = changed_values(account, found=found)
    statement = _UPDATE if "new_standing" in values else _UPDATE_REST
    statement.execute(connection, values)


def changed_values(
    account: StoredAccount, *, found: StoredAccount | None = None
) -> dict[str, object]:
    """Return what an account's row shall hold.

    Args:
        account: as it shall be.
        found: as this transaction found it; a standing that is the same object is left out,
            because it is by far the longest of the row.
    """
    row = account.row
    values: dict[str, object] = {
        "account": row.account_id,
        "new_last_us": row.last_us,
        "new_policy_hash": row.policy_hash,
        "new_ledger_revision": account.ledger_revision,
        "new_head_seq": row.head.seq,
        "new_head_hash": row.head.hash,
    }
    if found is None or found.row.standing is not row.standing:
        values["new_standing"] = standing_to_text(row.standing)
    return values


def _stored(row: Row[*tuple[object, ...]]) -> StoredAccount:
    found = row._mapping
    account_id = str(found["account_id"])
    return StoredAccount(
        row=AccountRow(
            account_id=account_id,
            currency=Currency(found["currency"]),
            standing=standing_from_text(found["standing"]),
            last_us=found["last_us"],
            policy_hash=found["policy_hash"],
            head=ChainHead(account_id=account_id, seq=found["head_seq"], hash=found["head_hash"]),
        ),
        ledger_revision=found["ledger_revision"],
    )
