"""Evidence as a file for other tools."""

import csv
import stat
from dataclasses import fields, replace

import polars as pl
import pytest

from snipersight.domain.errors import ConfigInvalid, StateUnavailable
from snipersight.domain.evidence import (
    Ending,
    EvidenceFilter,
    Kind,
    Origin,
    Outcome,
    OutcomeStatus,
    SignalRecord,
)
from snipersight.storage.database import open_database
from snipersight.storage.telemetry.evidence import SqlEvidenceStore
from snipersight.storage.telemetry.exporting import write_table
from snipersight.storage.telemetry.tables import TELEMETRY
from snipersight.storage.telemetry.terms_text import terms_from_text
from tests.builders.evidence import DECIDED_MS, a_refusal, a_scan, a_signal, an_outcome

EVERYTHING = EvidenceFilter()
SIGNAL = a_signal(1, plan_json='{"a":1}', factors={"structure": 25.0, "fvg": 1 / 3})
OUTCOME = an_outcome(
    1,
    status=OutcomeStatus.CLOSED,
    ending=Ending.STOP,
    net_r=-1.1,
    targets_hit=1,
    is_ambiguous=True,
    note="=1+1",
)


@pytest.fixture
def store(telemetry):
    """Return a store with one followed signal and one refusal."""
    store = SqlEvidenceStore(telemetry)
    store.record(a_scan(), [a_refusal(2, reason="=cmd|' /C calc'!A0"), SIGNAL])
    store.save_outcomes([OUTCOME, replace(OUTCOME, kind=Kind.ACTUAL, net_r=-0.9)])
    return store


def test_a_parquet_file_holds_every_column_of_signals_and_both_outcomes(store, tmp_path):
    path = tmp_path / "signals.parquet"

    assert write_table(store, EVERYTHING, path) == 2

    frame = pl.read_parquet(path)
    signals = {one.name for one in fields(SignalRecord)} - {"factors", "plan_json"}
    ends = {one.name for one in fields(Outcome)} - {"key", "kind"}
    assert set(frame.columns) == signals | {
        "plan",
        "factor_fvg",
        "factor_order_block",
        "factor_structure",
        *(f"{kind}_{name}" for kind in Kind for name in ends),
    }


def test_values_of_a_parquet_file_are_those_of_the_store(store, tmp_path):
    path = tmp_path / "signals.parquet"
    write_table(store, EVERYTHING, path)

    first, second = pl.read_parquet(path).to_dicts()

    assert (first["key"], second["key"]) == ("main:plan-1", "main:plan-2")
    assert first["decided_ms"] == DECIDED_MS + 60_000
    assert (first["origin"], first["timeframe"], first["verdict"]) == ("live", "1h", "approved")
    assert terms_from_text(first["terms"]) == SIGNAL.terms
    assert first["plan"] == '{"a":1}'
    assert (first["factor_fvg"], first["factor_order_block"]) == (1 / 3, None)
    assert (first["modelled_net_r"], first["actual_net_r"]) == (-1.1, -0.9)
    assert first["modelled_is_ambiguous"] is True
    assert first["modelled_note"] == "=1+1"
    assert (second["modelled_status"], second["actual_net_r"]) == (None, None)


def test_a_csv_file_holds_the_same_and_no_formula(store, tmp_path):
    path = tmp_path / "signals.csv"
    parquet = tmp_path / "signals.parquet"

    write_table(store, EVERYTHING, path)
    write_table(store, EVERYTHING, parquet)

    with path.open(encoding="utf-8", newline="") as lines:
        first, second = csv.DictReader(lines)
    assert list(first) == pl.read_parquet(parquet).columns
    assert first["modelled_note"] == "'=1+1"
    assert second["reason"] == "'=cmd|' /C calc'!A0"
    assert float(first["factor_fvg"]) == 1 / 3
    assert float(first["modelled_net_r"]) == -1.1  # a number is no formula
    assert second["modelled_status"] == ""


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_no_text_begins_like_a_formula(telemetry, tmp_path, start):
    store = SqlEvidenceStore(telemetry)
    store.record(a_scan(), [a_signal(1, regime=f"{start}1", leader=f"a{start}1", session="")])
    path = tmp_path / "signals.csv"

    write_table(store, EVERYTHING, path)

    with path.open(encoding="utf-8", newline="") as lines:
        (row,) = csv.DictReader(lines)
    assert (row["regime"], row["leader"], row["session"]) == (f"'{start}1", f"a{start}1", "")


def test_only_what_is_asked_for_is_written(store, tmp_path):
    assert write_table(store, EvidenceFilter(until_ms=DECIDED_MS + 60_001), tmp_path / "a.csv") == 1


@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_no_signals_make_a_table_without_rows(store, tmp_path, name):
    path = tmp_path / name

    assert write_table(store, EvidenceFilter(origin=Origin.REPLAY), path) == 0

    frame = pl.read_csv(path) if name == "a.csv" else pl.read_parquet(path)
    assert frame.height == 0
    assert "modelled_net_r" in frame.columns


def test_a_great_many_signals_are_written_in_parts(sqlite_url, tmp_path):
    with open_database(sqlite_url, schema=TELEMETRY) as database:
        store = SqlEvidenceStore(database)
        store.record(a_scan(), [a_signal(number) for number in range(1, 5_001)])

        assert write_table(store, EVERYTHING, tmp_path / "a.parquet") == 5_000

    moments = pl.read_parquet(tmp_path / "a.parquet")["decided_ms"]
    assert moments.is_sorted()
    assert moments.n_unique() == 5_000


def test_the_file_is_its_owners_alone_and_nothing_is_left_beside_it(store, tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()

    write_table(store, EVERYTHING, folder / "Signals.CSV")

    assert [file.name for file in folder.iterdir()] == ["Signals.CSV"]
    assert stat.S_IMODE((folder / "Signals.CSV").stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["signals.xlsx", "signals", "signals.csv.gz"])
def test_another_ending_is_refused(store, tmp_path, name):
    with pytest.raises(ConfigInvalid, match="cannot be written as") as refused:
        write_table(store, EVERYTHING, tmp_path / name)
    assert refused.value.next_step == "name a file that ends in .parquet or .csv"
    assert not (tmp_path / name).exists()


def test_nothing_is_replaced(store, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("mine")

    with pytest.raises(ConfigInvalid, match="something of that name"):
        write_table(store, EVERYTHING, path)

    assert path.read_text() == "mine"


def test_a_missing_folder_is_told(store, tmp_path):
    with pytest.raises(ConfigInvalid, match="folder"):
        write_table(store, EVERYTHING, tmp_path / "no" / "a.csv")


@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_a_full_disk_leaves_no_file(store, tmp_path, name, small_files):
    path = tmp_path / name
    with small_files(1_000), pytest.raises(StateUnavailable, match="cannot be written") as told:
        write_table(store, EVERYTHING, path)

    assert "room" in told.value.next_step
    assert not path.exists()
    assert list(tmp_path.glob(".export-*")) == []
