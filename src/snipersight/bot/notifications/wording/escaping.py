"""Any text made safe to stand in Markdown: it arrives as written and is never markup.

Symbols, reasons and error texts come from venues and files; nobody promises what is in them.
"""

from __future__ import annotations

import re
import unicodedata
from string import punctuation
from typing import Final

_ISOLATE, _POP = "\u2068", "\u2069"  # first-strong isolate and its end
_RIGHT_TO_LEFT: Final = frozenset({"R", "AL", "AN"})
# Marks, embeddings, overrides and isolates: they turn the text around them.
_TURNING: Final = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f]")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")  # half a character: no channel can carry it
_PUNCTUATION: Final = {ord(sign): f"\\{sign}" for sign in punctuation}


class Markdown(str):
    """Text that is Markdown already; a template inserts it as it is."""

    __slots__ = ()


def clean(text: str) -> str:
    """Return a text on one line, without characters that hide, break or reverse others.

    White space of every kind becomes single spaces; control characters and bidirectional controls
    go; half characters become U+FFFD. Everything else stays as written.
    """
    line = " ".join(text.split())
    if line.isascii() and line.isprintable():
        return line
    line = _TURNING.sub("", _CONTROL.sub("", line))
    return " ".join(_SURROGATE.sub("\ufffd", line).split())


def shown(text: str) -> str:
    """Return a text as it arrives: clean, and isolated where it runs from right to left.

    An Arabic symbol would otherwise swap the numbers beside it.
    """
    line = clean(text)
    if line.isascii() or not any(map(_runs_leftwards, line)):
        return line
    return f"{_ISOLATE}{line}{_POP}"


def escape(text: str) -> Markdown:
    """Return CommonMark that reads as this text, whatever is in it, on one line."""
    return Markdown(shown(text).translate(_PUNCTUATION))


def escape_lines(text: str) -> Markdown:
    """Return CommonMark that reads as this text with its line breaks.

    Any number of empty lines between two others becomes one: the border of two paragraphs.
    """
    lines = "\n".join(map(escape, re.split("\r\n|[\n\r\u2028\u2029]", text)))
    return Markdown(re.sub("\n{3,}", "\n\n", lines).strip("\n"))


def _runs_leftwards(sign: str) -> bool:
    return unicodedata.bidirectional(sign) in _RIGHT_TO_LEFT
