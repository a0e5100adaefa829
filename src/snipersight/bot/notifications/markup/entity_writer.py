"""Collects text and the formats over it, under the rules Telegram has for entities."""

from __future__ import annotations

from dataclasses import dataclass

from snipersight.bot.notifications.markup.formatted_text import (
    EntityKind,
    FormattedText,
    Span,
    part_of,
)


@dataclass(slots=True, kw_only=True)
class _Opened:
    kind: EntityKind
    url: str
    start: int | None = None  # None until something is written in it
    depth: int = 1  # how often it was opened while open


class EntityWriter:
    """Text with formats that are opened and closed around what is written.

    Line breaks wait until something follows them, so that none stands at the end of a format.
    Code stands in no other format but a quote: others end before it and go on behind it. In a
    link it is text, for a link cannot be interrupted. A format in itself is one.
    """

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._length = 0
        self._breaks = 0
        self._opened: list[_Opened] = []
        self._spans: list[Span] = []

    def write(self, text: str) -> None:
        """Append text as it is, behind the line breaks that wait."""
        if not text:
            return
        if self._breaks and self._length:
            self._append("\n" * self._breaks)
        self._breaks = 0
        for opened in self._opened:
            if opened.start is None:
                opened.start = self._length
        self._append(text)

    def break_lines(self, count: int) -> None:
        """Put at least so many line breaks before whatever comes next; none before the first."""
        self._breaks = max(self._breaks, count)

    def open(self, kind: EntityKind, *, url: str = "") -> None:
        """Begin a format."""
        for opened in self._opened:
            if opened.kind is kind:
                opened.depth += 1
                return
        self._opened.append(_Opened(kind=kind, url=url))

    def close(self, kind: EntityKind) -> None:
        """End a format that was opened; one that was never opened is none."""
        for opened in self._opened:
            if opened.kind is kind:
                opened.depth -= 1
                if opened.depth == 0:
                    self._end(opened)
                    self._opened.remove(opened)
                return

    def write_code(self, text: str) -> None:
        """Append code within a line."""
        if any(opened.kind is EntityKind.TEXT_LINK for opened in self._opened):
            self.write(text)
        else:
            self._write_apart(text, EntityKind.CODE)

    def write_block(self, text: str, *, language: str = "") -> None:
        """Append lines of code."""
        self._write_apart(text, EntityKind.PRE, language=language)

    def finish(self) -> FormattedText:
        """Return everything written, without space around it."""
        text = "".join(self._pieces)
        start = len(text) - len(text.lstrip())
        return part_of(text, self._spans, start, len(text.rstrip()))

    def _append(self, text: str) -> None:
        self._pieces.append(text)
        self._length += len(text)

    def _write_apart(self, text: str, kind: EntityKind, *, language: str = "") -> None:
        interrupted = [one for one in self._opened if one.kind is not EntityKind.BLOCKQUOTE]
        for opened in interrupted:
            self._end(opened)
        self.write(text)
        for opened in interrupted:
            opened.start = None
        span = Span(start=self._length - len(text), end=self._length, kind=kind, language=language)
        self._spans.append(span)

    def _end(self, opened: _Opened) -> None:
        if opened.start is not None and opened.start < self._length:
            span = Span(start=opened.start, end=self._length, kind=opened.kind, url=opened.url)
            self._spans.append(span)
