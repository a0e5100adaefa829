"""The local copy survives damage, crashes, other processes and disks that refuse."""

import errno
import multiprocessing
import os
import random
import signal
import stat
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snipersight.domain.candles import COLUMNS, Candles
from snipersight.domain.errors import DataInvalid
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Symbol
from snipersight.market import candle_cache_file
from snipersight.market.candle_cache import CandleCache
from snipersight.market.candle_cache_bars import (
    HeldBars,
    no_candles,
    overlaid,
    revisions,
    united_bars,
)
from snipersight.market.candle_cache_file import CacheKey, decode, encode, write_atomically
from tests.fakes.events import RecordingEvents

FIVE = Timeframe.parse("5m")
KEY = CacheKey("binance", Symbol("BTC/USDT"), FIVE)
STEP = FIVE.duration_ms
NOW = 1_700_000_000_000


def bars(*slots: int, close: float = 100.0) -> Candles:
    """Bars that open at these multiples of five minutes."""
    closes = np.full(len(slots), close)
    return Candles(
        symbol=KEY.symbol,
        timeframe=FIVE,
        open_time=np.array(slots, dtype=np.int64) * STEP,
        open=closes,
        high=closes + 1,
        low=closes - 1,
        close=closes,
        volume=np.ones(len(slots)),
    )


def held(*slots: int, close: float = 100.0) -> HeldBars:
    span = (min(slots) * STEP, (max(slots) + 1) * STEP)
    return HeldBars(candles=bars(*slots, close=close), intervals=(span,))


def slots_of(found: HeldBars) -> list[int]:
    return [int(time) // STEP for time in found.candles.open_time]


@pytest.fixture
def events():
    return RecordingEvents()


@pytest.fixture
def cache(tmp_path, events):
    return CandleCache(tmp_path, events=events, clock=lambda: NOW)


def file_of(tmp_path: Path) -> Path:
    return tmp_path / KEY.relative_path


def test_what_was_added_is_loaded_again_bit_for_bit(cache):
    cache.add(KEY, held(1, 2, 5, close=100.1 + 0.2))
    found = cache.load(KEY)
    assert slots_of(found) == [1, 2, 5]
    assert found.intervals == ((STEP, 6 * STEP),)
    assert found.candles.close.tolist() == [100.1 + 0.2] * 3


def test_an_absent_file_holds_nothing_and_is_no_event(cache, events):
    assert len(cache.load(KEY).candles) == 0
    assert events.events == []


def test_two_symbols_that_look_alike_have_their_own_files():
    spot = CacheKey("x", Symbol("BTC/USDT"), FIVE).relative_path
    perpetual = CacheKey("x", Symbol("BTC/USDT:USDT"), FIVE).relative_path
    assert {spot.name, perpetual.name} == {"BTC_USDT-5m.parquet", "BTC_USDT_USDT-5m.parquet"}


def test_files_and_folders_are_readable_by_the_owner_only(cache, tmp_path):
    cache.add(KEY, held(1))
    modes = [stat.S_IMODE(path.stat().st_mode) for path in file_of(tmp_path).parent.iterdir()]
    assert set(modes) == {0o600}
    assert stat.S_IMODE(file_of(tmp_path).parent.stat().st_mode) == 0o700


def test_later_bars_are_merged_with_earlier_ones(cache):
    cache.add(KEY, held(1, 2))
    result = cache.add(KEY, held(2, 3))
    assert slots_of(result) == slots_of(cache.load(KEY)) == [1, 2, 3]
    assert result.intervals == ((STEP, 4 * STEP),)


def test_a_revised_bar_is_replaced_and_told_with_old_and_new_values(cache, events):
    cache.add(KEY, held(1, 2))
    cache.add(KEY, held(2, 3, close=101.0))
    (told,) = events.named("candle_revised")
    assert told["symbol"] == "BTC/USDT"
    assert told["time_ms"] == 2 * STEP
    assert told["old"] == dict(zip(COLUMNS, (100.0, 101.0, 99.0, 100.0, 1.0), strict=True))
    assert told["new"] == dict(zip(COLUMNS, (101.0, 102.0, 100.0, 101.0, 1.0), strict=True))
    assert cache.load(KEY).candles.close.tolist() == [100.0, 101.0, 101.0]


def test_an_unchanged_bar_is_no_revision(cache, events):
    cache.add(KEY, held(1, 2))
    cache.add(KEY, held(2, 3))
    assert events.events == []


def test_a_bar_the_venue_no_longer_shows_is_kept_and_told(cache, events):
    cache.add(KEY, held(1, 2, 3))
    cache.add(KEY, held(1, 3))
    assert slots_of(cache.load(KEY)) == [1, 2, 3]
    assert [told["time_ms"] for told in events.named("candle_withdrawn")] == [2 * STEP]


def test_without_a_directory_nothing_is_kept_and_nothing_is_lost(events):
    cache = CandleCache(None, events=events, clock=lambda: NOW)
    assert slots_of(cache.add(KEY, held(1, 2))) == [1, 2]
    assert len(cache.load(KEY).candles) == 0


@pytest.mark.parametrize("damage", ["flip", "truncate", "empty", "text"])
def test_a_damaged_file_is_moved_aside_told_and_replaced(cache, events, tmp_path, damage):
    cache.add(KEY, held(1, 2))
    path = file_of(tmp_path)
    path.write_bytes(_damaged(path.read_bytes(), damage))
    assert len(cache.load(KEY).candles) == 0
    (told,) = events.named("cache_corrupt")
    assert told["moved_to"] == f"{path}.corrupt-{NOW}"
    assert Path(str(told["moved_to"])).exists()
    assert slots_of(cache.add(KEY, held(3))) == [3]


def test_adding_to_a_damaged_file_moves_it_aside_and_starts_anew(cache, events, tmp_path):
    cache.add(KEY, held(1, 2))
    file_of(tmp_path).write_bytes(b"damaged")
    assert slots_of(cache.add(KEY, held(3))) == [3]
    assert events.names == ["cache_corrupt"]


def _damaged(raw: bytes, damage: str) -> bytes:
    flipped = raw[:60] + bytes([raw[60] ^ 1]) + raw[61:]
    kinds = {"flip": flipped, "truncate": raw[: len(raw) // 2], "empty": b"", "text": b"hello"}
    return kinds[damage]


def test_every_flipped_bit_is_noticed():
    raw = encode(KEY, held(1, 2, 3))
    chance = random.Random(7)
    for _ in range(300):
        place = chance.randrange(len(raw))
        broken = raw[:place] + bytes([raw[place] ^ (1 << chance.randrange(8))]) + raw[place + 1 :]
        with pytest.raises(DataInvalid):
            decode(KEY, broken)


def test_a_file_of_another_symbol_is_refused():
    other = CacheKey("binance", Symbol("ETH/USDT"), FIVE)
    with pytest.raises(DataInvalid, match="belongs to"):
        decode(other, encode(KEY, held(1)))


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_disk_that_refuses_is_told_once_and_the_bars_are_served(
    cache, events, monkeypatch, error
):
    def refuse(*_):
        raise OSError(error, os.strerror(error))

    cache.add(KEY, held(1))
    monkeypatch.setattr(candle_cache_file, "_write_synced", refuse)
    assert slots_of(cache.add(KEY, held(2))) == [1, 2]
    assert slots_of(cache.add(KEY, held(3))) == [1, 3]
    assert [told["reason"] for told in events.named("cache_unavailable")] == [os.strerror(error)]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write to a read-only directory")
def test_a_read_only_directory_is_told_once(cache, events, tmp_path):
    tmp_path.chmod(0o500)
    try:
        assert slots_of(cache.add(KEY, held(1))) == [1]
    finally:
        tmp_path.chmod(0o700)
    assert events.names == ["cache_unavailable"]


def test_a_file_where_the_directory_should_be_is_told_once(events, tmp_path):
    (tmp_path / "cache").write_text("not a directory")
    cache = CandleCache(tmp_path / "cache", events=events, clock=lambda: NOW)
    assert slots_of(cache.add(KEY, held(1))) == [1]
    assert len(cache.load(KEY).candles) == 0
    assert events.names == ["cache_unavailable"]


def test_a_failed_write_leaves_the_old_file_and_no_leftover(cache, tmp_path, monkeypatch):
    cache.add(KEY, held(1))
    before = file_of(tmp_path).read_bytes()

    def refuse(self, target):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(OSError, match="No space"):
        write_atomically(file_of(tmp_path), b"new")
    assert file_of(tmp_path).read_bytes() == before
    assert list(file_of(tmp_path).parent.glob(".*.tmp")) == []


def test_a_process_killed_before_the_rename_loses_nothing_and_its_leftover_goes(cache, tmp_path):
    cache.add(KEY, held(1))
    child = multiprocessing.get_context("spawn").Process(
        target=_die_before_rename, args=(tmp_path,)
    )
    child.start()
    child.join(60)
    assert child.exitcode == -signal.SIGKILL
    folder = file_of(tmp_path).parent
    assert len(list(folder.glob(".*.tmp"))) == 1
    assert slots_of(cache.load(KEY)) == [1]
    assert slots_of(cache.add(KEY, held(3))) == [1, 3]
    assert list(folder.glob(".*.tmp")) == []


def _die_before_rename(directory: Path) -> None:
    Path.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore[method-assign,assignment]
    CandleCache(directory, events=RecordingEvents(), clock=lambda: NOW).add(KEY, held(2))


def test_processes_that_write_at_once_lose_no_bar(cache, events, tmp_path):
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write_many, args=(tmp_path, first)) for first in (0, 1)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(90)
    assert [writer.exitcode for writer in writers] == [0, 0]
    assert slots_of(cache.load(KEY)) == list(range(40))
    assert events.events == []


def _write_many(directory: Path, first: int) -> None:
    events = RecordingEvents()
    cache = CandleCache(directory, events=events, clock=lambda: NOW)
    for slot in range(first, 40, 2):
        cache.add(KEY, held(slot))
    assert events.events == []


def test_threads_that_write_at_once_lose_no_bar(cache):
    threads = [threading.Thread(target=cache.add, args=(KEY, held(slot))) for slot in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert slots_of(cache.load(KEY)) == list(range(16))


SLOTS = st.sets(st.integers(0, 20), max_size=12).map(sorted)


@given(SLOTS, SLOTS)
def test_overlaid_bars_are_the_union_and_the_fresh_bar_wins(old, new):
    result = overlaid(bars(*old, close=100.0), bars(*new, close=200.0))
    assert [int(time) // STEP for time in result.open_time] == sorted({*old, *new})
    expected = [200.0 if slot in new else 100.0 for slot in sorted({*old, *new})]
    assert result.close.tolist() == expected


@settings(max_examples=25)
@given(st.lists(SLOTS.filter(bool), min_size=1, max_size=4))
def test_every_held_bar_is_written_and_read_back(batches):
    result = HeldBars(candles=no_candles(KEY.symbol, FIVE), intervals=())
    for batch in batches:
        result = decode(KEY, encode(KEY, united_bars(result, held(*batch))))
    assert slots_of(result) == sorted({slot for batch in batches for slot in batch})
    for time in result.candles.open_time:
        assert any(start <= time < end for start, end in result.intervals)


@given(SLOTS, st.dictionaries(st.integers(0, 20), st.sampled_from([100.0, 200.0]), max_size=12))
def test_a_revision_is_every_held_bar_inside_the_fresh_stretch_that_differs(old, fresh):
    closes = dict(sorted(fresh.items()))
    new = HeldBars(candles=no_candles(KEY.symbol, FIVE), intervals=((5 * STEP, 15 * STEP),))
    for slot, close in closes.items():
        new = HeldBars(
            candles=overlaid(new.candles, bars(slot, close=close)), intervals=new.intervals
        )
    before = HeldBars(candles=bars(*old), intervals=((0, 21 * STEP),))
    found = {r.time_ms // STEP: r.new and r.new[3] for r in revisions(before, new)}
    judged = [slot for slot in old if 5 <= slot < 15]
    assert found == {s: closes.get(s) for s in judged if closes.get(s) != 100.0}
