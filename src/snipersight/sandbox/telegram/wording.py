"""The text of a request with its markup: parsed, tidied and checked for its length."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from snipersight.sandbox.telegram.answers import bad_request
from snipersight.sandbox.telegram.entities import entities_of
from snipersight.sandbox.telegram.html_markup import parse_html
from snipersight.sandbox.telegram.legacy_markdown import parse_legacy_markdown
from snipersight.sandbox.telegram.markdown_v2 import parse_markdown_v2
from snipersight.sandbox.telegram.parameters import Parameters
from snipersight.sandbox.telegram.tidying import Worded, tidy

MAX_TEXT: Final = 4096
MAX_CAPTION: Final = 1024
MAX_ENTITIES: Final = 100
_PARSERS: Final[dict[str, Callable[[str], Worded]]] = {
    "html": parse_html,
    "markdown": parse_legacy_markdown,
    "markdownv2": parse_markdown_v2,
}


def text_of(parameters: Parameters) -> Worded:
    """Return the text of a message.

    Raises:
        Refusal: it is missing, blank, too long or cannot be parsed.
    """
    written = parameters.text("text")
    if not written:
        raise bad_request("message text is empty")
    worded = _worded(written, parameters, entities="entities")
    if not worded.text:
        raise bad_request("text must be non-empty")
    if len(worded.text) > MAX_TEXT:
        raise bad_request("message is too long")
    return worded


def caption_of(parameters: Parameters) -> Worded:
    """Return the caption of a picture, which may be empty.

    Raises:
        Refusal: it is too long or cannot be parsed.
    """
    worded = _worded(parameters.text("caption"), parameters, entities="caption_entities")
    if len(worded.text) > MAX_CAPTION:
        raise bad_request("message caption is too long")
    return worded


def _worded(written: str, parameters: Parameters, *, entities: str) -> Worded:
    mode = parameters.text("parse_mode").lower()
    if mode and mode != "none":
        if mode not in _PARSERS:
            raise bad_request("unsupported parse_mode")
        parsed = _PARSERS[mode](written)
    else:
        given = entities_of(parameters.json(entities, called=entities.replace("_", " ")))
        parsed = Worded(written, tuple(given))
    tidied = tidy(parsed.text, parsed.entities)
    return Worded(tidied.text, tidied.entities[:MAX_ENTITIES])
