"""The lines between the scanner and a plug-in's process."""

import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.bot.hooks import SCHEMA
from snipersight.bot.hooks.messages import (
    LARGEST_EVENT,
    Answer,
    AnswerKind,
    answer_line,
    event_line,
    parse_answer,
)
from snipersight.bot.hooks.spec import EVENTS
from tests.fakes.hook_plugins import an_event

SCHEMA_FILE = Path(__file__).parents[4] / "src/snipersight/bot/hooks/schemas/event-1.json"
WORDS = st.text(max_size=20)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=8,
)


@given(name=st.sampled_from(EVENTS), stage=WORDS, data=st.dictionaries(WORDS, VALUES, max_size=4))
def test_an_event_is_one_line_of_its_schema_and_says_everything(name, stage, data):
    line = event_line(an_event(name, stage=stage, data=data))
    assert line.count(b"\n") == 1
    told = json.loads(line)
    jsonschema.validate(told, json.loads(SCHEMA_FILE.read_text()))
    assert told == {
        "schema": SCHEMA,
        "event": name,
        "at_ms": 5,
        "context_id": "scan_1",
        "stage": stage,
        "data": data,
    }


def test_the_schema_names_every_event():
    schema = json.loads(SCHEMA_FILE.read_text())
    assert schema["properties"]["event"]["enum"] == list(EVENTS)


@pytest.mark.parametrize("value", [float("inf"), object(), {1, 2}, b"bytes"])
def test_what_json_cannot_hold_is_refused(value):
    with pytest.raises(ValueError, match="plan_approved cannot be told"):
        event_line(an_event(data={"value": value}))


def test_an_event_without_measure_is_refused():
    with pytest.raises(ValueError, match="more than"):
        event_line(an_event(data={"text": "x" * LARGEST_EVENT}))


@given(kind=st.sampled_from(AnswerKind), text=WORDS, events=st.lists(WORDS, max_size=3))
def test_an_answer_comes_back_as_it_was_said(kind, text, events):
    answer = Answer(kind=kind, text=text, events=tuple(events))
    assert parse_answer(answer_line(answer)) == answer


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"hello",
        b"[]",
        b"{}",
        b'{"kind": "thanks"}',
        b'{"kind": "ready", "events": 5}',
        b"\xff",
        b"1",
    ],
)
def test_anything_else_is_no_answer(line):
    with pytest.raises(ValueError):  # noqa: PT011 - whatever the codec says
        parse_answer(line)
