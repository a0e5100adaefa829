"""What becomes of log files that were put aside."""

import gzip
import os
import stat
import threading
import time
from pathlib import Path

import pytest

from snipersight.bot.telemetry.log_archive import (
    Keeping,
    compress_all,
    put_aside,
    tidy_in_background,
)
from snipersight.bot.telemetry.log_files import LogFile

DAY_S = 86_400
LOG = "a.jsonl"


def aside(folder: Path, day: int, *, text: str = "line\n", age_s: float = 3600.0) -> Path:
    """Make a file that was put aside on a day of January, last written to some time ago."""
    file = folder / f"a.2026-01-{day:02}_00-00-00_000000.jsonl"
    file.write_text(text)
    then_s = time.time() - age_s
    os.utime(file, (then_s, then_s))
    return file


def settled() -> None:
    """Wait until no file is being compressed."""
    for thread in threading.enumerate():
        if thread.name == "log-archive":
            thread.join()


def names(folder: Path) -> list[str]:
    return [file.name for file in put_aside(folder / LOG)]


def test_quiet_files_are_compressed_whole_private_and_as_old_as_they_were(tmp_path):
    file = aside(tmp_path, 1, text="line …\n" * 1000)
    before = file.stat().st_mtime
    tidy_in_background(tmp_path / LOG, Keeping())
    settled()
    (packed,) = put_aside(tmp_path / LOG)
    assert packed.name == f"{file.name}.gz"
    assert gzip.decompress(packed.read_bytes()).decode() == "line …\n" * 1000
    assert packed.stat().st_mtime == pytest.approx(before)
    assert stat.S_IMODE(packed.stat().st_mode) == 0o600
    assert packed.stat().st_size < 200


def test_a_file_that_was_written_to_a_moment_ago_waits(tmp_path):
    file = aside(tmp_path, 1, age_s=5)
    tidy_in_background(tmp_path / LOG, Keeping(quiet_s=60))
    settled()
    assert names(tmp_path) == [file.name]


def test_the_oldest_beyond_the_number_go_whatever_their_form(tmp_path):
    for day in (1, 2, 3, 4):
        aside(tmp_path, day)
    compress_all([tmp_path / name for name in names(tmp_path)[:2]])
    tidy_in_background(tmp_path / LOG, Keeping(files=3, quiet_s=DAY_S))
    assert [name[7:12] for name in names(tmp_path)] == ["01-02", "01-03", "01-04"]


def test_what_is_too_old_goes_also_when_it_is_the_only_one(tmp_path):
    aside(tmp_path, 1, age_s=31 * DAY_S)
    kept = aside(tmp_path, 2, age_s=29 * DAY_S)
    tidy_in_background(tmp_path / LOG, Keeping(days=30, quiet_s=60 * DAY_S))
    assert names(tmp_path) == [kept.name]


def test_the_log_itself_and_other_files_are_never_touched(tmp_path):
    for name in (LOG, "b.2026-01-01_00-00-00_000000.jsonl", "notes.txt"):
        (tmp_path / name).write_text("mine\n")
        os.utime(tmp_path / name, (0, 0))
    tidy_in_background(tmp_path / LOG, Keeping(files=0, days=0))
    settled()
    assert len(list(tmp_path.iterdir())) == 3


def test_what_another_process_is_compressing_is_left_to_it(tmp_path):
    file = aside(tmp_path, 1)
    part = tmp_path / f"{file.name}.gz.part"
    part.touch()
    compress_all([file])
    assert names(tmp_path) == [file.name]
    os.utime(part, (0, 0))  # it was killed long ago
    tidy_in_background(tmp_path / LOG, Keeping())
    settled()
    assert not part.exists()
    assert names(tmp_path) == [f"{file.name}.gz"]


def test_a_file_that_cannot_be_compressed_keeps_none_of_the_others(tmp_path):
    gone, there = tmp_path / "a.2026-01-01.jsonl", aside(tmp_path, 2)
    compress_all([gone, there])
    assert names(tmp_path) == [f"{there.name}.gz"]


def test_opening_a_log_tidies_what_earlier_commands_left(tmp_path):
    file = aside(tmp_path, 1)
    log = LogFile(tmp_path / LOG)
    log.write("line\n")
    log.stop()
    settled()
    assert names(tmp_path) == [f"{file.name}.gz"]


def test_names_go_on_where_the_clock_was_set_back(tmp_path):
    (tmp_path / "a.2999-12-31_23-59-59_999999.jsonl.gz").touch()
    file = LogFile(tmp_path / LOG, most_bytes=8, keeping=Keeping(files=2))
    for number in range(3):
        file.write(f"line {number}\n")
    file.stop()
    assert [path.read_text() for path in put_aside(tmp_path / LOG)] == ["line 0\n", "line 1\n"]


def test_a_file_of_somebodys_own_is_neither_removed_nor_compressed(tmp_path):
    own = tmp_path / "a.keep.jsonl"
    own.write_text("mine\n")
    os.utime(own, (0, 0))
    tidy_in_background(tmp_path / LOG, Keeping())
    settled()
    assert own.read_text() == "mine\n"
