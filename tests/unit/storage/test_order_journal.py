"""The fallback journal: on the disk when it says so, whole or not there, also on a full disk."""

import os
import stat
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snipersight.domain.errors import StateUnavailable
from snipersight.storage.order_journal import RESERVED_BYTES, OrderJournal
from tests.unit.storage.processes import ready, worker

MODULE = "tests.unit.storage.execution_worker"
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=5,
)
RECORDS = st.dictionaries(st.sampled_from(["kind", "of", "note"]), VALUES, max_size=3)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "orders.journal"


@pytest.fixture
def journal(path: Path) -> OrderJournal:
    return OrderJournal(path)


def test_what_is_appended_waits_until_it_is_cleared(path: Path, journal: OrderJournal) -> None:
    journal.append({"kind": "stop", "of": ["1.50", None]})
    journal.append({"kind": "kill\n\t\u0000"})
    again = OrderJournal(path)
    expected = ({"kind": "stop", "of": ["1.50", None]}, {"kind": "kill\n\t\u0000"})
    assert journal.pending() == again.pending() == expected
    assert again.clear(known=2)
    assert journal.pending() == ()
    journal.append({"kind": "later"})
    assert again.pending() == ({"kind": "later"},)


def test_a_record_that_another_process_added_is_not_forgotten(
    path: Path, journal: OrderJournal
) -> None:
    journal.append({"kind": "mine"})
    OrderJournal(path).append({"kind": "theirs"})
    assert not journal.clear(known=1)
    assert len(journal.pending()) == 2
    assert journal.clear(known=2)


def test_only_its_owner_can_read_it(path: Path, journal: OrderJournal) -> None:
    journal.append({})
    for name in (path, path.with_name(path.name + ".lock")):
        assert stat.S_IMODE(name.stat().st_mode) == 0o600


def test_its_room_is_taken_beforehand(path: Path, journal: OrderJournal) -> None:
    assert path.stat().st_blocks * 512 >= RESERVED_BYTES
    journal.append({"kind": "x" * 1000})
    assert path.stat().st_size == RESERVED_BYTES


@pytest.mark.parametrize("kept", range(0, 40, 3))
def test_a_torn_last_line_was_never_there(path: Path, journal: OrderJournal, kept: int) -> None:
    journal.append({"kind": "whole"})
    start = _used(path)
    journal.append({"kind": "torn", "of": "a longer one than what follows"})
    _overwrite(path, start + kept, b"\0" * (_used(path) - start - kept))
    assert journal.pending() == ({"kind": "whole"},)
    journal.append({"kind": "next"})
    assert OrderJournal(path).pending() == ({"kind": "whole"}, {"kind": "next"})


@pytest.mark.parametrize("hole", [(0, 5), (3, 9), (10, 40)])
def test_a_torn_write_that_left_only_its_end_leaves_nothing_behind(
    path: Path, journal: OrderJournal, hole: tuple[int, int]
) -> None:
    journal.append({"kind": "whole"})
    start = _used(path)
    journal.append({"kind": "torn", "of": "a longer one than what follows"})
    _overwrite(path, start + hole[0], b"\0" * (hole[1] - hole[0]))
    assert journal.pending() == ({"kind": "whole"},)
    journal.append({"a": 1})
    journal.append({"b": 2})
    assert journal.pending() == ({"kind": "whole"}, {"a": 1}, {"b": 2})


def test_damage_before_the_last_line_is_told_and_nothing_is_lost(
    path: Path, journal: OrderJournal
) -> None:
    for number in (1, 2, 3):
        journal.append({"n": number})
    _overwrite(path, 5, b"9")
    with pytest.raises(StateUnavailable, match="damaged in line 1"):
        journal.pending()
    journal.append({"n": 4})
    _overwrite(path, 5, b"1")
    assert [one["n"] for one in journal.pending()] == [1, 2, 3, 4]


def test_a_folder_that_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(StateUnavailable, match="no such file"):
        OrderJournal(tmp_path / "nowhere" / "orders.journal")


def test_a_closed_journal_takes_nothing_silently(journal: OrderJournal) -> None:
    journal.close()
    journal.close()
    with pytest.raises(StateUnavailable, match="it was closed"):
        journal.append({})


def test_threads_do_not_write_over_each_other(path: Path) -> None:
    journals = [OrderJournal(path) for _ in range(2)]

    def run(number: int) -> None:
        for count in range(20):
            journals[number % 2].append({"by": number, "count": count})

    threads = [threading.Thread(target=run, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    held = journals[0].pending()
    assert len({(one["by"], one["count"]) for one in held}) == len(held) == 80


def test_what_was_confirmed_survives_a_kill(path: Path) -> None:
    with worker("append_for_ever", path, module=MODULE) as process:
        assert ready(process) == "ready"
        confirmed = [int(process.stdout.readline()) for _ in range(30)] if process.stdout else []
        process.kill()
        process.wait()
    numbers = [one["n"] for one in OrderJournal(path).pending()]
    assert numbers[:30] == confirmed == list(range(30))


@settings(max_examples=60, deadline=None)
@given(records=st.lists(RECORDS, max_size=6), cleared=st.integers(0, 6))
def test_records_come_back_as_they_were(
    tmp_path_factory: pytest.TempPathFactory, records: list[dict[str, object]], cleared: int
) -> None:
    journal = OrderJournal(tmp_path_factory.mktemp("journal") / "orders.journal")
    for number, record in enumerate(records):
        if number == cleared:
            assert journal.clear(known=cleared)
        journal.append(record)
    kept = records[cleared:] if cleared < len(records) else records
    assert list(journal.pending()) == kept
    journal.close()


def _used(path: Path) -> int:
    return len(path.read_bytes().rstrip(b"\0"))


def _overwrite(path: Path, at: int, data: bytes) -> None:
    handle = os.open(path, os.O_WRONLY)
    os.pwrite(handle, data, at)
    os.close(handle)
