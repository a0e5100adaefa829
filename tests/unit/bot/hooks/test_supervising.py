"""Plug-ins that misbehave: whatever one does stays in its own process, and is reported once."""

import json
import os
import time
from pathlib import Path

import pytest

from snipersight.bot.hooks.states import HookStatus, TroubleKind
from tests.fakes.hook_plugins import Watched, an_event

FINISHED = an_event("scan_finished", data={"plans": 2})


def is_ready(state):
    return state.status is HookStatus.READY


def has_died(state):
    return state.restarts == 1 and state.status is HookStatus.READY


def the_trouble(plugin: Watched, kind: TroubleKind) -> str:
    (trouble,) = plugin.reported
    assert trouble.kind is kind
    return trouble.sentence


def test_a_plugin_is_told_what_it_wants_in_order_and_nothing_else(start):
    plugin = start("good")
    plugin.tell(an_event("before_stage", stage="reading"), an_event("after_stage"), FINISHED)
    plugin.until(lambda state: state.done == 2)
    assert plugin.told() == "before reading\nscan_1 5 {'plans': 2}\n"
    assert plugin.state().events == ("before_stage", "scan_finished")
    assert plugin.reported == []


def test_what_it_raises_is_reported_once_a_kind_and_the_next_event_reaches_it(start):
    plugin = start("raising")
    keys = [an_event(data={"key": key}) for key in ("price", "stop")]
    plugin.tell(*keys, an_event("plan_refused"), FINISHED)
    state = plugin.until(lambda state: state.done == 4)
    assert (state.raised, state.restarts, state.status) == (3, 0, HookStatus.READY)
    raised, left = (trouble.sentence for trouble in plugin.reported)
    assert raised.startswith("raised at plan_approved: KeyError: 'price' (bad_hooks.py, line ")
    assert left.startswith("raised at plan_refused: SystemExit: enough")
    assert "KeyError: 'stop'" in (plugin.folder / "output.log").read_text()
    assert plugin.told().startswith("scan_1")


def test_one_that_hangs_is_ended_in_time_started_over_and_says_where_it_was(start):
    plugin = start("hanging", timeout_s=1.0)
    plugin.until(is_ready)
    began_s = time.monotonic()
    plugin.tell(an_event(), FINISHED)
    plugin.until(has_died)
    assert time.monotonic() - began_s < 5
    plugin.until(lambda state: state.done == 1)
    assert "did not come back within 1 s at plan_approved" in the_trouble(plugin, TroubleKind.HUNG)
    assert "in asleep" in (plugin.folder / "output.log").read_text()
    assert plugin.state().lost == 1


def test_one_that_cannot_even_end_itself_is_ended(start):
    plugin = start("stubborn", timeout_s=0.5)
    plugin.tell(an_event(), FINISHED)
    plugin.until(lambda state: state.done == 1)
    assert "did not come back" in the_trouble(plugin, TroubleKind.HUNG)


def test_one_that_takes_ever_more_memory_is_ended_at_its_limit(start):
    plugin = start("leaking", memory_mb=128)
    plugin.tell(an_event(), FINISHED)
    plugin.until(lambda state: state.done == 1)
    sentence = the_trouble(plugin, TroubleKind.LIMIT)
    assert sentence == "took more memory than it may at plan_approved"


def test_one_that_leaves_files_open_runs_out_of_them_alone_and_starts_with_none(start):
    plugin = start("files")
    plugin.tell(an_event(), FINISHED)
    plugin.until(lambda state: state.done == 1)
    sentence = the_trouble(plugin, TroubleKind.LIMIT)
    assert sentence == "left too many files open at plan_approved"


@pytest.mark.parametrize(
    ("event", "words"),
    [
        ("plan_approved", "ended by itself with exit code 7 at plan_approved"),
        ("plan_refused", "ended by SIGABRT at plan_refused"),
    ],
)
def test_one_whose_process_ends_is_started_over(start, event, words):
    plugin = start("leaving")
    plugin.tell(an_event(event), FINISHED)
    plugin.until(lambda state: state.done == 1)
    assert the_trouble(plugin, TroubleKind.ENDED) == words
    if event == "plan_refused":  # the interpreter's last words are not lost with it
        assert "Aborted" in (plugin.folder / "output.log").read_text()


def test_one_that_prints_without_end_is_held_back_and_its_file_stays_small(start):
    plugin = start("flooding", timeout_s=2.0)
    plugin.until(is_ready)
    before_s = time.process_time()
    plugin.tell(an_event(), FINISHED)
    plugin.until(lambda state: state.done == 1)
    assert time.process_time() - before_s < 0.6  # of ours; it would have printed gigabytes
    assert "did not come back" in the_trouble(plugin, TroubleKind.HUNG)
    assert sum(one.stat().st_size for one in plugin.folder.glob("output*")) < 3_000_000


def test_what_it_prints_is_kept(start):
    plugin = start("talking")
    plugin.tell(an_event())
    plugin.until(lambda state: state.done == 1)
    plugin.supervisor.stop(within_s=1)
    plugin.supervisor.join()
    assert (plugin.folder / "output.log").read_text() == "it says hello\nand complains\n"


def test_events_faster_than_a_slow_one_takes_them_drop_the_oldest(start):
    plugin = start("slow", waiting=3)
    plugin.until(is_ready)
    began_s = time.perf_counter()
    plugin.tell(*(an_event() for _ in range(20)), FINISHED)
    assert time.perf_counter() - began_s < 0.1
    state = plugin.until(lambda state: "scan_1" in plugin.told() and state.done >= 3)
    assert state.done + state.dropped == 21
    assert 16 <= state.dropped <= 18
    assert "were dropped so far" in the_trouble(plugin, TroubleKind.DROPPED)


def test_it_sees_no_secret_and_works_in_a_folder_of_its_own(start, monkeypatch):
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "123:abc")
    monkeypatch.setenv("BINANCE_API_SECRET", "hush")
    monkeypatch.setenv("DATABASE_URL", "postgresql://trader:hush@host/db")
    plugin = start("curious")
    plugin.tell(an_event())
    plugin.until(lambda state: state.done == 1)
    seen = json.loads((plugin.folder / "seen.json").read_text())
    assert "hush" not in str(seen)
    assert "123:abc" not in str(seen)
    assert Path(seen["folder"]) == plugin.folder.resolve()
    assert seen["input"] == ""


def test_what_it_starts_ends_with_it(start):
    plugin = start("parent")
    plugin.tell(an_event(), FINISHED)
    plugin.until(lambda state: state.done == 1)
    child = int((plugin.folder / "child.txt").read_text())
    assert not is_running(child)


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("greedy", "Argument(s) {'price'} are declared in the hookimpl"),
        ("mistaken", "unknown hook 'on_scan'"),
        ("later", "plan_approved is a coroutine: write def, not async def"),
        ("unmarked", "no function marked with hookimpl; there are before_stage, after_stage"),
        ("absent", "loading it raised ModuleNotFoundError: No module named 'no_such_module'"),
    ],
)
def test_one_that_could_never_be_called_is_refused_and_not_started_over(start, name, words):
    plugin = start(name)
    state = plugin.until(lambda state: state.status is HookStatus.REFUSED)
    sentence = the_trouble(plugin, TroubleKind.REFUSED)
    assert sentence.startswith("cannot be used: ")
    assert words in sentence
    assert "\n" not in sentence
    assert state.restarts == 0


def test_an_event_that_is_no_json_is_reported_and_the_next_one_told(start):
    plugin = start("good")
    plugin.tell(an_event("scan_finished", data={"price": float("nan")}), FINISHED)
    state = plugin.until(lambda state: state.done == 1)
    assert state.lost == 1
    assert "scan_finished cannot be told" in the_trouble(plugin, TroubleKind.UNTELLABLE)


def test_an_event_larger_than_a_pipe_holds_arrives_whole(start):
    plugin = start("good")
    plugin.tell(an_event("scan_finished", data={"text": "x" * 1_000_000}))
    plugin.until(lambda state: state.done == 1)
    assert len(plugin.told()) > 1_000_000


def test_what_waits_is_told_before_it_ends(start):
    plugin = start("slow")
    plugin.tell(an_event(), FINISHED)
    plugin.supervisor.stop(within_s=5)
    plugin.supervisor.join()
    assert plugin.told().startswith("scan_1")
    assert plugin.state().status is HookStatus.CLOSED


def test_one_that_hangs_delays_no_end(start):
    plugin = start("hanging", timeout_s=30.0)
    plugin.until(is_ready)
    plugin.tell(an_event())
    time.sleep(0.2)
    began_s = time.monotonic()
    plugin.supervisor.stop(within_s=0.5)
    plugin.supervisor.join()
    assert time.monotonic() - began_s < 3
    assert plugin.state().status is HookStatus.CLOSED


def test_one_that_ends_too_often_stays_off_and_that_is_said(start):
    plugin = start("leaving", first_pause_s=0.001)
    for _ in range(6):
        plugin.tell(an_event())
    state = plugin.until(lambda state: state.status is HookStatus.OFF)
    assert (state.restarts, state.lost) == (5, 6)
    assert [trouble.kind for trouble in plugin.reported] == [TroubleKind.ENDED] * 5 + [
        TroubleKind.OFF
    ]
    plugin.tell(an_event())
    assert plugin.state() == state
