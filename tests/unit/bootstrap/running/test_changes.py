"""Settings that change under a running bot are told of, once a change."""

from pathlib import Path

from snipersight.bootstrap.running.changes import Changes


def test_each_change_is_told_once_and_so_is_its_way_back(tmp_path: Path):
    file, other = tmp_path / ".env", tmp_path / "watchlists.toml"
    file.write_text("A=1")
    told: list[str] = []
    changes = Changes((file, other), tell=told.append)
    changes.look()
    assert told == []
    file.write_text("A=2")
    changes.look()
    changes.look()
    assert len(told) == 1
    assert told[0].startswith(f"{file} was changed")
    other.write_text("majors = []")
    changes.look()
    assert told[1].startswith(f"{other} was changed")
    file.write_text("A=1")
    other.unlink()
    changes.look()
    assert [text.partition(" ")[2] for text in told[2:]] == [
        "is again as it was when the bot began"
    ] * 2
