from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from snipersight.bot.notifications.markup.formatted_text import (
    MOST_ENTITIES,
    Entity,
    EntityKind,
    FormattedText,
    spans_of,
)
from snipersight.bot.notifications.markup.graphemes import is_blank, is_cut
from snipersight.bot.notifications.markup.markdown_entities import to_entities
from snipersight.bot.notifications.markup.splitting import split
from tests.builders.formatted_texts import covered, formatted_texts, shown


def places(text: str, parts: tuple[FormattedText, ...]) -> list[int]:
    """Find the parts in the text, with nothing but what cannot be seen before and between them."""
    found, at = [], 0
    for part in parts:
        here = text.index(part.text, at)
        assert is_blank(text[at:here])
        found.append(here)
        at = here + len(part.text)
    assert is_blank(text[at:])
    return found


@given(formatted_texts(), st.integers(1, 30), st.none() | st.integers(1, 30))
@example(FormattedText(text="a\u200b\u200b\u200bb"), 1, None)
def test_the_parts_are_the_text_and_its_formats(
    formatted: FormattedText, limit: int, first: int | None
) -> None:
    parts = split(formatted, limit, first_limit=first)
    starts = places(formatted.text, parts)
    again = (covered(part, shift=start) for part, start in zip(parts, starts, strict=True))
    assert set().union(*again) == covered(formatted)


@given(formatted_texts(), st.integers(1, 30), st.none() | st.integers(1, 30))
def test_every_part_is_a_message_telegram_takes(
    formatted: FormattedText, limit: int, first: int | None
) -> None:
    for number, part in enumerate(split(formatted, limit, first_limit=first)):
        room = first if number == 0 and first is not None else limit
        assert 1 <= len(part.text) <= room
        assert part.text == part.text.strip()
        assert not is_blank(part.text)
        for span in spans_of(part):
            inside = part.text[span.start : span.end]
            assert not is_blank(inside)
            assert inside == inside.rstrip()


@given(formatted_texts(), st.integers(1, 30))
def test_an_entity_that_fits_into_a_message_stays_whole(
    formatted: FormattedText, limit: int
) -> None:
    whole = [words for _, words in shown(formatted) if len(words) <= limit]
    pieces = [words for part in split(formatted, limit) for _, words in shown(part)]
    for words in whole:
        assert words.strip() in pieces


@given(formatted_texts(), st.integers(12, 30))
def test_no_character_is_cut_apart_where_that_can_be_avoided(
    formatted: FormattedText, limit: int
) -> None:
    plain = FormattedText(text=formatted.text)
    for start in places(plain.text, split(plain, limit))[1:]:
        assert is_cut(plain.text, start) or longest_character(plain.text) > limit


def longest_character(text: str) -> int:
    cuts = [at for at in range(len(text) + 1) if is_cut(text, at)]
    return max((b - a for a, b in pairwise(cuts)), default=0)


@pytest.mark.parametrize("char", ["x", "é", "🟢", "𝕏"])
def test_a_message_of_4096_is_one_and_of_4097_two(char: str) -> None:
    assert [len(part.text) for part in split(FormattedText(text=char * 4096))] == [4096]
    assert [len(part.text) for part in split(FormattedText(text=char * 4097))] == [4096, 1]


def test_combining_marks_and_joined_emoji_stay_with_their_base() -> None:
    accents, family = "e\u0301" * 2049, "👩‍👩‍👧" * 820
    assert [len(part.text) for part in split(FormattedText(text=accents))] == [4096, 2]
    assert [len(part.text) for part in split(FormattedText(text=f"x{accents}"))] == [4095, 4]
    assert [len(part.text) for part in split(FormattedText(text=family))] == [4095, 5]


def test_marks_without_end_are_cut_all_the_same() -> None:
    parts = split(FormattedText(text="e" + "\u0301" * 50), 20)
    assert [len(part.text) for part in parts] == [20, 20, 11]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("one two\nthree four", ["one two", "three four"]),
        ("one\ntwo three", ["one", "two three"]),
        ("one two three", ["one two", "three"]),
        ("onetwothree", ["onetwothre", "e"]),
        ("a\nb\n\nc\nd\ne\nf", ["a\nb\n\nc\nd\ne", "f"]),
        ("a\nbc de\n\nf\ng", ["a\nbc de", "f\ng"]),
        ("1234567890 ab", ["1234567890", "ab"]),
        ("12345678901 ab", ["1234567890", "1 ab"]),
    ],
)
def test_cuts_are_made_between_paragraphs_lines_words(text: str, parts: list[str]) -> None:
    assert [part.text for part in split(FormattedText(text=text), 10)] == parts


def test_a_cut_goes_round_an_entity() -> None:
    parts = split(to_entities("aaaa **bb cc dd** ee"), 10)
    assert [part.text for part in parts] == ["aaaa", "bb cc dd", "ee"]
    assert [shown(part) for part in parts] == [[], [("bold", "bb cc dd")], []]


def test_an_entity_longer_than_a_message_is_closed_and_opened_again() -> None:
    parts = split(to_entities("a\n```py\nfirst\n  second\n```\n*bcd*"), 10)
    assert [shown(part) for part in parts] == [
        [("pre", "first")],
        [("pre", "second")],
        [("italic", "bcd")],
    ]
    assert [entity.language for part in parts for entity in part.entities] == ["py", "py", ""]


def test_the_first_part_may_be_shorter() -> None:
    parts = split(FormattedText(text="head line\n" + "x" * 30), 25, first_limit=12)
    assert [part.text for part in parts] == ["head line", "x" * 25, "x" * 5]


def test_of_more_entities_than_telegram_honours_the_first_are_kept_in_each_part() -> None:
    entities = tuple(Entity(kind=EntityKind.BOLD, offset=2 * at, length=1) for at in range(150))
    (part,) = split(FormattedText(text="a " * 150, entities=entities))
    assert part.entities == entities[:MOST_ENTITIES]


def test_nothing_to_be_seen_gives_no_message() -> None:
    assert split(FormattedText(text=" \n\u200b ")) == ()


@pytest.mark.parametrize(("limit", "first"), [(0, None), (5, 0), (-1, 3)])
def test_a_limit_that_holds_nothing_is_refused(limit: int, first: int | None) -> None:
    with pytest.raises(ValueError, match="holds nothing"):
        split(FormattedText(text="a"), limit, first_limit=first)
