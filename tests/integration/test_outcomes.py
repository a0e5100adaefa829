"""Signals of a scan, executed on paper: what the model says of them beside what orders made."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from tests.fakes.program import Program

SCANNED = "2025-07-19T00:05:00+00:00"
FOLLOWED = "2025-07-26T00:00:00+00:00"

pytestmark = pytest.mark.slow


class Desk(Program):
    """The program, and what it prints for programs."""

    def outcomes(self, moment: str, *arguments: str) -> list[dict[str, Any]]:
        told = json.loads(self.ok(moment, "outcomes", "--json", "--limit", "100", *arguments))
        found: list[dict[str, Any]] = told["outcomes"]
        return found


@pytest.fixture
def desk(tmp_path) -> Desk:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    return Desk(home)


@pytest.mark.timeout(400)  # the first command may compile the detectors
def test_modelled_and_actual_results_stand_side_by_side(desk):
    sent = desk.run(SCANNED, "scan", "--symbols", "top40", "--execute", "--mode", "paper")
    assert sent.returncode == 0, sent.stderr
    assert sent.stderr.count("Sent: SHORT") == 4
    assert desk.run(FOLLOWED, "reconcile").returncode == 0
    rows = desk.outcomes(FOLLOWED)
    assert len(rows) == len({row["plan_id"] for row in rows}) == 20
    assert {row["origin"] for row in rows} == {"practice"}
    statuses = Counter(row["modelled"]["status"] for row in rows)
    assert statuses == {"closed": 4, "invalidated": 5, "missed": 11}
    traded = {row["symbol"]: row for row in rows if row["actual"]}
    assert set(traded) == {row["symbol"] for row in rows if row["verdict"] == "approved"}
    assert_alike(traded["BNB/USDT:USDT"])
    for symbol in ("XRP/USDT:USDT", "DOGE/USDT:USDT"):
        one = traded[symbol]
        assert (one["modelled"]["status"], one["actual"]["status"]) == ("missed", "missed")
    # Structure shifted against it; its orders rested on until price touched the first target.
    ada = traded["ADA/USDT:USDT"]
    assert (ada["modelled"]["status"], ada["actual"]["status"]) == ("invalidated", "missed")
    assert ada["modelled"]["ended_at"] < ada["actual"]["ended_at"]

    assert desk.outcomes(FOLLOWED) == rows


def assert_alike(row: dict[str, Any]) -> None:
    """Hold a trade whose entries and targets were all filled to its model."""
    modelled, actual = row["modelled"], row["actual"]
    for name in ("status", "ending", "entered_at", "ended_at", "filled_fraction", "targets_hit"):
        assert actual[name] == modelled[name], name
    assert (actual["ending"], actual["targets_hit"]) == ("targets", 3)
    # The model has no lots: 4.85 and 4.84 BNB are a thousandth apart.
    for name in ("gross_r", "fees_r", "funding_r", "net_r", "mae_r", "mfe_r", "planned_r"):
        assert actual[name] == pytest.approx(modelled[name], abs=0.002), name
