from pathlib import Path

import pytest

from snipersight.domain.errors import ConfigInvalid
from snipersight.market.import_output import write_whole


def test_a_reader_of_the_old_file_never_sees_a_part_of_the_new_one(tmp_path: Path):
    target = tmp_path / "candles.parquet"
    target.write_text("old")
    with target.open() as reader:
        write_whole(target, lambda path: path.write_text("new and longer"))
        assert reader.read() == "old"
    assert target.read_text() == "new and longer"


def test_a_write_that_fails_half_way_leaves_the_old_file_and_nothing_else(tmp_path: Path):
    target = tmp_path / "candles.parquet"
    target.write_text("old")

    def fail(path: Path) -> None:
        path.write_text("ha")
        raise OSError(28, "No space left on device")

    with pytest.raises(ConfigInvalid, match=r"cannot be written \(No space left on device\)"):
        write_whole(target, fail)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {target.name: "old"}


def test_a_missing_directory_is_made(tmp_path: Path):
    target = tmp_path / "new" / "deeper" / "candles.parquet"
    write_whole(target, lambda path: path.write_text("x"))
    assert target.read_text() == "x"
