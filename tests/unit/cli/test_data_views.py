"""What `data check` says of a file, in lines that no window cuts."""

import math
from typing import Any

import pytest

from snipersight.cli.data_views import quality_lines
from snipersight.domain.timeframe import Timeframe
from snipersight.market.quality import FileQuality, Gap, Jump, StaleRun

FIVE = Timeframe.parse("5m")
HOUR_MS = 3_600_000


def a_file(**overrides: Any) -> FileQuality:
    values: dict[str, Any] = {
        "file": "BTCUSDT-5m.parquet",
        "timeframe": FIVE,
        "rows": 65_487,
        "start_ms": 0,
        "end_ms": 24 * HOUR_MS,
    }
    return FileQuality(**{**values, **overrides})


def said(file: FileQuality) -> list[str]:
    return [line.plain for line in quality_lines(file)]


def test_a_sound_file_is_told_in_two_lines():
    assert said(a_file()) == [
        "BTCUSDT-5m.parquet  usable",
        "  65,487 bars of 5m, 1970-01-01 00:00 to 1970-01-02 00:00 UTC",
    ]


def test_every_gap_up_to_eight_is_told_with_its_times():
    gaps = tuple(Gap(after_ms=0, before_ms=HOUR_MS, missing_bars=11) for _ in range(10))
    lines = said(a_file(gaps=gaps))
    assert "  110 bars missing in 10 gaps" in lines
    assert lines.count("    11 between 1970-01-01 00:00 and 1970-01-01 01:00") == 8
    assert "    and 2 more, which --format json lists" in lines


@pytest.mark.parametrize(("halved", "text"), [(True, "−50.00 %"), (False, "+100.00 %")])
def test_a_jump_is_told_as_a_percentage_of_price_and_not_as_a_logarithm(halved, text):
    jump = Jump(at_ms=HOUR_MS, log_return=math.log(0.5 if halved else 2.0))
    expected = f"  largest move from close to close {text}, at 1970-01-01 01:00"
    assert expected in said(a_file(largest_jump=jump))


def test_silence_is_counted_in_bars_and_spells():
    spell = StaleRun(first_ms=0, last_ms=HOUR_MS, bars=13)
    lines = said(a_file(zero_volume_rows=13, stale_runs=(spell,)))
    assert "  13 bars without volume, 1 silent spell" in lines


def test_the_first_problem_is_the_verdict():
    assert said(a_file(problem="high below low at 1970-01-01T00:05:00Z"))[0] == (
        "BTCUSDT-5m.parquet  high below low at 1970-01-01T00:05:00Z"
    )
    assert said(a_file(rows=0, start_ms=None, end_ms=None)) == ["BTCUSDT-5m.parquet  holds no rows"]
