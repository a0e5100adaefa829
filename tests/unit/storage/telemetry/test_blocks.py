"""Blocks of signals: the same answers, whatever has happened since they were made."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, text

from snipersight.domain.evidence import EvidenceFilter, Kind, Origin, OutcomeStatus
from snipersight.domain.evidence_columns import EvidenceTable
from snipersight.storage.backup import backup_sqlite
from snipersight.storage.database import open_database
from snipersight.storage.telemetry.blocks import pack, read_table
from snipersight.storage.telemetry.columns import read_rows
from snipersight.storage.telemetry.evidence import SqlEvidenceStore
from snipersight.storage.telemetry.pruning import TelemetryLimits, prune_telemetry
from snipersight.storage.telemetry.tables import SIGNAL_BLOCK, TELEMETRY
from tests.builders.evidence import DECIDED_MS, a_refusal, a_scan, a_signal, an_outcome

EVERYTHING = EvidenceFilter()
SIGNALS = 20
MANY = 5  # signals of a block: four blocks


@pytest.fixture
def packed(sqlite_url):
    """Return a file with twenty signals, two of them refused, in four blocks."""
    with open_database(sqlite_url, schema=TELEMETRY) as database:
        fill(SqlEvidenceStore(database))
        assert pack(database, least=1, many=MANY) == SIGNALS // MANY
        yield database


def fill(store) -> None:
    symbols = ("BTC/USDT:USDT", "ETH/USDT:USDT")
    signals = [a_signal(number, symbol=symbols[number % 2]) for number in range(1, SIGNALS - 1)]
    refused = [a_refusal(number) for number in (SIGNALS - 1, SIGNALS)]
    store.record(a_scan(), signals + refused)
    store.save_outcomes(
        an_outcome(number, status=OutcomeStatus.OPEN, mae_r=number / 7)
        for number in range(1, SIGNALS + 1, 2)
    )


def blocks(database) -> int:
    return int(database.read(lambda it: it.scalar(select(func.count()).select_from(SIGNAL_BLOCK))))


def loose(database, wanted=EVERYTHING) -> int:
    """Return how many signals are read one by one, after making sure that they read the same."""
    return int(database.read(lambda it: loose_of(it, wanted)))


def loose_of(connection, wanted=EVERYTHING) -> int:
    found, count = read_table(connection, wanted)
    expected = read_rows(connection, wanted)
    for one in fields(EvidenceTable):
        mine, other = getattr(found, one.name), getattr(expected, one.name)
        assert type(mine) is type(other), one.name
        assert getattr(mine, "dtype", None) == getattr(other, "dtype", None), one.name
        assert mine.tolist() == other.tolist(), one.name
    return count


def change(database, statement, **values) -> None:
    assert database.write(lambda it: it.execute(text(statement), values)).rowcount


def test_signals_in_blocks_are_not_read_one_by_one(packed):
    assert loose(packed) == 0
    assert pack(packed, least=1, many=MANY) == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE outcome SET net_r = 7.5 WHERE key = :key",
        "UPDATE outcome SET status = 'closed' WHERE key = :key",
        "DELETE FROM outcome WHERE key = :key",
        "UPDATE signal SET score = 12.5 WHERE key = :key",
        "DELETE FROM signal WHERE key = :key",
        (
            "INSERT INTO signal SELECT :key || 'b', * FROM (SELECT group_id, decided_ms, score,"
            " risk_reward, is_approved, is_unfinished, judged_ms, plan_id, setup_id, context_id,"
            " factors FROM signal WHERE key = :key)"
        ),
    ],
)
def test_whatever_is_changed_whichever_way_is_read_anew_and_the_rest_is_not(packed, statement):
    change(packed, statement, key="main:plan-7")

    assert blocks(packed) == SIGNALS // MANY - 1
    assert MANY - 1 <= loose(packed) <= MANY + 1
    pack(packed, least=1, many=MANY)
    assert loose(packed) == 0


def test_a_first_outcome_is_seen(packed):
    SqlEvidenceStore(packed).save_outcomes([an_outcome(8, status=OutcomeStatus.OPEN, mae_r=0.5)])
    assert loose(packed) == MANY


def test_an_outcome_that_says_nothing_new_removes_nothing(packed):
    known = an_outcome(7, status=OutcomeStatus.OPEN, mae_r=1.0)
    assert SqlEvidenceStore(packed).save_outcomes([known]) == 0
    assert loose(packed) == 0


def test_a_signal_that_moves_leaves_its_old_block_and_comes_to_its_new_one(packed):
    moved_ms = DECIDED_MS + 12 * 60_000
    change(packed, "UPDATE signal SET decided_ms = :at WHERE key = 'main:plan-1'", at=moved_ms)
    assert blocks(packed) == 2
    assert loose(packed) == 2 * MANY


def test_an_approval_that_takes_the_place_of_a_refusal_is_seen(packed):
    store = SqlEvidenceStore(packed)
    store.record(a_scan(2), [a_signal(SIGNALS, score=99.0)])
    assert loose(packed) == MANY
    assert store.table(EVERYTHING).verdict.tolist()[-1] == "approved"


def test_signals_that_are_newer_or_older_than_every_block_are_read(packed):
    store = SqlEvidenceStore(packed)
    store.record(a_scan(2), [a_signal(SIGNALS + 1)])
    assert loose(packed) == 1
    store.record(a_scan(3), [a_signal(-3)])
    assert loose(packed) == 1 + 1 + MANY


def test_other_names_of_a_group_are_seen_by_all_that_have_it(packed):
    change(packed, "UPDATE signal_group SET regime = 'quiet' WHERE symbol LIKE 'BTC%'")
    assert loose(packed) == SIGNALS


def test_pruned_signals_are_gone(packed):
    limits = TelemetryLimits(signals=12)
    assert prune_telemetry(packed, limits).signals == 8
    assert loose(packed) == 2
    assert len(SqlEvidenceStore(packed).table(EVERYTHING)) == 12


def minute(number: int) -> int:
    return DECIDED_MS + number * 60_000


@pytest.mark.parametrize(
    "wanted",
    [
        EvidenceFilter(since_ms=minute(3)),
        EvidenceFilter(until_ms=minute(8)),
        EvidenceFilter(since_ms=minute(6), until_ms=minute(11)),  # a block and nothing else
        EvidenceFilter(since_ms=minute(7) + 1, until_ms=minute(9)),
        EvidenceFilter(since_ms=minute(9), until_ms=minute(9)),
        EvidenceFilter(since_ms=minute(90)),
        EvidenceFilter(symbol="ETH/USDT:USDT"),
        EvidenceFilter(symbol="ETH/USDT:USDT", since_ms=minute(4)),
        EvidenceFilter(profile="patient"),
        EvidenceFilter(account_id="main", origin=Origin.LIVE),
        EvidenceFilter(origin=Origin.REPLAY),
        EvidenceFilter(kind=Kind.ACTUAL),
    ],
)
def test_a_filter_finds_the_same_in_blocks_and_beside_them(packed, wanted):
    loose(packed, wanted)
    change(
        packed, "DELETE FROM signal_block WHERE from_ms = (SELECT max(from_ms) FROM signal_block)"
    )
    SqlEvidenceStore(packed).record(a_scan(2), [a_signal(30, profile="patient")])
    loose(packed, wanted)


def test_real_trades_are_not_taken_for_modelled_ones(packed):
    real = an_outcome(7, kind=Kind.ACTUAL, status=OutcomeStatus.CLOSED, net_r=3.0)
    SqlEvidenceStore(packed).save_outcomes([real])
    pack(packed, least=1, many=MANY)

    table = SqlEvidenceStore(packed).table(EvidenceFilter(kind=Kind.ACTUAL))
    assert table.net_r.tolist()[6] == 3.0
    assert loose(packed) == 0


def test_decisions_of_one_moment_are_in_one_block(sqlite_url):
    with open_database(sqlite_url, schema=TELEMETRY) as database:
        signals = [replace(a_signal(number), decided_ms=minute(1)) for number in range(1, 9)]
        SqlEvidenceStore(database).record(a_scan(), [*signals, a_signal(2, account_id="second")])
        assert pack(database, least=1, many=3) == 2
        assert loose(database) == 0


def test_too_few_signals_are_left_as_they_are_and_no_block_stays_tiny(sqlite_url):
    with open_database(sqlite_url, schema=TELEMETRY) as database:
        fill(SqlEvidenceStore(database))
        assert pack(database, least=SIGNALS + 1, many=30) == 0
        assert pack(database, least=3, many=6) == 3  # the last has what would be two
        assert loose(database) == 0


@pytest.mark.parametrize(
    "damage", ["substr(body, 1, 900)", "CAST(x'00' || body AS BLOB)", "zeroblob(4)", "x''"]
)
def test_a_torn_block_counts_for_nothing_and_is_made_anew(packed, damage):
    newest = "from_ms = (SELECT max(from_ms) FROM signal_block)"
    change(packed, f"UPDATE signal_block SET body = {damage} WHERE {newest}")
    assert loose(packed) == MANY
    assert pack(packed, least=1, many=MANY) == 1
    assert blocks(packed) == SIGNALS // MANY
    assert loose(packed) == 0


def test_where_a_trigger_is_missing_no_block_counts(packed):
    packed.write(lambda it: it.execute(text("DROP TRIGGER signal_block_outcome_update")))
    change(packed, "UPDATE outcome SET net_r = 7.5 WHERE key = 'main:plan-7'")

    table, _ = packed.read(lambda it: read_table(it, EVERYTHING))
    assert table.net_r.tolist()[6] == 7.5
    assert pack(packed, least=1, many=MANY) == 0


def test_an_older_file_in_its_place_says_what_it_says(packed, sqlite_url, tmp_path):
    older = tmp_path / "older.db"
    with open_database(sqlite_url, schema=TELEMETRY) as database:
        backup_sqlite(Path(database.place), older, TELEMETRY)
    SqlEvidenceStore(packed).record(a_scan(2), [a_signal(30)])
    pack(packed, least=1, many=MANY)

    with open_database(f"sqlite:///{older}", schema=TELEMETRY) as restored:
        assert loose(restored) == 0
        assert len(SqlEvidenceStore(restored).table(EVERYTHING)) == SIGNALS


def test_who_reads_while_others_write_and_pack_never_sees_an_old_block(packed, sqlite_url):
    is_over = threading.Event()

    def write():
        with open_database(sqlite_url, schema=TELEMETRY) as database:
            store = SqlEvidenceStore(database)
            for step in range(60):
                followed = an_outcome(step % 20 + 1, status=OutcomeStatus.OPEN, mae_r=step / 3)
                store.save_outcomes([followed])
                store.record(a_scan(step), [a_signal(40 + step)])

    def pack_all_the_time():
        with open_database(sqlite_url, schema=TELEMETRY) as database:
            while not is_over.is_set():
                pack(database, least=1, many=MANY)

    looks = 0
    with ThreadPoolExecutor() as threads:
        writing, packing = threads.submit(write), threads.submit(pack_all_the_time)
        while not writing.done():
            loose(packed)
            looks += 1
        is_over.set()
        writing.result()
        packing.result()
    assert looks > 10
    pack(packed, least=1, many=MANY)
    assert loose(packed) == 0
    assert len(SqlEvidenceStore(packed).table(EVERYTHING)) == SIGNALS + 60


def test_a_store_packs_what_was_worth_it(sqlite_url):
    with open_database(sqlite_url, schema=TELEMETRY) as database:
        store = SqlEvidenceStore(database)
        store.record(a_scan(), [a_signal(number) for number in range(999)])
        store.table(EVERYTHING)
        assert store.pack() == 0
        store.record(a_scan(2), [a_signal(999)])
        assert store.pack() == 0  # nobody has read that many yet
        store.table(EVERYTHING)
        assert store.pack() == 1
        store.table(EVERYTHING)
        assert store.pack() == 0
        assert loose(database) == 0


def test_a_server_has_no_blocks_and_believes_none(postgres_url):
    from snipersight.storage.database import connect_database
    from snipersight.storage.migrating import migrate

    with connect_database(postgres_url) as database:
        migrate(database, TELEMETRY)
        fill(SqlEvidenceStore(database))
        assert pack(database, least=1, many=MANY) == 0
        stray = {"from_ms": 0, "until_ms": 2**62, "body": b"from somewhere"}
        database.write(lambda it: it.execute(insert(SIGNAL_BLOCK), stray))
        assert loose(database) == 0
        assert len(SqlEvidenceStore(database).table(EVERYTHING)) == SIGNALS
