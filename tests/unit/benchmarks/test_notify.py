"""The benchmark of notifications: what it says was lost or doubled was."""

from typing import Any

import pytest

from benchmarks.bench_notify import fault_figures
from benchmarks.notify_proof import prove
from benchmarks.notify_run import FULL, QUICK, Told, drafts
from benchmarks.notify_wording import wording_figures

KEYS = {7: ["7/0", "7/1", "7/2"], 8: ["8/0"]}


def a_run(*arrived: str, faults: dict[str, str] | None = None, **fields: Any) -> Told:
    messages = [{"text": f"{key} words", "fault": (faults or {}).get(key, "")} for key in arrived]
    report = {
        "messages": messages,
        "over_limit": {"total": 2},
        "requests": {"sendmessage": 9},
        "busiest": {"overall_per_s": 29, "group_per_min": 20},
    }
    values: dict[str, Any] = {
        "seconds": 2.0,
        "kills": 1,
        "ambiguous": frozenset(),
        "left": 0,
        "keys": KEYS,
    }
    return Told(report=report, **(values | fields))


def test_a_message_that_never_arrived_is_lost() -> None:
    assert prove(a_run("7/0", "8/0", "7/2")).lost == 1
    assert prove(a_run("7/0", "7/1", "8/0", "7/2")).lost == 0


def test_an_arrival_again_is_a_double_and_must_be_marked() -> None:
    told = a_run(
        "7/0",
        "7/0",
        "7/1",
        "7/1",
        "7/1",
        ambiguous=frozenset({"7/0"}),
        faults={"7/0": "drop_after"},
    )
    found = prove(told)
    assert (found.doubled, found.unmarked, found.cut_off) == (3, 1, 2)


def test_order_is_counted_by_first_arrivals_within_a_chat() -> None:
    assert prove(a_run("7/0", "8/0", "7/1", "7/0", "7/2")).out_of_order == 0
    assert prove(a_run("7/2", "7/0", "8/0", "7/1")).out_of_order == 2


def test_doubles_may_be_as_many_as_were_cut_off_and_killed() -> None:
    told = a_run("7/0", "7/0", "7/1", faults={"7/1": "server_error_after"})
    figures = {figure.name: figure for figure in fault_figures(told, prove(told), QUICK)}
    assert str(figures["notify_doubled"].target) == "<= 2"
    assert figures["notify_doubled"].is_met
    assert not figures["notify_over_limit"].is_met
    assert not figures["notify_lost"].is_met


@pytest.mark.parametrize("size", [QUICK, FULL])
def test_every_message_of_a_run_has_a_key_and_words_of_its_own(size) -> None:
    chats = drafts(size)
    every = [draft for own in chats.values() for draft in own]
    assert len(chats) == 50
    assert len({draft.key for draft in every}) == len(every) == size.messages
    assert all(str(draft.body["text"]).split()[0] == draft.key for draft in every[:50])


def test_the_full_run_is_of_ten_thousand_messages() -> None:
    assert FULL.messages == 10_000


def test_words_and_chart_are_timed() -> None:
    figures = wording_figures(rounds=1)
    assert [figure.name for figure in figures] == ["format_signal_ms", "render_chart_ms"]
    assert all(figure.value and figure.target for figure in figures)
