"""The read model reads what is there, creates nothing, and is right again after the store was away."""

import itertools
import threading
import time
from dataclasses import replace

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from snipersight.bootstrap.books import open_books
from snipersight.bootstrap.dashboard.errors import NotKnown
from snipersight.bootstrap.dashboard.memo import MOST, Memo
from snipersight.bootstrap.dashboard.reader import DashboardReader
from snipersight.bootstrap.dashboard.store import DashboardStore
from snipersight.bootstrap.dashboard.views import (
    AuditFilter,
    EventFilter,
    EvidenceRequest,
    FunnelFilter,
    SignalFilter,
    Topic,
)
from snipersight.bootstrap.operations import halt_entries
from snipersight.bootstrap.settings import VARIABLES, load_settings
from snipersight.bootstrap.telemetry import open_telemetry
from snipersight.domain.errors import StateUnavailable
from snipersight.domain.event_log import StoredEvent
from snipersight.domain.evidence import OutcomeStatus
from snipersight.storage.commit_stamp import CommitStamp, server_stamp
from snipersight.storage.database import Database, connect_database
from snipersight.storage.leases import Leases
from snipersight.storage.migrating import migrate
from snipersight.storage.signs_of_life import signs_of_life
from snipersight.storage.telemetry.tables import TELEMETRY
from tests.builders.evidence import a_scan, a_signal, an_outcome


@pytest.fixture
def settings(monkeypatch, tmp_path):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SNIPERSIGHT_HOME", str(tmp_path / "home"))
    return load_settings()[0]


@pytest.fixture
def reader(settings):
    with DashboardReader(settings) as opened:
        yield opened


@pytest.fixture
def books(settings):
    with open_books(settings, account_id="main") as opened:
        yield opened


def test_without_a_database_everything_says_so_and_nothing_is_created(reader, settings):
    questions = (
        reader.accounts,
        reader.overview,
        reader.book,
        reader.risk,
        reader.audit_verify,
        reader.system,
        reader.changes,
        lambda: reader.audit(AuditFilter()),
        lambda: reader.signal("0000000000000000-00000000"),
    )
    for question in questions:
        with pytest.raises(StateUnavailable, match="no database yet"):
            question()
    assert reader.signals(SignalFilter()).rows == ()
    assert reader.funnel(FunnelFilter()).scans == 0
    assert reader.events(EventFilter()).rows == ()
    assert reader.logs().lines == ()
    assert not settings.snipersight_home.exists()


def test_a_reader_that_was_there_first_sees_the_account_once_it_is_made(reader, settings):
    with pytest.raises(StateUnavailable):
        reader.accounts()
    with open_books(settings, account_id="practice"):
        assert reader.accounts() == ("practice",)
        assert reader.overview().account_id == "practice"
    with pytest.raises(NotKnown, match="nobody"):
        reader.overview("nobody")


def test_a_database_that_was_replaced_is_read_anew(reader, settings):
    with open_books(settings, account_id="main"):
        pass
    assert reader.accounts() == ("main",)
    for file in settings.snipersight_home.glob("snipersight.db*"):
        file.unlink()
    with open_books(settings, account_id="practice"):
        with pytest.raises(StateUnavailable, match="removed or replaced"):
            reader.accounts()
        assert reader.accounts() == ("practice",)


def test_a_file_that_vanished_is_not_called_one_that_never_was(reader, settings):
    with open_books(settings, account_id="main"), open_telemetry(settings):
        pass
    assert reader.accounts() == ("main",)
    assert reader.signals(SignalFilter()).rows == ()
    for file in settings.snipersight_home.glob("*.db*"):
        file.unlink()
    with pytest.raises(StateUnavailable, match="removed or replaced"):
        reader.accounts()
    for question in (reader.accounts, lambda: reader.signals(SignalFilter())):
        with pytest.raises(StateUnavailable, match="is gone: it was removed or renamed"):
            question()
    with open_books(settings, account_id="practice"), open_telemetry(settings):
        assert reader.accounts() == ("practice",)
        assert reader.signals(SignalFilter()).rows == ()


def test_telemetry_without_its_database_tells_that_there_was_one(reader, settings):
    with open_telemetry(settings):
        pass
    with pytest.raises(StateUnavailable, match="the database is missing"):
        reader.accounts()


def test_a_place_without_a_database_is_named_by_what_leads_there(settings, monkeypatch):
    with DashboardReader(settings) as reader, pytest.raises(StateUnavailable) as told:
        reader.accounts()
    assert "if you have one already, SNIPERSIGHT_HOME names another place" in str(told.value)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{settings.snipersight_home}/other.db")
    with DashboardReader(load_settings()[0]) as reader, pytest.raises(StateUnavailable) as told:
        reader.accounts()
    assert "DATABASE_URL names another place" in str(told.value)
    assert "other.db" in str(told.value)


def test_one_thread_that_meets_a_failure_first_costs_the_others_nothing(settings, books):
    store = DashboardStore(settings)
    asked: list[Database] = []

    def fails() -> None:
        raise StateUnavailable("the store is away")

    def overtaken() -> str:
        database = store.database
        asked.append(database)
        if len(asked) == 1:  # meanwhile another thread meets the failure and closes everything
            with pytest.raises(StateUnavailable):
                store.reading(fails)
        return database.read(lambda _connection: "read")

    assert store.reading(overtaken) == "read"
    assert asked[0] is not asked[1]
    store.close()


def test_a_closed_reader_opens_nothing_again(settings, books):
    reader = DashboardReader(settings)
    assert reader.accounts() == ("main",)
    reader.close()
    reader.close()
    with pytest.raises(StateUnavailable, match="ending"):
        reader.accounts()


def test_every_kind_of_change_moves_its_own_marks_and_no_others(reader, settings, books):
    with open_telemetry(settings) as telemetry:
        before = reader.changes()
        assert reader.changes().since(before) == frozenset()
        assert before.since(None) == frozenset(Topic)

        def moved() -> set[Topic]:
            nonlocal before
            now = reader.changes()
            changed, before = now.since(before), now
            return set(changed)

        telemetry.events.append([StoredEvent(seq=0, event_type="x", at_us=1, body="{}")])
        assert moved() == {Topic.EVENTS}
        telemetry.evidence.record(a_scan(), [a_signal(1), a_signal(2)])
        assert moved() == {Topic.PLANS, Topic.STATS}
        telemetry.evidence.save_outcomes([an_outcome(1, status=OutcomeStatus.OPEN)])
        assert moved() == {Topic.PLANS}
        telemetry.evidence.save_outcomes([an_outcome(1, status=OutcomeStatus.CLOSED)])
        assert moved() == {Topic.PLANS, Topic.STATS}
        halt_entries(books.ports, reason="x", actor="cli")
        assert moved() == {Topic.EXPOSURE, Topic.AUDIT, Topic.DECISIONS, Topic.SYSTEM}
        books.store.leases.acquire("executor:main", owner="here:1:a", for_us=15_000_000)
        assert moved() == {Topic.SYSTEM}
        settings.snipersight_home.joinpath("backtests").mkdir()
        assert moved() == {Topic.EVIDENCE}


def test_marks_are_computed_again_only_after_a_commit(reader, books, monkeypatch):
    reader.changes()
    computed = itertools.count()
    monkeypatch.setattr("snipersight.storage.change_marks._mark", lambda *_: str(next(computed)))
    for _ in range(3):
        reader.changes()
    assert next(computed) == 0
    halt_entries(books.ports, reason="x", actor="cli")
    reader.changes()
    assert next(computed) > 1


def test_the_funnel_counts_every_scan_as_soon_as_it_is_stored(reader, settings, books):
    with open_telemetry(settings) as telemetry:
        telemetry.evidence.record(a_scan(1, context_id="scan-1"), [])
        assert reader.funnel(FunnelFilter()).scans == 1
        telemetry.evidence.record(a_scan(2, context_id="scan-2"), [])
        found = reader.funnel(FunnelFilter())
        assert (found.scans, reader.funnel(FunnelFilter(profile="none")).scans) == (2, 0)
    halt_entries(books.ports, reason="x", actor="cli")
    again = reader.funnel(FunnelFilter())
    assert again == replace(found, read_ms=again.read_ms)
    assert again.read_ms >= found.read_ms


def test_a_process_that_died_is_silent_and_one_that_ended_is_gone(books, settings):
    database = books.store.database
    leases = Leases(database)
    kept = leases.acquire("executor:main", owner="here:1:a", for_us=15_000_000)
    leases.acquire("worker:abc:here", owner="here:2:b", for_us=1)
    time.sleep(0.01)  # the database's clock counts milliseconds
    signs = {one.name: one for one in signs_of_life(database)}
    assert signs["executor:main"].is_live
    assert not signs["worker:abc:here"].is_live
    assert signs["worker:abc:here"].seen_us < signs["executor:main"].seen_us
    assert kept is not None
    assert leases.release(kept)
    assert [one.name for one in signs_of_life(database)] == ["worker:abc:here"]


def test_a_worker_that_was_killed_has_ended_once_another_one_does_its_work(books, reader):
    leases = Leases(books.store.database)
    leases.acquire("worker:abc:one", owner="here:1:a", for_us=1)
    leases.acquire("worker:xyz:other", owner="here:9:z", for_us=12_000_000)
    time.sleep(0.01)
    assert {one.successor for one in reader.system().processes} == {""}
    leases.acquire("worker:abc:two", owner="here:2:b", for_us=12_000_000)
    seen = {one.name: (one.is_live, one.successor) for one in reader.system().processes}
    assert seen == {
        "worker:abc:one": (False, "here:2:b"),
        "worker:abc:two": (True, ""),
        "worker:xyz:other": (True, ""),
    }


def test_an_answer_is_kept_until_its_mark_moves_and_few_are():
    memo = Memo()
    calls: list[object] = []

    def ask(key: object, mark: str) -> int:
        def work() -> int:
            calls.append(key)
            return len(calls)

        return memo.get(key, mark, work)

    assert [ask("a", "1"), ask("a", "1"), ask("a", "2"), ask("a", "2")] == [1, 1, 2, 2]
    for number in range(MOST + 5):
        ask(number, "1")
    assert ask("a", "2") == len(calls)
    assert calls[-1] == "a"


def test_threads_share_one_reader(reader, books, settings):
    with open_telemetry(settings) as telemetry:
        telemetry.evidence.record(a_scan(), [a_signal(number) for number in range(30)])
    found: list[object] = []

    def look() -> None:
        try:
            found.extend(
                (len(reader.signals(SignalFilter(limit=20)).rows), reader.overview().state)
            )
        except Exception as error:  # noqa: BLE001 - shown by the assertion
            found.append(error)

    threads = [threading.Thread(target=look) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found.count(20) == 8
    assert len(found) == 16


def test_statistics_without_evidence_say_that_there_is_none(settings, books):
    with DashboardReader(settings) as reader:
        found = reader.evidence(EvidenceRequest())
    assert (found.signals, found.origin, found.hit_rate.closed) == (0, None, 0)


def test_reading_commits_nothing(reader, settings, books):
    stamp = CommitStamp(settings.snipersight_home / "snipersight.db")
    before = stamp.value()
    for question in (reader.overview, reader.book, reader.risk, reader.changes, reader.system):
        question()
    assert before is not None
    assert stamp.value() == before
    halt_entries(books.ports, reason="x", actor="cli")
    assert stamp.value() != before
    stamp.close()


def test_a_stamp_of_no_database_says_that_anything_may_have_changed(tmp_path):
    stamp = CommitStamp(tmp_path / "none.db")
    assert (stamp.value(), stamp.value()) == (None, None)
    assert list(tmp_path.iterdir()) == []


def test_the_stamp_of_a_server_stays_while_nothing_is_committed(postgres_url):
    with connect_database(postgres_url) as read, connect_database(postgres_url) as written:
        before = server_stamp(read)
        read.read(lambda it: it.execute(text("SELECT 1")))
        assert server_stamp(read) == before
        written.write(lambda it: it.execute(text("CREATE TABLE something (one int)")))
        assert server_stamp(read) != before


def test_marks_of_a_server_are_computed_again_only_after_a_commit(
    monkeypatch, settings, postgres_url
):
    with connect_database(postgres_url) as database:
        migrate(database)
        migrate(database, TELEMETRY)
    served = settings.model_copy(update={"database_url": SecretStr(postgres_url)})
    with open_books(served, account_id="main") as books, DashboardReader(served) as reader:
        before = reader.changes()
        computed = itertools.count()
        counted = lambda *_: str(next(computed))  # noqa: E731
        with monkeypatch.context() as patch:
            patch.setattr("snipersight.storage.change_marks._mark", counted)
            assert reader.changes().marks == before.marks
            assert next(computed) == 0
        halt_entries(books.ports, reason="x", actor="cli")
        assert Topic.EXPOSURE in reader.changes().since(before)
