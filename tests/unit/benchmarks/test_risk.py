"""The benchmark of the risk gate: what is measured is what its figures say."""

import sqlite3
from pathlib import Path

import pytest

from benchmarks.risk_audit import audit_figures
from benchmarks.risk_chains import ACCOUNT, entry_body, write_chain
from benchmarks.risk_desk import POSITIONS, RESERVATIONS, a_desk
from benchmarks.risk_durable import Timed, commit_figure, measure
from benchmarks.risk_gate import gate_figures, passing_desk
from snipersight.domain.direction import Direction
from snipersight.domain.ledger import EntryState
from snipersight.risk.audit.findings import FindingKind
from snipersight.risk.exposure.book import ExposureBook
from snipersight.risk.gate import judge
from snipersight.storage.audit_log import AuditLog
from snipersight.storage.database import open_database


def test_the_desk_holds_what_the_figure_names() -> None:
    states = [entry.state for entry in a_desk().entries]
    assert states.count(EntryState.OPEN) == POSITIONS == 50
    assert states.count(EntryState.RESERVED) == RESERVATIONS == 20


def test_every_plan_of_the_desk_passes_every_check_in_both_directions() -> None:
    desk = passing_desk()
    assert {plan.direction for plan in desk.plans} == set(Direction)
    views = [desk.inputs(plan, ExposureBook.of(desk.entries)).view for plan in desk.plans]
    assert min(len(view.cluster.members) for view in views) > 1
    assert max(len(view.holdings) for view in views) > 1


def test_a_desk_that_refuses_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.risk_gate.a_desk", lambda: a_desk(max_positions=1))
    with pytest.raises(RuntimeError, match="max_positions"):
        passing_desk()


def test_a_full_desk_refuses_for_the_positions_alone() -> None:
    desk = a_desk(max_positions=POSITIONS + RESERVATIONS)
    book = ExposureBook.of(desk.entries)
    decisions = [judge(plan, desk.inputs(plan, book), desk.policy) for plan in desk.plans]
    failed = {check.code for one in decisions for check in one.checks if not check.passed}
    assert failed == {"max_positions"}


def test_a_missing_peer_is_told_and_ours_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SNIPERSIGHT_PEERS_PYTHON", raising=False)
    monkeypatch.setenv("SNIPERSIGHT_PEERS_MISSING", "the package index cannot be reached")
    monkeypatch.setattr("benchmarks.risk_gate.TURN_S", 0.001)
    figures = {figure.name: figure for figure in gate_figures(tmp_path, rounds=1)}
    assert figures["gate_decisions"].value
    peer = figures["nautilus_trader_orders"]
    assert peer.value is None
    assert "index cannot be reached" in peer.note


def test_a_durable_decision_commits_once_and_is_timed_beside_a_bare_commit(tmp_path: Path) -> None:
    bare: list[int] = []
    timed = measure(f"sqlite:///{tmp_path / 'd.db'}", lambda: bare.append(1), decisions=3)
    assert timed.commits == [1, 1, 1]
    assert len(timed.decisions) == len(timed.bare) == 3
    assert min(timed.decisions) > 0
    assert len(bare) >= 3


def test_the_cost_of_a_decision_is_told_above_the_bare_commit() -> None:
    timed = Timed(decisions=[0.004, 0.002, 0.003], bare=[0.001, 0.001, 0.002], cpu=[0.001, 0.002])
    assert timed.above_bare_ms == pytest.approx(2)
    assert "medians 3.00 (CPU 1.50) and 1.00 ms" in timed.note


@pytest.mark.parametrize(("commits", "share"), [([1, 1], 1), ([1, 2], 0.5), ([1, 0], 0.5)])
def test_a_decision_of_two_commits_or_none_is_no_decision_of_one(
    commits: list[int], share: float
) -> None:
    figure = commit_figure("sqlite", Timed(commits=commits))
    assert figure.value == share
    assert figure.is_met is (share == 1)


def test_the_chain_that_is_timed_is_a_sound_one(tmp_path: Path) -> None:
    path = tmp_path / "chain.db"
    url = write_chain(path, kind="filled", body=entry_body(), records=5)
    with open_database(url) as database:
        report = AuditLog(database).verify(ACCOUNT)
    assert (report.records, report.findings) == (5, ())
    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE audit SET at_us = at_us + 1 WHERE seq = 3")
    raw.close()
    with open_database(url) as database:
        findings = AuditLog(database).verify(ACCOUNT).findings
    assert [(one.kind, one.first_seq) for one in findings] == [(FindingKind.CHANGED, 3)]


def test_verifying_is_timed_in_a_process_whose_memory_is_measured(tmp_path: Path) -> None:
    figures = audit_figures(tmp_path, lengths=(200, 20), rounds=1)
    assert [figure.name for figure in figures] == [
        "audit_verify",
        "audit_verify_decisions",
        "audit_verify_peak_memory",
    ]
    assert all(figure.value for figure in figures)
    assert figures[2].is_met
