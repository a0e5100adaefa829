"""Whatever is changed in a small chain is found, and found where it is."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from snipersight.risk.audit.chain import record_hash
from snipersight.risk.audit.findings import Finding, FindingKind
from snipersight.storage.audit_log import AuditLog
from snipersight.storage.checkpoints import checkpoint
from snipersight.storage.head_file import HeadFile
from snipersight.storage.signing import load_signer
from tests.builders.audit_chains import ACCOUNT, AT_US, StoredChain, edit, sqlite_url

LENGTH = 4
RECORD_COLUMNS = (
    *("account_id", "seq", "at_us", "kind", "subject", "actor", "body", "prev_hash", "hash"),
)
SIGNED_COLUMNS = ("account_id", "seq", "hash", "at_us", "key_id", "signature")
ROW_COLUMNS = ("base_seq", "base_hash", "head_seq", "head_hash")


@pytest.fixture
def chain(tmp_path):
    """Return the file of four records with a checkpoint of the last, its log and its key."""
    path = tmp_path / "audit.db"
    stored = StoredChain(sqlite_url(path)).grow(LENGTH)
    signer = load_signer(tmp_path / "audit.key")
    head = HeadFile(path=tmp_path / "head.json", place="here")
    checkpoint(stored.database, ACCOUNT, signer=signer, head_file=head, at_us=AT_US)
    yield path, AuditLog(stored.database), signer.key_id
    stored.database.close()


def _findings(log: AuditLog, key: str) -> tuple[Finding, ...]:
    return log.verify(ACCOUNT, trusted=(key,)).findings


def _kinds(findings: tuple[Finding, ...]) -> list[tuple[FindingKind, int, int]]:
    return [(finding.kind, finding.first_seq, finding.last_seq) for finding in findings]


def _flips(value: int | str) -> Iterator[int | bytes]:
    """Yield every value that differs in one bit from a stored one."""
    if isinstance(value, int):
        for bit in range(64):
            flipped = value ^ (1 << bit)
            yield flipped - 2**64 if flipped >= 2**63 else flipped
        return
    held = value.encode()
    for place in range(len(held)):
        for bit in range(8):
            yield held[:place] + bytes([held[place] ^ (1 << bit)]) + held[place + 1 :]


def _flipped(
    path: Path, table: str, columns: tuple[str, ...], where: str
) -> Iterator[tuple[str, int | bytes]]:
    """Make every flip of the columns of a row in turn; yield the column after each, then undo it."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        rowid, *held = connection.execute(
            f"SELECT rowid, {', '.join(columns)} FROM {table} WHERE {where}"
        ).fetchone()
        for column, value in zip(columns, held, strict=True):
            put = "CAST(? AS TEXT)" if isinstance(value, str) else "?"
            change = f"UPDATE {table} SET {column} = {put} WHERE rowid = ?"
            for other in _flips(value):
                try:
                    connection.execute(change, (other, rowid))
                except sqlite3.IntegrityError:
                    continue  # such a record cannot be stored
                yield column, other
            connection.execute(change, (value, rowid))


@pytest.mark.parametrize("seq", range(1, LENGTH + 1))
def test_every_flipped_bit_of_a_record_is_found_at_its_record(chain, seq):
    path, log, key = chain
    count = 0
    for column, value in _flipped(path, "audit", RECORD_COLUMNS, f"seq = {seq}"):
        findings = _findings(log, key)
        told = any(finding.first_seq <= seq <= finding.last_seq for finding in findings)
        assert told, (column, value, findings)
        assert column != "account_id" or log.strays(), value
        count += 1
    assert count > 1400
    assert _findings(log, key) == ()


def test_every_flipped_bit_of_a_checkpoint_is_found(chain):
    path, log, key = chain
    for column, value in _flipped(path, "audit_checkpoint", SIGNED_COLUMNS, "seq = 4"):
        if column == "account_id":
            assert log.strays(), value
        else:
            kinds = {finding.kind for finding in _findings(log, key)}
            assert kinds == {FindingKind.SIGNATURE}, (column, value)


def test_every_flipped_bit_of_where_the_chain_begins_and_ends_is_found(chain):
    path, log, key = chain
    for column, value in _flipped(path, "account", ROW_COLUMNS, "account_id = 'main'"):
        assert _findings(log, key), (column, value)


@pytest.mark.parametrize("seq", range(1, LENGTH + 1))
def test_a_deleted_record_is_missing(chain, seq):
    path, log, key = chain
    edit(path, f"DELETE FROM audit WHERE seq = {seq}")
    kind = FindingKind.TRUNCATED if seq == LENGTH else FindingKind.MISSING
    assert _kinds(_findings(log, key)) == [(kind, seq, seq)]


def _shift(path: Path, seq: int, by: int) -> None:
    """Give every record from `seq` on another number."""
    far = f"UPDATE audit SET seq = seq + {1000 + by} WHERE seq >= {seq}"
    near = "UPDATE audit SET seq = seq - 1000 WHERE seq >= 1000"
    edit(path, far, near, f"UPDATE account SET head_seq = head_seq + {by}")


@pytest.mark.parametrize("seq", range(1, LENGTH))
def test_a_deletion_that_was_closed_up_is_found_where_it_was(chain, seq):
    path, log, key = chain
    edit(path, f"DELETE FROM audit WHERE seq = {seq}")
    _shift(path, seq, -1)
    found = _kinds(_findings(log, key))
    assert (FindingKind.MOVED, seq, LENGTH - 1) in found


@pytest.mark.parametrize("seq", range(1, LENGTH))
def test_two_neighbours_that_changed_places_are_both_found(chain, seq):
    path, log, key = chain
    edit(
        path,
        f"UPDATE audit SET seq = 1000 WHERE seq = {seq}",
        f"UPDATE audit SET seq = {seq} WHERE seq = {seq + 1}",
        f"UPDATE audit SET seq = {seq + 1} WHERE seq = 1000",
    )
    found = set(_kinds(_findings(log, key)))
    moved = {(FindingKind.MOVED, seq, seq), (FindingKind.MOVED, seq + 1, seq + 1)}
    assert moved <= found
    assert {kind for kind, *_ in found - moved} <= {FindingKind.REWRITTEN, FindingKind.HEAD}


def _inserted(path: Path, seq: int, *, sealed: bool) -> None:
    """Put a made-up record at a place, well sealed or not."""
    with closing(sqlite3.connect(path)) as connection:
        before = connection.execute("SELECT hash FROM audit WHERE seq = ?", (seq - 1,)).fetchone()
    fields: dict[str, Any] = {
        "account_id": ACCOUNT,
        "seq": seq,
        "at_us": AT_US,
        "kind": "operator",
        "subject": "",
        "actor": "cli",
        "body": "{}",
        "prev_hash": before[0] if before else "0" * 64,
    }
    hash_ = record_hash(**fields) if sealed else "a" * 64
    values = (*fields.values(), hash_)
    edit(path, (f"INSERT INTO audit VALUES ({', '.join('?' * len(values))})", values))


@pytest.mark.parametrize("sealed", [True, False])
@pytest.mark.parametrize("seq", range(1, LENGTH + 1))
def test_an_insertion_is_found_where_it_is(chain, seq, sealed):
    path, log, key = chain
    _shift(path, seq, 1)
    _inserted(path, seq, sealed=sealed)
    found = _kinds(_findings(log, key))
    assert (FindingKind.MOVED, seq + 1, LENGTH + 1) in found
    assert ((FindingKind.CHANGED, seq, seq) in found) is not sealed


@pytest.mark.parametrize("seq", [0, -5, LENGTH + 1, LENGTH + 3])
def test_a_record_outside_of_the_chain_is_found(chain, seq):
    path, log, key = chain
    _inserted(path, seq, sealed=True)
    found = _kinds(_findings(log, key))
    assert (FindingKind.INSERTED, min(seq, LENGTH + 1) if seq > 0 else seq, seq) in found


@pytest.mark.parametrize("seq", range(1, LENGTH))
def test_one_record_sealed_anew_does_not_fit_the_next(chain, seq):
    path, log, key = chain
    edit(path, f"DELETE FROM audit WHERE seq = {seq}")
    _inserted(path, seq, sealed=True)
    assert _kinds(_findings(log, key)) == [(FindingKind.UNLINKED, seq, seq + 1)]


def test_a_number_that_is_none_is_told(chain):
    path, log, key = chain
    edit(path, "UPDATE audit SET seq = 'two' WHERE seq = 2")
    found = _kinds(_findings(log, key))
    assert (FindingKind.DAMAGED, 0, 0) in found
    assert (FindingKind.MISSING, 2, 2) in found
