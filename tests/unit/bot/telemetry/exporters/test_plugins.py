"""Other people's exporters: loaded when named, and contained."""

import sys
import time
from pathlib import Path

import pytest

from snipersight.bot.telemetry.exporters import ExportFailed, ExportRefused
from snipersight.bot.telemetry.exporters.plugins import load_exporter
from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.event_log import StoredEvent

MODULE = """
from snipersight.bot.telemetry.exporters import ExportRefused

class Drawer:
    name = "drawer"
    def __init__(self):
        self.seqs = []
    def export(self, events):
        if events[0].seq == 13:
            raise RuntimeError("jammed, apiKey=abc")
        if events[0].seq == 14:
            raise SystemExit(3)
        if events[0].seq == 15:
            raise ExportRefused("full")
        self.seqs += [event.seq for event in events]
    def close(self):
        raise OSError("closed already")

def nothing():
    return object()

def misnamed():
    drawer = Drawer()
    drawer.name = "other"
    return drawer

def broken():
    raise ValueError("no drawer")

def hanging():
    import time
    time.sleep(60)

class Sticky(Drawer):
    name = "sticky"
    def close(self):
        hanging()
"""
POINTS = """
[snipersight.event_exporters]
drawer = drawer_package:Drawer
nothing = drawer_package:nothing
misnamed = drawer_package:misnamed
broken = drawer_package:broken
hanging = drawer_package:hanging
sticky = drawer_package:Sticky
absent = no_such_module:make
twice = drawer_package:Drawer
"""


def install(folder: Path, name: str, points: str) -> None:
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(points)


@pytest.fixture(autouse=True)
def packages(tmp_path, monkeypatch):
    (tmp_path / "drawer_package.py").write_text(MODULE)
    install(tmp_path, "drawer", POINTS)
    install(tmp_path, "second", "[snipersight.event_exporters]\ntwice = drawer_package:nothing\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield
    sys.modules.pop("drawer_package", None)


def an_event(seq: int) -> StoredEvent:
    return StoredEvent(seq=seq, event_type="kill", at_us=0, body="{}")


def test_nothing_is_loaded_before_it_is_named():
    assert "drawer_package" not in sys.modules
    exporter = load_exporter("drawer")
    exporter.export([an_event(1), an_event(2)])
    assert (exporter.name, exporter.most) == ("drawer", 100)
    assert "drawer_package" in sys.modules


@pytest.mark.parametrize("seq", [13, 14])
def test_whatever_it_raises_only_means_that_the_events_come_again(seq):
    with pytest.raises(ExportFailed) as caught:
        load_exporter("drawer").export([an_event(seq)])
    assert caught.value.where == "exporter drawer"
    assert "abc" not in str(caught.value)


def test_its_refusal_stays_one_and_its_end_disturbs_nobody():
    exporter = load_exporter("drawer")
    with pytest.raises(ExportRefused, match="full"):
        exporter.export([an_event(15)])
    exporter.close()


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("unknown", "is not installed; installed are: absent, broken, drawer"),
        ("nothing", "it lacks export, close"),
        ("misnamed", "calls itself 'other'"),
        ("broken", "of drawer cannot be loaded: ValueError: no drawer"),
        ("absent", "No module named"),
        ("twice", "several packages: drawer, second"),
    ],
)
def test_one_that_cannot_be_used_says_why(name, part):
    with pytest.raises(ConfigInvalid) as caught:
        load_exporter(name)
    assert part in caught.value.what
    assert caught.value.where == "EVENT_EXPORTERS"


def test_one_that_hangs_while_it_is_loaded_or_closed_holds_nobody(monkeypatch):
    monkeypatch.setattr("snipersight.bot.telemetry.exporters.plugins._LOAD_S", 0.2)
    monkeypatch.setattr("snipersight.bot.telemetry.exporters.plugins._CLOSE_S", 0.2)
    began = time.monotonic()
    with pytest.raises(ConfigInvalid, match="has not come back within"):
        load_exporter("hanging")
    load_exporter("sticky").close()
    assert time.monotonic() - began < 5
