"""Files of the log on a disk that takes nothing any more, and files that grow."""

import os
import resource
import stat

import pytest
from loguru import logger

from snipersight.bot.telemetry import configure_logging, log_structured
from snipersight.bot.telemetry.log_archive import Keeping
from snipersight.bot.telemetry.log_files import LogFile, tell_anew

MOST = 1_000_000  # bytes that a file of this process may hold while a disk is full
WARNING = "warning: the log cannot be written: File too large; this run goes on without it"


@pytest.fixture
def full_disk(tmp_path):
    """Return a folder whose log can take nothing more."""
    (tmp_path / "snipersight.jsonl").touch()
    os.truncate(tmp_path / "snipersight.jsonl", MOST)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST, before[1]))
    yield tmp_path
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_is_said_once_and_nothing_is_raised(full_disk, capfd):
    configure_logging(logs=full_disk)
    for _ in range(3):
        log_structured("something happened")
    logger.remove()
    assert capfd.readouterr().err.splitlines() == [WARNING]


def test_a_run_that_begins_again_is_told_again(full_disk, capfd):
    for _ in range(2):
        configure_logging(logs=full_disk)
        log_structured("something happened")
    assert capfd.readouterr().err.splitlines() == [WARNING, WARNING]


def test_a_folder_that_went_away_is_said_and_not_made_anew(tmp_path, capfd):
    configure_logging(logs=tmp_path / "gone")
    log_structured("something happened")
    log_structured("warned all the same", level="WARNING")
    shown = capfd.readouterr().err.splitlines()
    assert "the log cannot be written: No such file or directory" in shown[0]
    assert shown[1:] == ["warning: warned all the same"]
    assert not (tmp_path / "gone").exists()


def test_a_file_that_cannot_be_closed_ends_nothing(tmp_path, capfd):
    tell_anew()
    file = LogFile(tmp_path / "a.jsonl")
    file.write("one\n")
    assert file._file is not None
    os.close(file._file)  # whoever closes it now is told that it is not open
    file.write("two\n")
    file.stop()
    assert "Bad file descriptor; this run goes on without it" in capfd.readouterr().err
    assert (tmp_path / "a.jsonl").read_text() == "one\n"


def test_a_file_is_put_aside_before_it_grows_too_large(tmp_path):
    file = LogFile(tmp_path / "a.jsonl", most_bytes=8, keeping=Keeping(files=2))
    for number in range(6):
        file.write(f"line {number}\n")  # two of them do not fit
    file.stop()
    aside = sorted(tmp_path.glob("a.*.jsonl"))
    assert [path.read_text() for path in aside] == ["line 3\n", "line 4\n"]
    assert (tmp_path / "a.jsonl").read_text() == "line 5\n"
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}


def test_what_was_there_before_stays(tmp_path):
    (tmp_path / "a.jsonl").write_text("old\n")
    file = LogFile(tmp_path / "a.jsonl")
    file.write("new …\n")
    file.stop()
    file.stop()
    assert (tmp_path / "a.jsonl").read_text() == "old\nnew …\n"


def test_after_a_minute_a_full_disk_is_tried_again_and_the_gap_is_told(full_disk, capfd):
    now_s = [0.0]
    tell_anew()
    path = full_disk / "snipersight.jsonl"
    file = LogFile(path, gap_line=lambda lost: f"{lost} lost", clock_s=lambda: now_s[0])
    for _ in range(3):
        file.write("line\n")
    os.truncate(path, 0)  # there is room again
    now_s[0] = 59.0
    file.write("too soon\n")
    now_s[0] = 60.0
    file.write("first\n")
    file.write("second\n")
    file.stop()
    assert path.read_text() == "4 lost\nfirst\nsecond\n"
    assert capfd.readouterr().err.splitlines() == [WARNING]


def test_half_a_line_that_still_fitted_does_not_run_into_the_next(full_disk):
    now_s = [0.0]
    tell_anew()
    path = full_disk / "snipersight.jsonl"
    os.truncate(path, MOST - 4)
    file = LogFile(path, clock_s=lambda: now_s[0])
    file.write("a long line\n")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2 * MOST, before[1]))
    now_s[0] = 60.0
    file.write("the next one\n")
    file.stop()
    assert path.read_bytes()[MOST - 4 :] == b"a lo\nthe next one\n"


def test_a_file_that_another_process_put_aside_is_left_for_the_new_one(tmp_path):
    mine, others = (LogFile(tmp_path / "a.jsonl", most_bytes=20) for _ in range(2))
    mine.write("mine 1\n")
    others.write("others 1\n")
    others.write("others 2\n")  # puts the file aside
    mine.write("mine 2\n")
    mine.stop()
    others.stop()
    (aside,) = tmp_path.glob("a.*.jsonl")
    assert aside.read_text() == "mine 1\nothers 1\n"
    assert (tmp_path / "a.jsonl").read_text() == "others 2\nmine 2\n"


def test_a_full_file_that_another_process_just_put_aside_is_not_put_aside_twice(tmp_path):
    """Both have seen that it is full; the second must not take the first one's new file away."""
    mine, others = (LogFile(tmp_path / "a.jsonl", most_bytes=20) for _ in range(2))
    mine.write("mine 1 …………\n")
    others.write("o\n")  # it puts the file aside
    mine._put_aside()
    others.stop()
    assert [path.read_text() for path in tmp_path.glob("a.*.jsonl")] == ["mine 1 …………\n"]
    assert (tmp_path / "a.jsonl").read_text() == "o\n"


def test_half_a_surrogate_costs_a_letter_and_no_line(tmp_path, capfd):
    file = LogFile(tmp_path / "a.jsonl")
    file.write("name \udcff\n")
    file.stop()
    assert (tmp_path / "a.jsonl").read_text() == "name ?\n"
    assert capfd.readouterr().err == ""
