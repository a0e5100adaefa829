import pytest

from snipersight.bot.notifications.markup.formatted_text import (
    Entity,
    EntityKind,
    FormattedText,
    Span,
)


@pytest.mark.parametrize(("offset", "length"), [(0, 0), (1, 1), (2, 1), (0, 5), (4, 1), (-1, 2)])
def test_an_entity_that_does_not_fit_its_text_is_refused(offset: int, length: int) -> None:
    entity = Entity(kind=EntityKind.BOLD, offset=offset, length=length)
    with pytest.raises(ValueError, match="no part of a text of 4 UTF-16 units"):
        FormattedText(text="a🟢b", entities=(entity,))


def test_a_span_is_drawn_in_to_what_is_seen() -> None:
    text = "a \n b  c"
    bold = Span(start=0, end=8, kind=EntityKind.BOLD)
    assert bold.within(text, 1, 7) == Span(start=3, end=4, kind=EntityKind.BOLD)
    assert bold.within(text, 1, 4) is None
    assert bold.within(text, 4, 5) == Span(start=0, end=1, kind=EntityKind.BOLD)


def test_code_keeps_the_space_its_first_line_begins_with() -> None:
    pre = Span(start=0, end=9, kind=EntityKind.PRE, language="py")
    found = pre.within("\n  x = 1\n", 0, 9)
    assert found == Span(start=1, end=8, kind=EntityKind.PRE, language="py")
