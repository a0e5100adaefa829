"""The head outside the database: replaced whole, one entry a chain, refused when damaged."""

import json
import stat
from pathlib import Path

import pytest

from snipersight.domain.errors import StateUnavailable
from snipersight.risk.audit.findings import Checkpoint
from snipersight.storage.checkpoints import outside_heads
from snipersight.storage.head_file import HeadFile
from snipersight.storage.signing import Signer, load_signer


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    """Return a key."""
    return load_signer(tmp_path / "audit.key")


def _head(signer: Signer, seq: int = 3) -> Checkpoint:
    return signer.checkpoint("main", seq=seq, hash_="ab" * 32, at_us=5)


def _file(folder: Path, place: str = "here") -> HeadFile:
    return HeadFile(path=folder / "heads" / "audit-head.json", place=place)


def test_each_chain_of_each_database_keeps_a_head_of_its_own(tmp_path, signer):
    here, there = _file(tmp_path), _file(tmp_path, "there")
    with here.locked():
        here.write("main", _head(signer))
        here.write("paper", _head(signer, 9))
    with there.locked():
        there.write("main", _head(signer, 1))
    assert here.read("main") == _head(signer)
    assert there.read("main") == _head(signer, 1)
    assert here.read("paper") == _head(signer, 9)
    assert there.read("paper") is None


def test_the_file_is_private_and_nothing_else_is_left(tmp_path, signer):
    file = _file(tmp_path)
    with file.locked():
        file.write("main", _head(signer))
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert {path.name for path in file.path.parent.iterdir()} == {
        "audit-head.json",
        "audit-head.json.lock",
    }


def test_a_file_that_is_not_there_knows_nothing(tmp_path):
    assert _file(tmp_path).read("main") is None
    assert outside_heads(None, "main", where="f") == ()


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"format": 2, "heads": {}}', '{"format": 1}', "\udcff"],
)
def test_a_damaged_file_is_refused(tmp_path, text):
    file = _file(tmp_path)
    file.path.parent.mkdir()
    file.path.write_text(text, errors="surrogateescape")
    with pytest.raises(StateUnavailable, match="damaged"):
        file.read("main")


@pytest.mark.parametrize("change", [{"seq": "3"}, {"seq": True}, {"hash": None}, {"at_us": 5}])
def test_a_damaged_entry_is_refused(tmp_path, signer, change):
    file = _file(tmp_path)
    with file.locked():
        file.write("main", _head(signer))
    held = json.loads(file.path.read_text())
    held["heads"]["main @ here"] |= change
    file.path.write_text(json.dumps(held))
    with pytest.raises(StateUnavailable, match="damaged"):
        file.read("main")


def test_an_entry_that_was_changed_is_no_head(tmp_path, signer):
    file = _file(tmp_path)
    with file.locked():
        file.write("main", _head(signer))
    file.path.write_text(file.path.read_text().replace('"seq": 3', '"seq": 2'))
    with pytest.raises(StateUnavailable, match="not what was signed"):
        outside_heads(file.read("main"), "main", where="f")


def test_a_folder_that_cannot_be_made_is_told(tmp_path, signer):
    (tmp_path / "heads").write_text("a file")
    with pytest.raises(StateUnavailable), _file(tmp_path).locked():
        pass
