"""Kept sweeps: they come back as they were, and a damaged one is told, never passed over."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from snipersight.domain.errors import StateUnavailable
from snipersight.storage.kept_runs import RunFolder
from snipersight.storage.kept_sweeps import SweepFolder, SweptRun
from tests.builders.sweeps import a_kept_sweep


def kept(tmp_path: Path) -> SweepFolder:
    folder = SweepFolder.beside(tmp_path)
    folder.keep(a_kept_sweep())
    return folder


def test_sweeps_come_back_oldest_first_and_are_no_runs(tmp_path):
    assert SweepFolder.beside(tmp_path).all() == ()
    later = replace(a_kept_sweep(), sweep_id="a", made_ms=9, luck=None)
    folder = kept(tmp_path)
    folder.keep(later)
    assert folder.all() == (a_kept_sweep(), later)
    assert RunFolder(tmp_path).all() == ()


def test_the_same_sweep_made_again_takes_the_place_of_the_first(tmp_path):
    folder = kept(tmp_path)
    folder.keep(replace(a_kept_sweep(), trials=99))
    assert [one.trials for one in folder.all()] == [99]


@pytest.mark.parametrize(
    "damage",
    [
        {"schema": "snipersight.sweep/9"},
        {"trials": "6"},
        {"finding": "rich"},
        {"runs": [{"run_id": "a"}]},
        {"runs": [{"run_id": "a", "values": ["1"]}]},  # of two parameters
        {"answers": [["a question"]]},
        {"best": None},
        {"another": 1},
    ],
)
def test_a_damaged_sweep_is_told_by_its_file(tmp_path, damage):
    folder = kept(tmp_path)
    (file,) = folder.path.glob("*.json")
    file.write_text(json.dumps(json.loads(file.read_text()) | damage))
    with pytest.raises(StateUnavailable) as told:
        folder.all()
    assert told.value.where == str(file)


@pytest.mark.parametrize("text", ["", "[]", "{", "\x00"])
def test_what_is_no_document_is_told_too(tmp_path, text):
    folder = kept(tmp_path)
    (file,) = folder.path.glob("*.json")
    file.write_text(text)
    with pytest.raises(StateUnavailable, match="cannot be read"):
        folder.all()


def test_a_run_has_a_value_for_each_parameter():
    with pytest.raises(ValueError, match="other values"):
        replace(a_kept_sweep(), runs=(SweptRun(run_id="a", values=("1",)),))
