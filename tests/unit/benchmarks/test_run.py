"""What the figures of a running bot are computed from: messages, lines of the log, samples."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from benchmarks.run_bot import Pace, Sample
from benchmarks.run_day import Day, DayTold, day_figures
from benchmarks.run_presses import approve_of, keen_profile
from snipersight.domain.profile import parse_profile

BEGAN_S = 1_000_000.0
BEGINS_MS = 1_772_409_600_000
SCALE = 360.0
HOUR_S = 10.0  # of the bot's time, in ours


def real(hour: float) -> float:
    return BEGAN_S + hour * HOUR_S


def message(hour: float, late_s: float, text: str) -> dict[str, Any]:
    return {"at_ms": round((real(hour) + late_s) * 1000), "text": f"{text} | Score: 50"}


def verdict(hour: int, late_s: float) -> dict[str, Any]:
    at = datetime.fromtimestamp(real(hour) + late_s, UTC).isoformat(timespec="milliseconds")
    return {
        "message": "judging",
        "context_id": f"scan_20260302_{hour:02}0000_abcdef",
        "timestamp": at.replace("+00:00", "Z"),
    }


def told(**changes: Any) -> DayTold:
    lines = [
        "Running aggressive on top100",
        "2026-03-02 00:00  LONG BTC/USDT at 1, stop 0.9, score 50",
        "2026-03-02 02:00  LONG BTC/USDT at 1, stop 0.9, score 50; SHORT ETH/USDT:USDT at 3, stop 4",
        "2026-03-02 03:00  LONG SOL/USDT at 5, stop 4, score 1; 2 earlier plans still waiting",
    ]
    values: dict[str, Any] = {
        "day": Day(hours=4, scale=SCALE),
        "pace": Pace(real_s=BEGAN_S, shown_us=BEGINS_MS * 1000, scale=SCALE),
        "samples": [
            Sample(at_s=real(hour / 10), resident=100_000_000 + hour * 100_000, handles=40)
            for hour in range(41)
        ],
        "lines": lines,
        # The last one is of a close after the end of the day.
        "stages": [verdict(2, 0.2), verdict(2, 0.9), verdict(3, 0.4), verdict(5, 0.1)],
        "messages": [
            message(0, 5.0, "LONG BTC/USDT"),
            message(2, 0.3, "LONG BTC/USDT"),
            message(2, 2.3, "SHORT ETH/USDT:USDT"),
            message(3, 0.4, "LONG SOL/USDT"),
        ],
    }
    return DayTold(**(values | changes))


def figures(found: DayTold) -> Mapping[str, float | None]:
    return {figure.name: figure.value for figure in day_figures(found)}


def test_a_close_is_told_when_its_first_signal_has_come_and_the_first_hour_does_not_count():
    assert told().until_told_s() == pytest.approx([0.3, 0.4], abs=0.002)
    assert told().until_all_told_s() == pytest.approx([0.3, 2.3, 0.4], abs=0.002)
    assert figures(told())["close_to_notification_p95"] == pytest.approx(400, abs=2)
    assert figures(told())["signal_to_notification_p95"] == pytest.approx(2300, abs=2)


def test_a_close_does_not_count_while_the_chat_is_told_of_an_earlier_one():
    of_a_close, of_the_next = (
        message(2, 9.5, "SHORT ETH/USDT:USDT"),
        message(3, 0.6, "LONG SOL/USDT"),
    )
    found = told(messages=[message(2, 0.3, "LONG BTC/USDT"), of_a_close, of_the_next])
    assert found.until_told_s() == pytest.approx([0.3], abs=0.002)
    assert found.closes_behind() == 1
    note = next(one.note for one in day_figures(found) if one.name == "close_to_notification_p95")
    assert "1 more while the chat was told of an earlier one" in note
    assert told().closes_behind() == 0


def test_a_signal_that_never_came_is_no_fast_one():
    lost = told(messages=[message(0, 5.0, "LONG BTC/USDT"), message(3, 0.4, "LONG SOL/USDT")])
    assert lost.until_told_s() == pytest.approx([0.4], abs=0.002)
    assert lost.untold() == 2
    assert figures(lost)["signals_untold"] == 2


def test_verdicts_count_from_the_first_look_at_a_close_and_missing_looks_are_told():
    assert told().until_judged_s() == pytest.approx([0.2, 0.4], abs=0.002)
    assert told().closes() == (2, 12)
    assert figures(told())["closes_without_a_look"] == 10


def test_growth_is_told_from_the_end_of_the_first_hour():
    found = figures(told())
    assert found["memory_growth"] == pytest.approx(2.97, abs=0.01)
    assert found["handles_growth"] == 0


def test_without_anything_new_nothing_is_measured():
    assert figures(told(lines=[], messages=[]))["close_to_notification_p95"] is None


def test_the_button_is_found_and_the_profile_is_one():
    rows = [[{"text": "✅ Approve", "callback_data": "a:1:2"}, {"text": "✖️ Reject"}]]
    assert approve_of({"keyboard": rows}) == "a:1:2"
    assert approve_of({"keyboard": None}) is None
    import tomllib

    assert parse_profile(tomllib.loads(keen_profile()), where="tests").name == "desk"
