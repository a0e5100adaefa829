"""The file of events holds each one once, whatever happens to whoever writes it."""

import gzip
import json
import resource
import stat
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snipersight.bot.telemetry.exporters.jsonl import EVENTS_FILE, JsonlExporter, line_of
from snipersight.bot.telemetry.exporters.port import ExportFailed
from snipersight.domain.event_log import StoredEvent


def events(first: int, last: int, *, word: str = "é") -> list[StoredEvent]:
    """Return events with these places."""
    return [
        StoredEvent(
            seq=seq,
            event_type="data_quality",
            at_us=seq,
            body=json.dumps({"event": "data_quality", "n": seq, "word": word}, ensure_ascii=False),
        )
        for seq in range(first, last + 1)
    ]


def seqs(folder: Path) -> list[int]:
    """Return the places of the lines in the file itself."""
    return [json.loads(line)["seq"] for line in (folder / EVENTS_FILE).read_text().splitlines()]


def all_seqs(folder: Path) -> list[int]:
    """Return the places of all lines, also of files put aside, oldest first."""
    aside = sorted(folder.glob("events.*.jsonl*"))
    found = [path.read_bytes() for path in [*aside, folder / EVENTS_FILE] if path.exists()]
    plain = [gzip.decompress(one) if one.startswith(b"\x1f\x8b") else one for one in found]
    return [json.loads(line)["seq"] for one in plain for line in one.splitlines()]


def test_a_line_is_the_event_with_its_place(tmp_path):
    JsonlExporter(tmp_path).export(events(7, 7))
    text = (tmp_path / EVENTS_FILE).read_text()
    assert text == '{"seq": 7, "event": "data_quality", "n": 7, "word": "é"}\n'
    assert stat.S_IMODE((tmp_path / EVENTS_FILE).stat().st_mode) == 0o600


def test_events_that_come_again_are_not_written_again(tmp_path):
    JsonlExporter(tmp_path).export(events(1, 10))
    JsonlExporter(tmp_path).export(events(5, 15))  # nobody had confirmed the first time
    JsonlExporter(tmp_path).export(events(1, 3))
    assert seqs(tmp_path) == list(range(1, 16))


def test_a_log_that_began_anew_loses_none_of_its_events(tmp_path):
    JsonlExporter(tmp_path).export(events(1, 10))
    exporter = JsonlExporter(tmp_path)
    exporter.export(events(1, 5, word="anew"))
    exporter.export(events(6, 12, word="anew"))
    assert seqs(tmp_path) == [*range(1, 11), *range(1, 13)]


def test_half_a_line_is_cut_and_written_whole(tmp_path):
    JsonlExporter(tmp_path).export(events(1, 3))
    path = tmp_path / EVENTS_FILE
    path.write_bytes(path.read_bytes() + line_of(events(4, 4)[0])[:20])
    JsonlExporter(tmp_path).export(events(4, 6))
    assert seqs(tmp_path) == [1, 2, 3, 4, 5, 6]


@settings(max_examples=60)
@given(st.integers(0, 400), st.integers(1, 6), st.integers(0, 200))
def test_wherever_a_writer_died_the_file_ends_up_with_every_event_once(
    tmp_path_factory, cut, batch, most
):
    folder = tmp_path_factory.mktemp("cut")
    path = folder / EVENTS_FILE
    JsonlExporter(folder).export(events(1, 6))
    path.write_bytes(path.read_bytes()[:cut])
    exporter = JsonlExporter(folder, most_bytes=10_000 if most > 100 else 80)
    confirmed = len(path.read_bytes().splitlines()) - batch  # at most what is whole
    for first in range(max(1, confirmed), 13, batch):
        exporter.export(events(first, first + batch - 1))
    found = all_seqs(folder)
    assert found == list(range(1, found[-1] + 1))


def test_after_putting_aside_the_place_is_found_in_the_file_before(tmp_path):
    JsonlExporter(tmp_path, most_bytes=100).export(events(1, 3))
    assert not (tmp_path / EVENTS_FILE).exists()
    JsonlExporter(tmp_path, most_bytes=100).export(events(2, 5))
    assert all_seqs(tmp_path) == [1, 2, 3, 4, 5]


def test_the_place_is_found_in_a_compressed_file_too(tmp_path):
    JsonlExporter(tmp_path, most_bytes=100).export(events(1, 3))
    (aside,) = tmp_path.glob("events.*.jsonl")
    (tmp_path / f"{aside.name}.gz").write_bytes(gzip.compress(aside.read_bytes()))
    aside.unlink()
    JsonlExporter(tmp_path).export(events(2, 5))
    assert all_seqs(tmp_path) == [1, 2, 3, 4, 5]


def test_a_writer_that_slept_through_several_files_writes_nothing_twice(tmp_path):
    for first in range(1, 41, 5):
        JsonlExporter(tmp_path, most_bytes=400).export(events(first, first + 4))
    assert len(list(tmp_path.glob("events.*.jsonl"))) > 2
    JsonlExporter(tmp_path).export(events(4, 9))
    assert all_seqs(tmp_path) == list(range(1, 41))


def test_a_foreign_line_at_the_end_is_left_alone(tmp_path):
    (tmp_path / EVENTS_FILE).write_text('{"event": "of an older version"}\n')
    JsonlExporter(tmp_path).export(events(1, 2))
    assert (tmp_path / EVENTS_FILE).read_text().count("\n") == 3


def test_writers_at_the_same_time_write_every_event_once(tmp_path):
    def write() -> None:
        exporter = JsonlExporter(tmp_path, most_bytes=3_000)
        for first in range(1, 200, 10):
            exporter.export(events(first, first + 9))

    threads = [threading.Thread(target=write) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(all_seqs(tmp_path)) == list(range(1, 201))


def test_a_full_disk_is_an_error_and_leaves_whole_lines(tmp_path):
    exporter = JsonlExporter(tmp_path)
    exporter.export(events(1, 3))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    size = (tmp_path / EVENTS_FILE).stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 70, before[1]))
    try:
        with pytest.raises(ExportFailed, match="File too large") as caught:
            exporter.export(events(4, 6))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert "make room" in caught.value.next_step
    assert seqs(tmp_path) == [1, 2, 3]
    exporter.export(events(4, 6))
    assert seqs(tmp_path) == [1, 2, 3, 4, 5, 6]


def test_a_folder_that_went_away_is_an_error(tmp_path):
    with pytest.raises(ExportFailed, match="No such file"):
        JsonlExporter(tmp_path / "gone").export(events(1, 1))


@pytest.mark.parametrize("content", [b"", b"no gzip", gzip.compress(b"x" * 999, mtime=0)[:20]])
def test_a_damaged_file_put_aside_stops_nothing(tmp_path, content):
    (tmp_path / "events.2026-01-01_00-00-00_000000.jsonl.gz").write_bytes(content)
    JsonlExporter(tmp_path).export(events(1, 2))
    assert seqs(tmp_path) == [1, 2]


def test_what_was_put_aside_after_the_clock_was_set_back_is_not_written_again(tmp_path):
    late = tmp_path / "events.2999-01-01_00-00-00_000000.jsonl"
    late.write_bytes(b"".join(line_of(event) for event in events(1, 3)))
    exporter = JsonlExporter(tmp_path, most_bytes=1)
    exporter.export(events(4, 5))  # puts the file aside, and the place is never confirmed
    exporter.export(events(4, 6))
    assert all_seqs(tmp_path) == [1, 2, 3, 4, 5, 6]
