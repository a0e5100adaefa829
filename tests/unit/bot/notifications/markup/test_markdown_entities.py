import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from snipersight.bot.notifications.markup.formatted_text import EntityKind, FormattedText, spans_of
from snipersight.bot.notifications.markup.graphemes import is_blank
from snipersight.bot.notifications.markup.markdown_entities import to_entities
from tests.builders.formatted_texts import TEXTS, shown

SAMPLE = """🎯 **LONG BTC/USDT** | Score: 92.3/100 | *Scalp*

**Entry Zones:**
• Aggressive: $42,150 - $42,250

**Risk:** 1.2% | R:R: 1:3.1 | Size: `0.024 BTC`
[Chart](https://example.com/c?a=1&b=2)"""

PIECES = (
    *("**", "*", "_", "~~", "`", "```\n", "\n", "\n\n", "> ", "- ", "1. ", "# ", " ", "🟢"),
    *("a", "bc", "[x](https://e.io)", "[", "](tg://user?id=1)", "![p](http://e.io/p.png)"),
    *("<b>", "\\", "    "),
)
MARKUP = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)


@pytest.mark.parametrize(
    ("markdown", "text", "entities"),
    [
        (
            "**b** *i* ~~s~~ `c`",
            "b i s c",
            [("bold", "b"), ("italic", "i"), ("strikethrough", "s"), ("code", "c")],
        ),
        ("**a *b* c**", "a b c", [("bold", "a b c"), ("italic", "b")]),
        ("**🟢 x** 👍 *y*", "🟢 x 👍 y", [("bold", "🟢 x"), ("italic", "y")]),
        ("# Head **h**\ntext", "Head h\n\ntext", [("bold", "Head h")]),
        ("one\ntwo  \nthree\\\nfour", "one\ntwo\nthree\nfour", []),
        ("a\n\n\n\nb", "a\n\nb", []),
        ("- a\n- b\n  - c\n- d\n\ne", "• a\n• b\n  • c\n• d\n\ne", []),
        ("3. a\n4. b", "3. a\n4. b", []),
        ("- a\n\n  b\n- c", "• a\n\nb\n\n• c", []),
        ("> q **b**\n> r\n\nt", "q b\nr\n\nt", [("blockquote", "q b\nr"), ("bold", "b")]),
        ("> a\n>> b", "a\n\nb", [("blockquote", "a\n\nb")]),
        ("```python\n  x = 1\n\ny\n```\nz", "x = 1\n\ny\n\nz", [("pre", "x = 1\n\ny")]),
        ("a\n```\n  x\n```", "a\n\n  x", [("pre", "  x")]),
        ("    code", "code", [("pre", "code")]),
        ("a\n\n---\n\nb", "a\n\n———\n\nb", []),
        ("![alt *t*](http://e.io/p.png)", "alt t", [("italic", "t")]),
        ("<div>x</div>\n\n<b>y</b>", "<div>x</div>\n\n<b>y</b>", []),
        ("&lt;b&gt; &amp; \\*x\\*", "<b> & *x*", []),
        ("[a](javascript:x) [b](/c) [d](mailto:x@y.z) <e@f.g>", "[a](javascript:x) b d e@f.g", []),
        ("a\x00\ud800b", "a��b", []),
        ("  \n\n ", "", []),
        ("", "", []),
    ],
)
def test_markdown_becomes_text_and_entities(
    markdown: str, text: str, entities: list[tuple[str, str]]
) -> None:
    formatted = to_entities(markdown)
    assert formatted.text == text
    assert shown(formatted) == entities


def test_the_specification_s_sample_shows_bold_where_it_says_bold() -> None:
    formatted = to_entities(SAMPLE)
    assert formatted.text == SAMPLE.replace("**", "").replace("*", "").replace("`", "").replace(
        "[Chart](https://example.com/c?a=1&b=2)", "Chart"
    )
    assert shown(formatted) == [
        ("bold", "LONG BTC/USDT"),
        ("italic", "Scalp"),
        ("bold", "Entry Zones:"),
        ("bold", "Risk:"),
        ("code", "0.024 BTC"),
        ("text_link", "Chart"),
    ]
    assert formatted.entities[-1].url == "https://example.com/c?a=1&b=2"


def test_only_web_and_telegram_addresses_become_links() -> None:
    formatted = to_entities(
        "[a](https://e.io) [b](tg://user?id=1) [c](ftp://e.io) [d](https:) [e](http://[)"
    )
    assert [(entity.kind, entity.url) for entity in formatted.entities] == [
        (EntityKind.TEXT_LINK, "https://e.io"),
        (EntityKind.TEXT_LINK, "tg://user?id=1"),
    ]


def test_other_formats_end_before_code_and_go_on_behind_it() -> None:
    formatted = to_entities("**a `b` c** and [d `e`](https://e.io)")
    assert shown(formatted) == [("bold", "a"), ("code", "b"), ("bold", "c"), ("text_link", "d e")]


def test_a_block_of_code_names_its_language() -> None:
    (entity,) = to_entities("```json title=x\n{}\n```").entities
    assert (entity.kind, entity.language) == (EntityKind.PRE, "json")


@given(st.text() | TEXTS | MARKUP)
def test_whatever_is_written_gives_a_valid_message(markdown: str) -> None:
    formatted = to_entities(markdown)
    assert formatted.text == formatted.text.strip()
    assert formatted.text.encode().decode() == formatted.text  # no lone surrogate is left
    for span in spans_of(formatted):
        inside = formatted.text[span.start : span.end]
        assert inside == inside.rstrip()
        assert not inside.startswith("\n")
        assert not is_blank(inside)


@example(">     **")
@example(">      a")
@given(MARKUP)
def test_entities_nest_as_telegram_wants_it(markdown: str) -> None:
    assert_nested(to_entities(markdown))


def assert_nested(formatted: FormattedText) -> None:
    spans = spans_of(formatted)
    assert list(spans) == sorted(spans, key=lambda span: (span.start, -span.end))
    for at, outer in enumerate(spans):
        for inner in spans[at + 1 :]:
            assert inner.start >= outer.end or inner.end <= outer.end, (outer, inner)
            if inner.start < outer.end:
                assert outer.kind not in (EntityKind.CODE, EntityKind.PRE, inner.kind)
                if inner.kind in (EntityKind.CODE, EntityKind.PRE):
                    assert outer.kind is EntityKind.BLOCKQUOTE


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r\x00")))
def test_escaped_text_arrives_as_written(text: str) -> None:
    punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
    line = "".join(text.split()) or "x"
    escaped = "".join(f"\\{char}" if char in punctuation else char for char in line)
    assert to_entities(f"**{escaped}x**").text == f"{line}x"
