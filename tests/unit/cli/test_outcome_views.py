"""Signals and their ends as a person and a program read them."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from rich.console import Console

from snipersight.bootstrap.evidence.listing import OutcomeRow, newest_outcomes
from snipersight.cli.outcome_views import outcome_json, print_outcomes
from snipersight.domain.evidence import Ending, Kind, Origin, OutcomeStatus
from tests.builders.evidence import a_refusal, a_scan, a_signal, an_outcome
from tests.fakes.memory_evidence import MemoryEvidence

CLOSED: dict[str, Any] = {
    "status": OutcomeStatus.CLOSED,
    "ending": Ending.BREAK_EVEN,
    "net_r": 1.046,
}


def printed(*rows: OutcomeRow, width: int) -> str:
    stream = io.StringIO()
    print_outcomes(rows, Console(file=stream, width=width, highlight=False))
    return stream.getvalue()


def a_row(**actual: Any) -> OutcomeRow:
    return OutcomeRow(
        signal=a_signal(),
        modelled=an_outcome(**CLOSED),
        actual=an_outcome(kind=Kind.ACTUAL, **actual) if actual else None,
    )


@pytest.mark.parametrize("width", [60, 160])
def test_model_and_trade_stand_side_by_side(width):
    text = printed(a_row(status=OutcomeStatus.CLOSED, net_r=-0.5), width=width)
    for word in ("BTC/USDT:USDT", "approved", "closed (break even)", "+1.05", "-0.50"):
        assert word in text
    assert max(map(len, text.splitlines())) <= width


def test_a_result_is_shown_of_what_was_entered_only():
    missed = OutcomeRow(
        signal=a_signal(), modelled=an_outcome(status=OutcomeStatus.MISSED), actual=None
    )
    text = printed(missed, width=160)
    assert "missed" in text
    assert "+0.00" not in text


def test_what_nobody_has_followed_yet_is_waiting():
    assert "waiting" in printed(
        OutcomeRow(signal=a_refusal(), modelled=None, actual=None), width=160
    )


def test_a_program_reads_the_same_as_json():
    row = outcome_json(a_row(status=OutcomeStatus.OPEN, entered_ms=1_700_000_000_000))
    assert json.loads(json.dumps(row)) == row
    assert (row["modelled"]["net_r"], row["modelled"]["ending"]) == (1.046, "break_even")
    assert row["actual"]["entered_at"] == "2023-11-14T22:13:20Z"
    assert row["actual"]["ended_at"] is None


def some_evidence() -> MemoryEvidence:
    evidence = MemoryEvidence()
    signals = [
        a_signal(1),
        a_refusal(2),
        a_signal(3, origin=Origin.REPLAY, account_id="replay"),
        a_signal(4, profile="swing"),
    ]
    evidence.record(a_scan(), signals)
    evidence.save_outcomes([an_outcome(1, **CLOSED)])
    return evidence


@pytest.mark.parametrize(
    ("asked", "plans"),
    [
        ({}, ["plan-4", "plan-3", "plan-2", "plan-1"]),
        ({"limit": 2}, ["plan-4", "plan-3"]),
        ({"origin": Origin.REPLAY}, ["plan-3"]),
        ({"profile": "swing"}, ["plan-4"]),
        ({"status": OutcomeStatus.CLOSED}, ["plan-1"]),
        ({"status": OutcomeStatus.WAITING, "limit": 1}, ["plan-4"]),
    ],
)
def test_the_newest_signals_come_first(asked, plans):
    rows = newest_outcomes(some_evidence(), **({"limit": 20} | asked))
    assert [row.signal.plan_id for row in rows] == plans
