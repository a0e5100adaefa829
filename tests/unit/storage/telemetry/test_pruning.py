"""What goes of telemetry and what stays, on both kinds of database."""

import time

import pytest

from snipersight.domain.event_log import StoredEvent
from snipersight.domain.evidence import EvidenceFilter, OutcomeStatus
from snipersight.storage.telemetry.event_log import SqlEventLog
from snipersight.storage.telemetry.evidence import SqlEvidenceStore
from snipersight.storage.telemetry.pruning import TelemetryLimits, prune_telemetry
from tests.builders.evidence import a_scan, a_signal, an_outcome

DAY_US = 86_400_000_000
LIMITS = TelemetryLimits(confirmed_days=7, event_days=30, events=1_000, signals=3, scans=2)


@pytest.fixture
def log(telemetry):
    """Return a log of events that are 40, 20, 10, 2 and 1 days old."""
    log = SqlEventLog(telemetry)
    now_us = time.time_ns() // 1000
    log.append(
        [
            StoredEvent(seq=0, event_type="tested", at_us=now_us - age * DAY_US, body=str(age))
            for age in (40, 20, 10, 2, 1)
        ]
    )
    return log


def ages(log: SqlEventLog) -> list[int]:
    """Return how old the events are that are left, days."""
    return [int(event.body) for event in log.after(0, limit=10)]


def confirm(log: SqlEventLog, exporter: str, seq: int) -> None:
    log.claim(exporter, "me", for_us=1)
    assert log.confirm(exporter, "me", seq)


def test_events_go_when_everybody_has_them_and_a_week_has_passed(telemetry, log):
    confirm(log, "jsonl", 5)
    confirm(log, "webhook", 2)

    report = prune_telemetry(telemetry, LIMITS)

    assert ages(log) == [10, 2, 1]
    assert (report.events, report.unsent) == (2, 0)


def test_events_that_somebody_lacks_go_after_a_month(telemetry, log):
    confirm(log, "jsonl", 5)
    confirm(log, "webhook", 0)

    report = prune_telemetry(telemetry, LIMITS)

    assert ages(log) == [20, 10, 2, 1]
    assert (report.events, report.unsent) == (1, 1)


def test_without_exporters_events_wait_a_month_for_the_first(telemetry, log):
    assert prune_telemetry(telemetry, LIMITS).events == 1
    assert ages(log) == [20, 10, 2, 1]


def test_events_of_an_order_stay_as_long_as_it_may_tell_them_again(telemetry, log):
    now_us = time.time_ns() // 1000
    log.append(
        [
            StoredEvent(
                seq=0,
                event_type="order_accepted",
                at_us=now_us - age * DAY_US,
                body=str(age),
                key=f"{kind}:main:{age}",
            )
            for kind, age in (("order", 33), ("order", 12), ("audit", 11))
        ]
        + [StoredEvent(seq=0, event_type="tested", at_us=now_us, body="0")]
    )
    confirm(log, "jsonl", log.newest())

    prune_telemetry(telemetry, LIMITS)

    assert ages(log) == [2, 1, 12, 0]


def test_a_place_in_something_else_holds_no_event_back(telemetry, log):
    confirm(log, "jsonl", 5)
    confirm(log, "audit:main", 1)

    prune_telemetry(telemetry, LIMITS)

    assert ages(log) == [2, 1]


def test_the_newest_event_stays_so_that_no_number_comes_again(telemetry, log):
    confirm(log, "jsonl", 5)

    prune_telemetry(telemetry, TelemetryLimits(confirmed_days=0, event_days=0))

    assert ages(log) == [1]
    assert log.append([StoredEvent(seq=0, event_type="tested", at_us=1, body="0")]) > 5


def test_too_many_events_go_oldest_first(telemetry, log):
    report = prune_telemetry(telemetry, TelemetryLimits(event_days=99, events=2))

    assert ages(log) == [2, 1]
    assert (report.events, report.unsent) == (3, 3)


def test_too_many_signals_go_with_all_that_is_theirs(telemetry):
    store = SqlEvidenceStore(telemetry)
    signals = [a_signal(number, symbol=f"S{number}/USDT") for number in range(1, 6)]
    for number, signal in enumerate(signals, 1):
        store.record(a_scan(number), [signal])
    store.save_outcomes([an_outcome(n, status=OutcomeStatus.MISSED) for n in range(1, 6)])

    report = prune_telemetry(telemetry, LIMITS)

    assert (report.signals, report.scans) == (2, 3)
    assert store.table(EvidenceFilter()).key.tolist() == [one.key for one in signals[2:]]
    assert [len(store.outcomes(one.key)) for one in signals] == [0, 0, 1, 1, 1]
    assert [scan.context_id for scan in store.scans(EvidenceFilter())] == ["scan-4", "scan-5"]
    rows = telemetry.read(
        lambda it: [
            it.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar_one()
            for name in ("signal", "signal_text", "signal_group", "outcome")
        ]
    )
    assert rows == [3, 3, 3, 3]


def test_a_dry_run_counts_the_same_and_changes_nothing(telemetry, log):
    store = SqlEvidenceStore(telemetry)
    store.record(a_scan(), [a_signal(number) for number in range(1, 6)])
    would = prune_telemetry(telemetry, LIMITS, dry_run=True)

    assert len(ages(log)) == 5
    assert len(store.table(EvidenceFilter())) == 5
    did = prune_telemetry(telemetry, LIMITS)

    counts = [(one.events, one.unsent, one.signals, one.scans) for one in (would, did)]
    assert counts == [(1, 1, 2, 0)] * 2
    assert prune_telemetry(telemetry, LIMITS).signals == 0


def test_the_file_gives_its_space_back(sqlite_url):
    from snipersight.storage.database import open_database
    from snipersight.storage.telemetry.tables import TELEMETRY

    with open_database(sqlite_url, schema=TELEMETRY) as database:
        log = SqlEventLog(database)
        for _ in range(10):
            log.append([StoredEvent(seq=0, event_type="old", at_us=1, body="x" * 500)] * 200)

        report = prune_telemetry(database)

    assert report.events == 1_999
    assert report.bytes_after < report.bytes_before / 4
    assert report.not_shrunk == ""
