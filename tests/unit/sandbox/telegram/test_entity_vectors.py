"""The parsers against the inputs of the Telegram server's own tests."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from snipersight.sandbox.telegram.answers import Refusal
from snipersight.sandbox.telegram.entities import Entity, EntityKind
from snipersight.sandbox.telegram.html_markup import parse_html
from snipersight.sandbox.telegram.markdown_v2 import parse_markdown_v2
from snipersight.sandbox.telegram.tidying import Worded

FILE = Path(__file__).resolve().parents[5] / "shared/data/protocol/telegram_entity_vectors.json"
pytestmark = [
    pytest.mark.recorded,
    pytest.mark.skipif(not FILE.is_file(), reason="recorded protocol data is absent"),
]
KINDS = {
    "BlockQuote": EntityKind.BLOCKQUOTE,
    "ExpandableBlockQuote": EntityKind.EXPANDABLE_BLOCKQUOTE,
    "PreCode": EntityKind.PRE,
    "TextUrl": EntityKind.TEXT_LINK,
}


def vectors(language: str) -> list[Any]:
    """Return the inputs of a language with what they must give."""
    if not FILE.is_file():
        return []
    recorded = json.loads(FILE.read_text("utf-8"))[language]
    return [pytest.param(vector, id=ascii(vector["input"])) for vector in recorded]


def entity_of(told: dict[str, Any]) -> Entity:
    """Return an entity as it is recorded."""
    kind = KINDS.get(told["type"]) or EntityKind(told["type"].lower())
    return Entity(kind, told["offset"], told["length"], told.get("argument", ""))


def check(parse: Callable[[str], Worded], vector: dict[str, Any]) -> None:
    """Parse one input and compare."""
    if "error" in vector:
        with pytest.raises(Refusal) as caught:
            parse(vector["input"])
        assert caught.value.what == f"Bad Request: can't parse entities: {vector['error']}"
        return
    worded = parse(vector["input"])
    assert worded.text == vector["text"]
    if "entities" in vector:
        assert list(worded.entities) == [entity_of(told) for told in vector["entities"]]
    else:  # recorded where the kind has an identifier
        special = {EntityKind.CUSTOM_EMOJI, EntityKind.DATE_TIME, EntityKind.TEXT_MENTION}
        assert special & {entity.kind for entity in worded.entities}


@pytest.mark.parametrize("vector", vectors("html"))
def test_html_is_parsed_as_telegram_parses_it(vector):
    check(parse_html, vector)


@pytest.mark.parametrize("vector", vectors("markdown_v2"))
def test_markdown_v2_is_parsed_as_telegram_parses_it(vector):
    check(parse_markdown_v2, vector)


def test_all_recorded_inputs_are_here():
    assert (len(vectors("html")), len(vectors("markdown_v2"))) == (89, 123)
