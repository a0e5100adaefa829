"""One budget, eight processes, and a killer: the limits hold, nothing is lost, nothing doubled."""

from pathlib import Path

from snipersight.storage.audit_log import AuditLog
from snipersight.storage.database import open_database
from tests.fakes.hammer import Hammering, hammer
from tests.fakes.hammer_proof import prove
from tests.fakes.hammer_worker import ACCOUNT

SECONDS = 8  # the benchmark's form asks for 20,000 attempts


def test_the_budget_holds_on_sqlite(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'hammered.db'}"
    _hold(url, hammer(url, tmp_path, seconds=SECONDS))


def test_the_budget_holds_on_postgresql(tmp_path: Path, postgres_url: str) -> None:
    _hold(postgres_url, hammer(postgres_url, tmp_path, seconds=SECONDS))


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
