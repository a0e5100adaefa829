"""`stats` leaves blocks behind for the next time, after the answer is out."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from snipersight.bootstrap.settings import load_settings
from snipersight.bootstrap.telemetry import open_telemetry
from snipersight.cli.evidence_choice import Choice
from snipersight.cli.evidence_options import StatsFormat
from snipersight.cli.exits import ExitCode
from snipersight.cli.stats_showing import show_stats
from snipersight.domain.evidence import EvidenceFilter
from snipersight.storage.telemetry.blocks import LEAST
from tests.builders.evidence import a_scan, a_signal


@pytest.fixture
def telemetry(tmp_path, monkeypatch):
    """Return an open store with just enough signals for a block."""
    monkeypatch.setenv("SNIPERSIGHT_HOME", str(tmp_path))
    with open_telemetry(load_settings()[0]) as opened:
        opened.evidence.record(a_scan(), [a_signal(number) for number in range(LEAST)])
        yield opened


def loose(telemetry) -> int:
    """Return whether the store would still make blocks."""
    telemetry.evidence.table(EvidenceFilter())
    return int(telemetry.evidence.pack())


def show() -> ExitCode:
    return show_stats(None, Choice(), by=None, format_=StatsFormat.JSON)


def test_the_second_statistics_are_of_blocks_and_say_the_same(telemetry, capsys):
    assert show() is ExitCode.OK
    first = capsys.readouterr()
    assert loose(telemetry) == 0
    assert show() is ExitCode.OK
    assert capsys.readouterr() == first


def test_a_busy_store_takes_nothing_from_the_answer(telemetry, capsys):
    is_held, is_told = Event(), Event()

    def hold(_connection):
        is_held.set()
        is_told.wait(30)

    with ThreadPoolExecutor() as threads:
        holding = threads.submit(telemetry.database.write, hold, timeout_s=60)
        is_held.wait(30)
        assert show() is ExitCode.OK
        is_told.set()
        holding.result()

    out, err = capsys.readouterr()
    assert f'"signals": {LEAST}' in out
    assert "the next statistics take as long as these" in err
    assert loose(telemetry) == 1
