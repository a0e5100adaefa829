"""Which series share a connection."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from snipersight.domain.units import Symbol
from snipersight.market.streams.bars import StreamKey
from snipersight.market.streams.line_plan import is_contract, planned_lines
from tests.unit.market.streams.scripted import FIVE, QUARTER

SYMBOLS = [Symbol(f"{base}/USDT{kind}") for base in "ABCDEFG" for kind in ("", ":USDT")]
KEYS = st.lists(
    st.builds(StreamKey, st.sampled_from(SYMBOLS), st.sampled_from([FIVE, QUARTER])), max_size=40
)


@given(KEYS, st.integers(1, 7))
def test_every_series_is_on_one_line_of_its_kind_and_no_line_is_too_full(
    keys: list[StreamKey], most: int
):
    lines = planned_lines(keys, most=most)
    assert sorted(key for line in lines for key in line) == sorted(set(keys))
    assert all(0 < len(line) <= most for line in lines)
    assert all(len({is_contract(key) for key in line}) == 1 for line in lines)
    kinds = [len({key for key in keys if is_contract(key) is kind}) for kind in (True, False)]
    assert len(lines) == sum(-(-count // most) for count in kinds)
