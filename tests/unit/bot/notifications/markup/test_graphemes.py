import pytest

from snipersight.bot.notifications.markup.graphemes import is_blank, is_cut


@pytest.mark.parametrize(
    "whole",
    [
        *("e\u0301", "👩‍👩‍👧", "👍🏽", "❤️", "🇩🇪", "1️⃣", "กำ"[:1] + "\u0e31"),
        "🏴\U000e0067\U000e0062\U000e007f",
        "\u1112\u1161\u11ab",
    ],
)
def test_a_character_of_several_code_points_is_never_cut(whole: str) -> None:
    text = f"x{whole}y"
    cuts = [at for at in range(1, len(text)) if is_cut(text, at)]
    assert cuts == [1, 1 + len(whole)]


def test_flags_are_cut_between_pairs_of_letters() -> None:
    text = "🇩🇪🇫🇷🇪🇸"
    assert [at for at in range(len(text) + 1) if is_cut(text, at)] == [0, 2, 4, 6]


def test_between_ordinary_characters_there_is_a_cut() -> None:
    assert all(is_cut("BTC/USDT 🟢🔴 é", at) for at in range(15))


@pytest.mark.parametrize(
    "text", ["", " \n\t", "\u00a0\u2003", "\u200b\u200d\ufeff", "\u2800", "\u202e"]
)
def test_what_cannot_be_seen_is_blank(text: str) -> None:
    assert is_blank(text)
    assert not is_blank(f"{text}.{text}")
