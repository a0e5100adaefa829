"""Trimming, nesting and bounds of entities."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.sandbox.telegram.answers import Refusal
from snipersight.sandbox.telegram.entities import CODES, SPLITTABLE, Entity, EntityKind, entities_of
from snipersight.sandbox.telegram.tidying import tidy
from snipersight.sandbox.telegram.utf16 import Ruler, units

BOLD, ITALIC, CODE, QUOTE = (
    EntityKind.BOLD,
    EntityKind.ITALIC,
    EntityKind.CODE,
    EntityKind.BLOCKQUOTE,
)
TEXTS = st.text(st.sampled_from("ab 🏟\n\r\t\u202e") | st.characters(codec="utf-8"), max_size=20)


@st.composite
def worded(draw):
    """Draw a text and entities that begin and end at its characters."""
    text = draw(TEXTS)
    ruler = Ruler(text)
    places = st.integers(0, len(text))
    entities = []
    for kind in draw(st.lists(st.sampled_from([*SPLITTABLE, CODE, QUOTE]), max_size=6)):
        first, last = sorted((draw(places), draw(places)))
        offset = ruler.unit(first)
        entities.append(Entity(kind, offset, ruler.unit(last) - offset))
    return text, entities


def test_blanks_around_a_text_go_and_entities_move_with_it():
    text = tidy(" \n 🏟 bold \n", [Entity(BOLD, 6, 6)])
    assert text == ("🏟 bold", (Entity(BOLD, 3, 4),))


def test_an_entity_over_blanks_alone_goes():
    assert tidy("a  b", [Entity(BOLD, 1, 2)]) == ("a  b", ())
    assert tidy(" \n ", [Entity(BOLD, 0, 3)]) == ("", ())


def test_control_characters_become_blanks_and_carriage_returns_go():
    assert tidy("a\tb\r\nc\u202ed", [Entity(BOLD, 2, 4)]) == ("a b\ncd", (Entity(BOLD, 2, 3),))


def test_bold_that_crosses_code_is_cut_and_kept_out_of_it():
    cut = tidy("abcdef", [Entity(BOLD, 0, 4), Entity(CODE, 2, 4)])
    assert cut.entities == (Entity(BOLD, 0, 2), Entity(CODE, 2, 4))


def test_bold_twice_over_the_same_words_is_bold_once():
    assert tidy("abcdef", [Entity(BOLD, 0, 3), Entity(BOLD, 2, 3)]).entities == (
        Entity(BOLD, 0, 5),
    )


@pytest.mark.parametrize(
    ("offset", "length", "why"),
    [
        (3, 1, "entity begins after the end of the text at UTF-16 offset 3"),
        (
            2,
            2,
            "entity beginning at UTF-16 offset 2 ends after the end of the text at UTF-16 offset 4",
        ),
        (1, 2, "entity begins in a middle of a UTF-16 symbol at byte offset 4"),
        (
            0,
            1,
            "entity beginning at UTF-16 offset 0 ends in a middle of a UTF-16 symbol at byte offset 4",
        ),
    ],
)
def test_an_entity_outside_of_the_text_or_through_an_emoji_is_refused(offset, length, why):
    with pytest.raises(Refusal) as caught:
        tidy("🏟a", [Entity(BOLD, offset, length)])
    assert caught.value.what == f"Bad Request: {why}"


@given(worded())
def test_what_is_tidy_is_trimmed_nests_and_stays_as_it_is(drawn):
    text, entities = drawn
    tidied = tidy(text, entities)
    assert tidied.text == tidied.text.strip(" \n")
    spans = [(e.offset, e.end) for e in tidied.entities]
    assert all(0 <= first < last <= units(tidied.text) for first, last in spans)
    crossing = [(a, b) for a in spans for b in spans if a[0] < b[0] < a[1] < b[1]]
    splittable = {(e.offset, e.end) for e in tidied.entities if e.kind in SPLITTABLE}
    assert all(a in splittable and b in splittable for a, b in crossing)
    assert tidy(*tidied) == tidied


@given(worded())
def test_nothing_is_bold_within_code(drawn):
    tidied = tidy(*drawn)
    codes = [e for e in tidied.entities if e.kind in CODES]
    marked = [e for e in tidied.entities if e.kind in SPLITTABLE]
    assert not any(a.offset < b.end and b.offset < a.end for a in codes for b in marked)


def test_entities_are_read_from_json_and_those_telegram_finds_itself_are_passed_over():
    read = entities_of(
        [
            {"type": "text_link", "offset": "0", "length": 1, "url": "HTTPS://X.org"},
            {"type": "pre", "offset": 1, "length": 1, "language": "py"},
            {"type": "text_mention", "offset": 1, "length": 1, "user": {"id": 7}},
            {"type": "url", "offset": 0, "length": 1},
            {"type": "of_next_year", "offset": 0, "length": 1},
        ]
    )
    assert [(e.kind, e.argument) for e in read] == [
        (EntityKind.TEXT_LINK, "https://x.org/"),
        (EntityKind.PRE, "py"),
        (EntityKind.TEXT_MENTION, "7"),
    ]


@pytest.mark.parametrize(
    "value",
    [
        {"type": "bold"},
        [1],
        [{"type": "bold", "offset": -1, "length": 1}],
        [{"type": "bold", "offset": 0, "length": True}],
        [{"offset": 0, "length": 1}],
        [{"type": "text_link", "offset": 0, "length": 1, "url": "javascript:x"}],
        [{"type": "text_mention", "offset": 0, "length": 1}],
    ],
)
def test_what_is_no_list_of_entities_is_refused(value):
    with pytest.raises(Refusal, match="Bad Request: "):
        entities_of(value)
