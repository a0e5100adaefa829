"""CommonMark becomes plain text and entities: what arrives never depends on Telegram's parser.

See docs/adr/0008-markdown-to-entities.md.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from snipersight.bot.notifications.markup.entity_writer import EntityWriter
from snipersight.bot.notifications.markup.formatted_text import EntityKind, FormattedText
from snipersight.bot.notifications.markup.utf16 import without_lone_surrogates

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_STYLES: Final = {
    "blockquote": EntityKind.BLOCKQUOTE,
    "em": EntityKind.ITALIC,
    "heading": EntityKind.BOLD,
    "s": EntityKind.STRIKETHROUGH,
    "strong": EntityKind.BOLD,
}
_CODE_BLOCKS: Final = ("fence", "code_block")
_RULE: Final = "———"


def to_entities(markdown: str) -> FormattedText:
    """Return what a Markdown text shows, and how.

    Bold, italic, struck through, code, links and quotes become entities. Line breaks stay line
    breaks, paragraphs are one empty line apart, bullets become `• `, headings bold, a rule a
    dash; pictures and HTML are the text they are written with. Only links to `http`, `https` and
    `tg` addresses lead anywhere; of others the text is left.

    Args:
        markdown: CommonMark with `~~strikethrough~~`; any text will do.

    Returns:
        The text without space around it, empty if there is nothing else. No entity begins or
        ends with a line break, `code` and `pre` stand in no other entity but a quote, and no
        kind stands in itself. There may be more than the 100 that Telegram honours in a message;
        `split` keeps as many in each part.
    """
    walk = _Walk()
    for token in _parser().parse(without_lone_surrogates(markdown)):
        walk.block(token)
    return walk.writer.finish()


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").enable("strikethrough")


class _Walk:
    """Carries the parser's tokens to a writer, in their order."""

    def __init__(self) -> None:
        self.writer = EntityWriter()
        self._items: list[int | None] = []  # number of each open list's next item; None: bullets
        self._is_link: list[bool] = []  # of each open link: it leads somewhere

    def block(self, token: Token) -> None:
        """Write a token of the text's blocks: paragraphs, lists, quotes, code."""
        kind, _, end = token.type.rpartition("_")
        if token.type == "inline":
            for child in token.children or []:
                self._inline(child)
        elif token.type in _CODE_BLOCKS:
            self._code(token)
        elif token.type in ("hr", "html_block"):
            self._alone(_RULE if token.type == "hr" else token.content.rstrip("\n"))
        elif kind in ("bullet_list", "ordered_list", "list_item"):
            self._list(kind, token)
        elif end == "open":
            self._open_block(kind)
        else:
            self._close_block(kind, token)

    def _open_block(self, kind: str) -> None:
        if kind == "blockquote":
            self.writer.break_lines(1)
        if kind in _STYLES:
            self.writer.open(_STYLES[kind])

    def _close_block(self, kind: str, token: Token) -> None:
        if kind in _STYLES:
            self.writer.close(_STYLES[kind])
        self.writer.break_lines(1 if token.hidden else 2)  # hidden: in a list without empty lines

    def _code(self, token: Token) -> None:
        self.writer.break_lines(1)
        words = token.info.split()
        self.writer.write_block(token.content.strip("\n"), language=words[0] if words else "")
        self.writer.break_lines(2)

    def _alone(self, text: str) -> None:
        self.writer.break_lines(1)
        self.writer.write(text)
        self.writer.break_lines(2)

    def _list(self, kind: str, token: Token) -> None:
        if kind == "list_item":
            if token.nesting > 0:
                self._mark_item()
            else:
                self.writer.break_lines(1)
        elif token.nesting > 0:
            first = token.attrGet("start")
            self.writer.break_lines(1)
            self._items.append(
                None if kind == "bullet_list" else int(1 if first is None else first)
            )
        else:
            self._items.pop()
            self.writer.break_lines(1 if self._items else 2)

    def _mark_item(self) -> None:
        number = self._items[-1]
        mark = "•"
        if number is not None:
            mark, self._items[-1] = f"{number}.", number + 1
        self.writer.write(f"{'  ' * (len(self._items) - 1)}{mark} ")

    def _inline(self, token: Token) -> None:
        kind = token.type.removesuffix("_open").removesuffix("_close")
        if token.type in ("softbreak", "hardbreak"):
            self.writer.write("\n")
        elif token.type == "code_inline":
            self.writer.write_code(token.content)
        elif kind == "link":
            self._link(token)
        elif kind in _STYLES:
            (self.writer.open if token.nesting > 0 else self.writer.close)(_STYLES[kind])
        elif token.type == "image":
            for child in token.children or []:
                self._inline(child)
        else:  # text, html_inline
            self.writer.write(token.content)

    def _link(self, token: Token) -> None:
        if token.nesting > 0:
            url = str(token.attrGet("href") or "")
            self._is_link.append(_leads_somewhere(url))
            if self._is_link[-1]:
                self.writer.open(EntityKind.TEXT_LINK, url=url)
        elif self._is_link.pop():
            self.writer.close(EntityKind.TEXT_LINK)


def _leads_somewhere(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:  # brackets without an address between them
        return False
    # A sign in percent: the parser found characters there that no host's name has.
    is_host = bool(parts.netloc) and "%" not in parts.netloc
    return parts.scheme in ("http", "https", "tg") and is_host
