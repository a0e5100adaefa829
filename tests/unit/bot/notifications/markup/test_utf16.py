from hypothesis import given
from hypothesis import strategies as st

from snipersight.bot.notifications.markup.utf16 import (
    code_point_at,
    utf16_offsets,
    without_lone_surrogates,
)
from tests.builders.formatted_texts import TEXTS


@given(st.text() | TEXTS)
def test_offsets_and_code_points_are_each_other_s_inverse(text: str) -> None:
    offsets = utf16_offsets(text)
    assert [code_point_at(offsets, unit) for unit in offsets] == list(range(len(text) + 1))
    assert offsets[-1] == len(text.encode("utf-16-le", "surrogatepass")) // 2


def test_no_code_point_begins_inside_a_pair_or_outside_the_text() -> None:
    offsets = utf16_offsets("a🟢b")
    assert [code_point_at(offsets, unit) for unit in range(-1, 6)] == [None, 0, 1, None, 2, 3, None]
    assert code_point_at(utf16_offsets("ab"), 3) is None


def test_half_a_pair_is_replaced_and_a_whole_one_is_kept() -> None:
    assert without_lone_surrogates("a\ud83dz🟢\udfff") == "a\ufffdz🟢\ufffd"
