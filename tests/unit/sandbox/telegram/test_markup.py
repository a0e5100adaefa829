"""What the markup languages make of prices, mistakes and anything else."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.sandbox.telegram.answers import Refusal
from snipersight.sandbox.telegram.entities import Entity, EntityKind
from snipersight.sandbox.telegram.html_markup import parse_html
from snipersight.sandbox.telegram.legacy_markdown import parse_legacy_markdown
from snipersight.sandbox.telegram.markdown_v2 import parse_markdown_v2
from snipersight.sandbox.telegram.tidying import Worded, tidy
from snipersight.sandbox.telegram.utf16 import units

PREFIX = "Bad Request: can't parse entities: "
PARSERS = [parse_html, parse_legacy_markdown, parse_markdown_v2]
MARKED_UP = st.text(
    st.sampled_from("ab 🏟\n\r>_*~`|[]()!\\<>/&;#=\"'.") | st.characters(codec="utf-8"), max_size=30
)
TAGGED = st.lists(
    st.sampled_from(
        ["<b>", "</b>", "<pre>", "</pre>", "<code class='language-x'>", "</code>", "</>"]
    )
    | st.sampled_from(
        ["<a href=x.y>", "</a>", "<blockquote>", "</blockquote>", "a", "🏟", "\n", "&lt"]
    )
).map("".join)


def refused(parse: Callable[[str], Worded], text: str) -> str:
    """Return why a text is refused."""
    with pytest.raises(Refusal) as caught:
        parse(text)
    return caught.value.what.removeprefix(PREFIX)


@pytest.mark.parametrize("character", ".(-)|+#=>{}!")
def test_markdown_v2_refuses_a_price_with_any_reserved_character(character):
    text = f"a {character} b"
    wanted = f"Character '{character}' is reserved and must be escaped with the preceding '\\'"
    assert refused(parse_markdown_v2, text) == wanted
    assert parse_markdown_v2(f"a \\{character} b").text == text


def test_two_stars_are_two_empty_bold_entities_in_both_markdowns():
    assert parse_markdown_v2("**LONG**") == ("LONG", ())
    assert parse_legacy_markdown("**LONG**") == ("LONG", ())


@pytest.mark.parametrize(
    ("text", "entity"),
    [
        ("a *bc*", Entity(EntityKind.BOLD, 2, 2)),
        ("🏟 _bc_", Entity(EntityKind.ITALIC, 3, 2)),
        ("a `*c`", Entity(EntityKind.CODE, 2, 2)),
        ("a ```py\nb\nc```", Entity(EntityKind.PRE, 2, 3, "py")),
        ("a ```b```", Entity(EntityKind.PRE, 2, 1)),
        ("[bc](x.org)", Entity(EntityKind.TEXT_LINK, 0, 2, "http://x.org/")),
        ("[x.org]", Entity(EntityKind.TEXT_LINK, 0, 5, "http://x.org/")),
        ("[you](tg://user?id=7)", Entity(EntityKind.TEXT_MENTION, 0, 3, "7")),
    ],
)
def test_legacy_markdown_makes_one_entity_of_each_mark(text, entity):
    assert parse_legacy_markdown(text).entities == (entity,)


def test_legacy_markdown_escapes_four_characters_and_nests_nothing():
    assert parse_legacy_markdown(r"BTC\_USDT \* \` \[ \. \\") == (r"BTC_USDT * ` [ \. \\", ())
    assert parse_legacy_markdown("*a _b_*") == ("a _b_", (Entity(EntityKind.BOLD, 0, 5),))
    assert parse_legacy_markdown("[a](javascript:b) [c](d") == ("a c", ())


@pytest.mark.parametrize("text", ["🏟 BTC_USDT", "🏟 a*b", "🏟 a`b", "🏟 a[b", "🏟 a```b``"])
def test_legacy_markdown_says_where_an_unmatched_mark_stands(text):
    place = len(text[: max(text.find(mark) for mark in "_*`[")].encode())
    wanted = f"Can't find end of the entity starting at byte offset {place}"
    assert refused(parse_legacy_markdown, text) == wanted


def test_html_cut_in_two_misses_the_end_tag():
    wanted = 'Can\'t find end tag corresponding to start tag "b"'
    assert refused(parse_html, "<b>" + "x" * 5000) == wanted
    assert refused(parse_html, "a <br/> b") == 'Unsupported start tag "br/" at byte offset 2'


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<tg-emoji emoji-id=x>y</tg-emoji>", "Invalid custom emoji identifier specified"),
        ("a < b > c", 'Unsupported start tag "" at byte offset 2'),
        ("a <", "Unclosed start tag at byte offset 2"),
        ("<a href='x.org", "Unclosed start tag at byte offset 0"),
        ("<i b", 'Unclosed start tag "i" at byte offset 0'),
        ("<I>x</b>", 'Unmatched end tag at byte offset 4, expected "</i>", found "</b>"'),
    ],
)
def test_html_says_what_is_wrong(text, why):
    assert refused(parse_html, text) == why


def check_entities(worded: Worded) -> None:
    """Check that entities cover something of the text, and that it can be tidied."""
    length = units(worded.text)
    assert all(0 <= entity.offset < entity.end <= length for entity in worded.entities)
    tidy(*worded)


@pytest.mark.parametrize("parse", PARSERS)
@given(text=MARKED_UP | TAGGED)
def test_any_text_is_parsed_into_entities_within_it_or_refused(parse, text):
    try:
        worded = parse(text)
    except Refusal as refusal:
        told = refusal.code, refusal.what[: len(PREFIX)]
    else:
        told = 400, PREFIX
        check_entities(worded)
    assert told == (400, PREFIX)
