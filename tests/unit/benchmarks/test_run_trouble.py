"""What a day among faults is held against: messages, signals and closes."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from benchmarks.run_day import BEGINS_MS
from benchmarks.run_trouble import Lived, Trouble
from benchmarks.run_trouble_proof import DayProof, _closes, _messages, _signals

MINUTE_MS = 60_000
A_DAY = Trouble(hours=2, scale=100.0)  # a bar passes in three seconds


def a_message(text: str, fault: str = "") -> dict[str, Any]:
    return {"text": text, "fault": fault, "is_users": False}


def lived(home: Path, *messages: dict[str, Any], pressed: tuple[str, ...] = ()) -> Lived:
    return Lived(trouble=A_DAY, home=home, telegram={"messages": [*messages]}, pressed=[*pressed])


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with two told signals, a decision and the end of one of them."""
    delivered = {
        "signal:main:p1|telegram:1|1": "LONG BTC",
        "signal:main:p2|telegram:1|1": "LONG ETH",
        "update:main:p1:decided:actual:7|telegram:1|1": "Decided",
        "update:main:p1:closed|telegram:1|1": "Closed",
    }
    with closing(sqlite3.connect(tmp_path / "snipersight.db")) as store:
        store.execute("CREATE TABLE queue (key, payload, topic, state)")
        rows = [(key, json.dumps({"body": {"text": text}})) for key, text in delivered.items()]
        store.executemany("INSERT INTO queue VALUES (?, ?, 'delivery', 'done')", rows)
        store.commit()
    with closing(sqlite3.connect(tmp_path / "telemetry.db")) as store:
        store.execute("CREATE TABLE scan_count (at_ms)")
        store.execute("CREATE TABLE signal (key, plan_id, is_approved, decided_ms)")
        store.execute(
            "CREATE TABLE outcome (key, kind, status, ended_ms, resolution_ms, followed_to_ms)"
        )
        store.commit()
    return tmp_path


def known(home: Path, plan_id: str, *, status: str, ended_ms: int) -> None:
    with closing(sqlite3.connect(home / "telemetry.db")) as store:
        store.execute("INSERT INTO signal VALUES (?, ?, 1, ?)", [plan_id, plan_id, BEGINS_MS])
        row = [plan_id, status, ended_ms]
        store.execute("INSERT INTO outcome VALUES (?, 'modelled', ?, ?, NULL, NULL)", row)
        store.commit()


TOLD = [a_message(text) for text in ("LONG BTC", "LONG ETH", "Decided", "Closed")]


def counted(found: Lived) -> DayProof:
    proof = DayProof()
    _messages(found, proof)
    return proof


def test_what_came_as_often_as_it_was_stored_is_neither_lost_nor_doubled(home: Path):
    assert counted(lived(home, *TOLD)).broken == {}


def test_a_second_copy_counts_unless_the_first_ones_answer_was_withheld(home: Path):
    assert counted(lived(home, *TOLD, a_message("Closed"))).broken == {"twice": 1}
    excused = [*TOLD[:3], a_message("Closed", "drop_after"), a_message("Closed")]
    assert counted(lived(home, *excused)).broken == {}
    not_excused = [*TOLD[:3], a_message("Closed", "delay"), a_message("Closed")]
    assert counted(lived(home, *not_excused)).broken == {"twice": 1}


def test_what_is_stored_as_delivered_and_never_came_is_lost(home: Path):
    assert counted(lived(home, *TOLD[1:])).broken == {"lost": 1}


def test_signals_are_told_answered_and_followed_to_their_end(home: Path):
    within_ms = BEGINS_MS + 60 * MINUTE_MS
    known(home, "p1", status="closed", ended_ms=within_ms)
    known(home, "p2", status="open", ended_ms=within_ms)
    proof = DayProof()
    _signals(lived(home, pressed=("p1",)), proof)
    assert (proof.signals, proof.broken) == (2, {})
    known(home, "p3", status="waiting", ended_ms=within_ms)
    _signals(lived(home, pressed=("p1", "p2")), proof)
    assert proof.broken == {"untold": 1, "unanswered": 1}


def test_an_end_nobody_was_told_of_counts_if_it_came_before_the_day_was_over(home: Path):
    known(home, "p2", status="missed", ended_ms=A_DAY.ends_ms + 1)
    proof = DayProof()
    _signals(lived(home), proof)
    assert proof.broken == {}
    with closing(sqlite3.connect(home / "telemetry.db")) as store:
        store.execute("UPDATE outcome SET ended_ms = ended_ms - 1")
        store.commit()
    _signals(lived(home), proof)
    assert proof.broken == {"unfinished": 1}


def test_a_close_that_nobody_looked_at_counts_but_for_a_start_or_restart(home: Path):
    bars = [0, 2, 5, *range(6, 24)]
    bars.remove(9)
    bars.remove(15)
    with closing(sqlite3.connect(home / "telemetry.db")) as store:
        looks = [(BEGINS_MS + bar * 5 * MINUTE_MS,) for bar in bars]
        store.executemany("INSERT INTO scan_count VALUES (?)", looks)
        store.commit()
    found, proof = lived(home), DayProof()
    found.restarted_ms.append(BEGINS_MS + 74 * MINUTE_MS)
    _closes(found, proof)
    # 5 and 10 minutes are within six seconds of ours after the start, 75 of the restart.
    assert proof.told == [
        "no look at the close of 2026-03-02T00:15:00Z",
        "no look at the close of 2026-03-02T00:20:00Z",
        "no look at the close of 2026-03-02T00:45:00Z",
    ]
    assert (proof.closes, proof.skipped) == (19, 3)


@pytest.mark.parametrize(
    ("restart_after_s", "has_settled"),
    # Half a second of ours is 50 of its: so long the look at a close may still be under way.
    [(-5.9, False), (0.0, False), (0.4, False), (0.6, True), (2.9, True)],
)
def test_a_close_whose_look_a_restart_cut_off_need_not_be_looked_at(
    home: Path, restart_after_s: float, has_settled: bool
):
    found = lived(home)
    close_ms = BEGINS_MS + 60 * MINUTE_MS
    found.restarted_ms = [close_ms + int(restart_after_s * 1000 * A_DAY.scale)]
    assert found.has_settled(close_ms, first_ms=BEGINS_MS) is has_settled
