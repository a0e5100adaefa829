import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from snipersight.bot.notifications.wording.escaping import (
    Markdown,
    clean,
    escape,
    escape_lines,
    shown,
)
from tests.builders.notices import plain_text

ANY = st.text(st.characters(exclude_categories=()), max_size=40)


@given(ANY)
def test_what_is_escaped_reads_as_it_is_shown(text):
    assert plain_text(f"a{escape(text)}b") == f"a{shown(text)}b"
    assert plain_text(escape(text)) == shown(text)


@given(st.text(string.punctuation + string.digits + " ab\n", max_size=40))
def test_no_punctuation_is_ever_markup(text):
    assert plain_text(escape(text)) == " ".join(text.split())
    html = MarkdownIt("commonmark").enable(["strikethrough", "table"]).render(escape(text))
    assert set(html.split("<")[1:]) <= {"p>" + html[3:-5], "/p>\n"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\r\n\t b\u2028c\xa0d\u3000e ", "a b c d e"),
        ("a\x00b\x1bc\x7fd\x9be", "abcde"),
        ("ab\u202edc\u2066e\u200ff", "abdcef"),
        ("half \ud83d", "half \ufffd"),
        ("👨‍👩‍👧 e\u0301 ½ ≤ −", "👨‍👩‍👧 e\u0301 ½ ≤ −"),
        ("\x00 \x00", ""),
    ],
)
def test_a_clean_text_is_one_line_without_what_hides_or_turns(text, expected):
    assert clean(text) == expected
    assert clean(expected) == expected


def test_only_what_runs_from_right_to_left_is_isolated():
    assert shown("שלום x") == "\u2068שלום x\u2069"
    assert shown("数字 é") == "数字 é"
    assert shown("\u2069abc") == "abc"  # nobody else closes an isolate


def test_lines_and_paragraphs_are_kept():
    text = "\n\n# one\r\ntwo\rthree\n \n\n\n- four\u2028five\n"
    assert plain_text(escape_lines(text)) == "# one\ntwo\nthree\n\n- four\nfive"
    assert escape_lines(" \n \n") == ""


def test_markdown_says_of_itself_that_it_is():
    assert isinstance(escape("a"), Markdown)
    assert isinstance(escape_lines("a\nb"), Markdown)
