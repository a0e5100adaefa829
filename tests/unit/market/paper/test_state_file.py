import json
import stat

import pytest

from snipersight.domain.errors import StateUnavailable
from snipersight.market.paper.state_file import PaperFile


def test_what_was_saved_is_read_again_and_only_its_owner_can(tmp_path):
    file = PaperFile(tmp_path / "paper" / "main-sandbox.json")
    assert file.load() is None
    file.save({"clock_us": 1, "engine": {"a": "0.1"}})
    file.save({"clock_us": 2, "engine": {"a": "0.2"}})
    assert file.load() == {"clock_us": 2, "engine": {"a": "0.2"}}
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.path.parent.stat().st_mode) == 0o700
    assert list(file.path.parent.iterdir()) == [file.path]


@pytest.mark.parametrize(
    "change",
    [
        lambda held: held["state"].update(clock_us=3),
        lambda held: held.update(schema="snipersight.paper/9"),
        lambda held: held.pop("sha256"),
    ],
)
def test_a_changed_file_is_refused(tmp_path, change):
    file = PaperFile(tmp_path / "main.json")
    file.save({"clock_us": 1})
    held = json.loads(file.path.read_text())
    change(held)
    file.path.write_text(json.dumps(held))
    with pytest.raises(StateUnavailable, match="is damaged") as caught:
        file.load()
    assert "remove it to begin again" in caught.value.next_step


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[]"])
def test_half_a_file_is_refused(tmp_path, content):
    file = PaperFile(tmp_path / "main.json")
    file.path.write_bytes(content)
    with pytest.raises(StateUnavailable):
        file.load()


def test_what_cannot_be_written_leaves_what_was_there(tmp_path):
    file = PaperFile(tmp_path / "main.json")
    file.save({"clock_us": 1})
    blocked = PaperFile(tmp_path / "main.json" / "below.json")
    with pytest.raises(StateUnavailable, match="cannot be written"):
        blocked.save({"clock_us": 2})
    assert file.load() == {"clock_us": 1}
