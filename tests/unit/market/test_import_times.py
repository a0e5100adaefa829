import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.domain.candles import utc_text
from snipersight.domain.errors import DataInvalid
from snipersight.market.import_times import parse_times

MOMENT_MS = 1_717_761_600_000  # 2024-06-07 12:00 UTC


def read(*values: object) -> tuple[list[int], tuple[str, ...]]:
    times, notes = parse_times(pl.Series("time", values), first_line=2)
    return times.tolist(), notes


@pytest.mark.parametrize(
    ("per_second", "unit"),
    [(1, "seconds"), (10**3, "milliseconds"), (10**6, "microseconds"), (10**9, "nanoseconds")],
)
@pytest.mark.parametrize("kind", [int, str])
def test_the_unit_of_an_epoch_is_told_by_its_size(per_second: int, unit: str, kind: type):
    value = MOMENT_MS // 1000 * per_second
    assert read(kind(value)) == ([MOMENT_MS], (f"epoch times read as {unit}",))


@pytest.mark.parametrize(
    "text",
    [
        "2024-06-07 12:00:00", "2024-06-07T12:00", "2024-06-07T12:00:00Z", "2024-06-07T14:00:00+02:00",
        "2024-06-07 12-PM", "2024-06-07 12:00 PM", "2024/06/07 12:00", "2024-06-07 12:00:00.000",
        "1717761600.0", "1.7177616e9",
    ],
)  # fmt: skip
def test_common_spellings_of_one_moment_agree(text: str):
    assert read(text)[0] == [MOMENT_MS]


@pytest.mark.parametrize(
    ("text", "hour"),
    [("2017-07-01 12-AM", "00"), ("2017-07-01 11-AM", "11"), ("2017-07-01 01-PM", "13")],
)
def test_a_twelve_hour_clock_is_read_as_such(text: str, hour: str):
    times, notes = read(text)
    assert utc_text(times[0]) == f"2017-07-01T{hour}:00:00Z"
    assert notes == ("times read as %Y-%m-%d %I-%p", "times without a zone were taken as UTC")


def test_a_time_without_a_zone_is_an_assumption_and_one_with_a_zone_is_none():
    assert read("2024-06-07 12:00:00")[1] == ("times without a zone were taken as UTC",)
    assert read("2024-06-07T12:00:00Z")[1] == ()


@pytest.mark.parametrize(
    ("dtype", "notes"),
    [
        (pl.Datetime("ms"), ("times without a zone were taken as UTC",)),
        (pl.Datetime("ns", "UTC"), ()),
        (pl.Datetime("us", "Europe/Berlin"), ()),
    ],
    ids=str,
)
def test_typed_times_keep_their_moment(dtype: pl.Datetime, notes: tuple[str, ...]):
    column = pl.Series([MOMENT_MS]).cast(pl.Datetime("ms"))
    if dtype.time_zone:
        column = column.dt.replace_time_zone("UTC").dt.convert_time_zone(dtype.time_zone)
    times, found = parse_times(column.cast(dtype), first_line=1)
    assert times.tolist() == [MOMENT_MS]
    assert found == notes


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (["07/06/2024"], "line 2: '07/06/2024' is no time"),
        (["2024-06-07", "yesterday"], "line 3: 'yesterday' is no time like the first row's"),
        (["2024-06-07T12:00", "2024-06-07T12:00Z"], "line 3: .*like the first row's"),
        (["2024-06-07", None], "line 3 has no time"),
        ([1717761600, 1717761600000], "line 3: 1717761600000 is no time in seconds"),
        ([17], "line 2: 17 is no time since 2001"),
        (["1e30"], "line 2: '1e30' is no time"),
        (["1717761600", "x"], "line 3: 'x' is no time"),
        (["1717761600.5"], "line 2: '1717761600.5' is no time"),
        ([1717761600000001], "line 2: 1717761600000001 is not a whole millisecond"),
    ],
)
def test_what_is_no_time_is_refused_by_line(values: list[object], message: str):
    with pytest.raises(DataInvalid, match=message) as caught:
        read(*values)
    assert caught.value.next_step


@given(
    st.lists(st.integers(10**9, 9 * 10**9 - 1), min_size=1, max_size=5),
    st.sampled_from([1, 10**3, 10**6, 10**9]),
)
def test_every_unit_gives_the_same_moments(seconds: list[int], per_second: int):
    assert read(*(value * per_second for value in seconds))[0] == [s * 1000 for s in seconds]
