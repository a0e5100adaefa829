"""Reads the audit table as it is stored, in bytes: a damaged value is told, not stumbled over."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from sqlalchemy import ColumnElement, Connection, literal_column, select, text

from snipersight.domain.audit import AuditRecord, ChainHead
from snipersight.domain.errors import StateUnavailable
from snipersight.risk.audit.findings import Checkpoint
from snipersight.risk.audit.query import AuditQuery, damaged_record
from snipersight.risk.audit.verify import StoredRecord
from snipersight.storage.schema import AUDIT

PAGE: Final = 500  # records of about 4 kB: 2 MB at a time
_SQLITE_PAGE: Final = 100  # no round trip: smaller pages stay in the processor's cache
_NEVER: Final = 2**63 - 1
_LAST: Final = "\U0010ffff"  # sorts behind whatever follows a prefix
_BY_SUBJECT: Final = "INDEXED BY ix_audit_subject"
_TEXTS: Final = ("at_us", "kind", "subject", "actor", "body", "prev_hash", "hash")
_SIGNED: Final = ("hash", "at_us", "key_id", "signature")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainEnds:
    """Where a chain begins and ends by the account's own row."""

    base: ChainHead
    head: ChainHead


def account_names(connection: Connection) -> tuple[str, ...]:
    """Return the names of all accounts, sorted."""
    rows = connection.execute(text("SELECT account_id FROM account ORDER BY account_id"))
    return tuple(row[0] for row in rows)


def chain_ends(connection: Connection, account_id: str) -> ChainEnds:
    """Return where the chain of an account begins and ends.

    Raises:
        StateUnavailable: there is no such account, or its row is damaged.
    """
    names = _columns(connection, ("base_seq", "base_hash", "head_seq", "head_hash"))
    row = connection.execute(
        text(f"SELECT {names} FROM account WHERE account_id = :account"),  # noqa: S608 - no input
        {"account": account_id},
    ).fetchone()
    if row is None:
        raise StateUnavailable(
            f"there is no account {account_id!r}",
            next_step="a scan creates it; see `snipersight risk status`",
        )
    base_seq, base_hash, head_seq, head_hash = (_decoded(value) for value in row)
    try:
        return ChainEnds(
            base=ChainHead(account_id=account_id, seq=int(base_seq), hash=base_hash),
            head=ChainHead(account_id=account_id, seq=int(head_seq), hash=head_hash),
        )
    except ValueError as error:
        raise StateUnavailable(
            f"the row of account {account_id!r} is damaged",
            next_step="run `snipersight db check` and restore a backup",
        ) from error


def chain_pages(
    connection: Connection, account_id: str, *, after_seq: int
) -> Iterator[Sequence[StoredRecord]]:
    """Yield the records behind `after_seq`, in order, some hundred at a time.

    A record whose sequence number is no number is left out; `damaged` counts these.
    """
    is_sqlite = connection.dialect.name == "sqlite"
    read, most = (_sqlite_page, _SQLITE_PAGE) if is_sqlite else (_postgres_page, PAGE)
    while True:
        page = read(connection, account_id, after_seq)
        if page:
            yield page
        if len(page) < most:
            return
        after_seq = page[-1][0]


def _sqlite_page(connection: Connection, account_id: str, after_seq: int) -> Sequence[StoredRecord]:
    statement = text(
        f"SELECT seq, {_columns(connection, _TEXTS)} FROM audit "  # noqa: S608 - no input
        "WHERE account_id = :account AND seq > :after AND typeof(seq) = 'integer' "
        "ORDER BY seq LIMIT :page"
    )
    values = {"account": account_id, "after": after_seq, "page": _SQLITE_PAGE}
    return cast("Sequence[StoredRecord]", connection.execute(statement, values).fetchall())


def _postgres_page(
    connection: Connection, account_id: str, after_seq: int
) -> Sequence[StoredRecord]:
    """Read a page as bytes: COPY is the only way that converts nothing, and the quickest."""
    driver: Any = connection.connection.driver_connection
    statement = (
        f"COPY (SELECT seq, {_columns(connection, _TEXTS)} FROM audit "  # noqa: S608 - no input
        "WHERE account_id = %s AND seq > %s ORDER BY seq LIMIT %s) TO STDOUT (FORMAT BINARY)"
    )
    with driver.cursor() as cursor, cursor.copy(statement, (account_id, after_seq, PAGE)) as copy:
        copy.set_types(["int8", *("bytea" for _ in _TEXTS)])
        return list(copy.rows())


def checkpoints(connection: Connection, account_id: str, *, from_seq: int) -> Iterator[Checkpoint]:
    """Yield the checkpoints of the records from `from_seq` on, in order."""
    statement = text(
        f"SELECT seq, {_columns(connection, _SIGNED)} FROM audit_checkpoint "  # noqa: S608 - no input
        f"WHERE account_id = :account AND seq >= :from{_whole(connection)} ORDER BY seq LIMIT :page"
    )
    values = {"account": account_id, "page": PAGE}
    while True:
        rows = connection.execute(statement, values | {"from": from_seq}).fetchall()
        yield from (_checkpoint(row) for row in rows)
        if len(rows) < PAGE:
            return
        from_seq = rows[-1][0] + 1


def newest_checkpoints(connection: Connection, account_id: str) -> Iterator[Checkpoint]:
    """Yield the checkpoints of an account, newest first."""
    statement = text(
        f"SELECT seq, {_columns(connection, _SIGNED)} FROM audit_checkpoint "  # noqa: S608 - no input
        f"WHERE account_id = :account AND seq < :before{_whole(connection)} "
        "ORDER BY seq DESC LIMIT :page"
    )
    values = {"account": account_id, "page": PAGE}
    before = _NEVER
    while True:
        rows = connection.execute(statement, values | {"before": before}).fetchall()
        yield from (_checkpoint(row) for row in rows)
        if len(rows) < PAGE:
            return
        before = rows[-1][0]


def select_records(
    connection: Connection,
    account_id: str,
    query: AuditQuery,
    *,
    edge: int | None,
    newest: bool,
    limit: int | None = None,
    last: int | None = None,
) -> list[AuditRecord]:
    """Return the next records that may match, some hundred at most; the caller asks `query` again.

    Args:
        query: what is wanted; symbol, verdict and actor only narrow the search here.
        edge: the last sequence number that was returned before; None at the beginning.
        newest: newest first.
        limit: at most so many; a page if not given.
        last: none of a later sequence number; None: to the end.

    Raises:
        StateUnavailable: a record is damaged.
    """
    conditions = [AUDIT.c.account_id == account_id, *_conditions(query)]
    if edge is not None:
        conditions.append(AUDIT.c.seq < edge if newest else AUDIT.c.seq > edge)
    if last is not None:
        conditions.append(AUDIT.c.seq <= last)
    statement = (
        select(AUDIT.c.seq, literal_column(_columns(connection, _TEXTS)))
        .where(*conditions)
        .order_by(AUDIT.c.seq.desc() if newest else AUDIT.c.seq)
        .limit(limit or PAGE)
    )
    if query.subject:
        # SQLite looks a prefix up in no index by itself, and would read every record instead.
        begins = (AUDIT.c.subject >= query.subject) & (AUDIT.c.subject < query.subject + _LAST)
        if connection.dialect.name == "sqlite":
            statement = statement.where(begins).with_hint(AUDIT, _BY_SUBJECT, "sqlite")
    return [_record(account_id, row) for row in connection.execute(statement)]


def _conditions(query: AuditQuery) -> Iterator[ColumnElement[bool]]:
    if query.kinds:
        yield AUDIT.c.kind.in_(query.kinds)
    if query.subject is not None:
        yield AUDIT.c.subject.startswith(query.subject, autoescape=True)
    if query.actor is not None and query.actor.isascii():
        yield AUDIT.c.actor.istartswith(query.actor, autoescape=True)
    if query.since_us is not None:
        yield AUDIT.c.at_us >= query.since_us
    if query.until_us is not None:
        yield AUDIT.c.at_us < query.until_us
    # Canonical JSON has one spelling, and inside its texts quotes are escaped. What a database
    # takes for the small letter of one outside ASCII is its own: those are not narrowed by.
    if query.verdict is not None:
        yield AUDIT.c.body.contains(f'"verdict":{json.dumps(query.verdict)}', autoescape=True)
    if query.symbol is not None and query.symbol.isascii():
        beginning = json.dumps(query.symbol).removesuffix('"')
        yield AUDIT.c.body.icontains(f'"symbol":{beginning}', autoescape=True)


def damaged(connection: Connection, account_id: str) -> int:
    """Return how many records and checkpoints have no number where one belongs."""
    if connection.dialect.name != "sqlite":
        return 0  # PostgreSQL holds every column to its type
    return sum(
        connection.execute(
            text(
                f"SELECT count(*) FROM {table} "  # noqa: S608 - no input
                "WHERE account_id = :account AND typeof(seq) <> 'integer'"
            ),
            {"account": account_id},
        ).scalar_one()
        for table in ("audit", "audit_checkpoint")
    )


def strays(connection: Connection) -> tuple[str, ...]:
    """Return the account names of records and checkpoints that belong to no account."""
    name = _columns(connection, ("account_id",))
    rows = connection.execute(
        text(
            " UNION ".join(
                f"SELECT DISTINCT {name} FROM {table} "  # noqa: S608 - names only
                "WHERE account_id NOT IN (SELECT account_id FROM account)"
                for table in ("audit", "audit_checkpoint")
            )
        )
    )
    return tuple(sorted(_decoded(row[0]) for row in rows))


def _columns(connection: Connection, names: Sequence[str]) -> str:
    """Return columns as SQL: bytes on SQLite, which stores whatever it is given, else text."""
    kind = "BLOB" if connection.dialect.name == "sqlite" else "TEXT"
    return ", ".join(f"CAST({name} AS {kind})" for name in names)


def _whole(connection: Connection) -> str:
    return " AND typeof(seq) = 'integer'" if connection.dialect.name == "sqlite" else ""


def _decoded(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _record(account_id: str, row: Sequence[object]) -> AuditRecord:
    seq, *values = row
    try:
        at_us, kind, subject, actor, body, prev_hash, hash_ = (
            value.decode() if isinstance(value, bytes) else str(value) for value in values
        )
        return AuditRecord(
            account_id=account_id,
            seq=cast("int", seq),
            at_us=int(at_us),
            kind=kind,
            subject=subject,
            actor=actor,
            body=body,
            prev_hash=prev_hash,
            hash=hash_,
        )
    except ValueError as error:
        raise damaged_record(cast("int", seq)) from error


def _checkpoint(row: Sequence[object]) -> Checkpoint:
    seq, *values = row
    hash_, at_us, key_id, signature = (
        value if isinstance(value, bytes) else str(value).encode() for value in values
    )
    return Checkpoint(
        seq=cast("int", seq), hash=hash_, at_us=at_us, key_id=key_id, signature=signature
    )
