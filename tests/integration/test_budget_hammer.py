"""One budget, eight processes, and a killer: the limits hold, nothing is lost, nothing doubled."""

import shutil
import sqlite3
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from snipersight.storage.audit_log import AuditLog
from snipersight.storage.database import open_database
from tests.fakes.hammer import Hammering, hammer
from tests.fakes.hammer_proof import prove
from tests.fakes.hammer_worker import ACCOUNT

SECONDS, ATTEMPTS = 5, 300  # at least; the benchmark's form asks for 20,000 attempts
# The very first item may tell of a fill instead, which no decision stands behind.
FIRST_SIGNAL = "(SELECT min(item_id) FROM queue WHERE key LIKE 'signal:%')"


@dataclass(frozen=True)
class Hammered:
    file: Path
    told: Hammering

    @property
    def url(self) -> str:
        return f"sqlite:///{self.file}"


@pytest.fixture(scope="module")
def hammered(tmp_path_factory: pytest.TempPathFactory) -> Hammered:
    folder = tmp_path_factory.mktemp("hammered")
    file = folder / "hammered.db"
    return Hammered(file, hammer(f"sqlite:///{file}", folder, seconds=SECONDS, attempts=ATTEMPTS))


def test_the_budget_holds_on_sqlite(hammered: Hammered) -> None:
    _hold(hammered.url, hammered.told)


def test_the_budget_holds_on_postgresql(tmp_path: Path, postgres_url: str) -> None:
    _hold(postgres_url, hammer(postgres_url, tmp_path, seconds=SECONDS, attempts=ATTEMPTS))


def _hold(url: str, told: Hammering) -> None:
    proof = prove(url, told)
    assert proof.problems == []
    # It was a fight: the budget was nearly spent, workers died in it, and limits refused.
    assert proof.highest_risk > proof.limit * 9 / 10
    assert proof.reservations > 10
    assert told.kills >= 5
    assert {"max_total", "max_per_asset"} <= set(told.refusals)
    with open_database(url) as database:
        report = AuditLog(database).verify(ACCOUNT)
    assert report.findings == ()
    assert report.records == proof.records


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("UPDATE audit SET body = replace(body, '0.', '1.') WHERE kind = 'reserved'", "changed"),
        ("DELETE FROM audit WHERE seq = 10", "follows 9"),
        ("UPDATE account SET head_seq = head_seq + 1", "the head is"),
        ("UPDATE ledger SET stop_price = '1'", "not what its records add up to"),
        ("DELETE FROM ledger WHERE state = 'closed'", "not what its records add up to"),
        (f"DELETE FROM queue WHERE item_id = {FIRST_SIGNAL}", "1 messages are lost"),
        (f"UPDATE queue SET key = 'signal:of-nothing' WHERE item_id = {FIRST_SIGNAL}", "1 extra"),
    ],
)
def test_the_proof_sees_a_store_that_was_tampered_with(
    hammered: Hammered, tmp_path: Path, statement: str, problem: str
) -> None:
    copy = Hammered(Path(shutil.copy(hammered.file, tmp_path)), hammered.told)
    with sqlite3.connect(copy.file) as raw:
        raw.execute(statement)
    raw.close()
    assert problem in " ".join(prove(copy.url, copy.told).problems)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("held entry-1 plan-1", "entry-1 was told and is lost"),
        ("released entry-1", "entry-1 was released and still counts"),
        ("filled entry-1", "entry-1 was filled and is not"),
        ("failed 3 ValueError('a bug')", "worker 3 failed: ValueError"),
    ],
)
def test_the_proof_believes_what_workers_were_told(
    hammered: Hammered, tmp_path: Path, line: str, problem: str
) -> None:
    journal = tmp_path / "9.journal"
    journal.write_text(f"{line}\n")
    told = replace(hammered.told, journals=(*hammered.told.journals, journal))
    assert any(problem in each for each in prove(hammered.url, told).problems)
