"""What `snipersight events` prints."""

import json

import pytest

from snipersight.bootstrap.event_sending import ExporterPlace
from snipersight.bot.telemetry.exporters.pump import Pumped
from snipersight.cli.events_listing import (
    event_json,
    event_line,
    status_json,
    status_lines,
    types_of,
)
from snipersight.cli.events_sending import exit_code_of, run_send, sent_line
from snipersight.cli.exits import ExitCode
from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.event_log import StoredEvent

NOON_US = 1_717_761_600_000_000
EVENT = StoredEvent(
    seq=7,
    event_type="kill",
    at_us=NOON_US,
    body=json.dumps(
        {
            "event": "kill",
            "at": "2024-06-07T12:00:00.000Z",
            "account": "main",
            "why": "by\n hand",
            "n": 2,
            "empty": "",
        }
    ),
    key="audit:main:3",
)


def place(name: str, *, behind: int = 0, is_claimed: bool = False) -> ExporterPlace:
    return ExporterPlace(name=name, cursor=1_200, behind=behind, is_claimed=is_claimed)


def test_an_event_is_one_line_whatever_its_fields_hold():
    line = event_line(EVENT)
    assert line == (
        '2024-06-07 12:00:00  kill                  account=main  why="by� hand"  n=2  empty=""'
    )


def test_as_json_it_has_its_place_and_key():
    told = event_json(EVENT)
    assert (told["seq"], told["key"], told["event"]) == (7, "audit:main:3", "kill")
    assert "key" not in event_json(StoredEvent(seq=1, event_type="kill", at_us=0, body="{}"))


def test_types_are_checked_and_none_means_all():
    assert types_of([]) is None
    assert types_of(["kill", "kill"]) == frozenset(["kill"])
    with pytest.raises(ConfigInvalid, match="dance") as caught:
        types_of(["kill", "dance"])
    assert "signal_generated" in caught.value.next_step


def test_status_tells_who_lacks_what_and_what_to_do():
    found = [place("jsonl"), place("webhook", behind=34), place("otlp", behind=3, is_claimed=True)]
    assert list(status_lines(1_234, [EVENT], found)) == [
        "Events are stored up to place 1,234, the newest of 2024-06-07 12:00:00 UTC.",
        "  jsonl              has all",
        "  webhook            34 behind, at place 1,200",
        "  otlp               3 behind, at place 1,200; a process is sending to it",
        "`snipersight events send` brings them what they lack.",
    ]


def test_status_without_events_or_exporters():
    assert list(status_lines(0, [], [])) == [
        "No event is stored yet.",
        "EVENT_EXPORTERS names none: events stay in the database.",
    ]
    assert status_json(0, [], []) == {
        "schema": "snipersight.events-status/1",
        "newest": 0,
        "newest_at": None,
        "exporters": [],
    }


def test_status_as_json():
    told = status_json(7, [EVENT], [place("jsonl", behind=5)])
    assert told["newest_at"] == "2024-06-07T12:00:00Z"
    assert told["exporters"] == [
        {"name": "jsonl", "cursor": 1200, "behind": 5, "is_claimed": False}
    ]


@pytest.mark.parametrize(
    ("state", "line", "code"),
    [
        (Pumped(name="a", exported=1, is_done=True), "a: 1 event.", ExitCode.OK),
        (Pumped(name="a", is_elsewhere=True), "a: 0 events; another process serves it.", 0),
        (
            Pumped(name="a", exported=2_000, problem="503"),
            "a: 2,000 events; the rest waits: 503",
            ExitCode.PARTIAL,
        ),
        (
            Pumped(name="a", problem="404", is_refused=True),
            "a: 0 events; once that is mended, send again: 404",
            ExitCode.PARTIAL,
        ),
        (Pumped(name="a", busy_since=1.0), "a: 0 events; it hangs, the rest waits.", 3),
    ],
)
def test_what_became_of_an_exporter_is_told_and_decides_the_code(state, line, code):
    assert sent_line(state) == line
    assert exit_code_of([state], is_watch=False) == code


def test_a_watch_that_was_ended_is_well_unless_one_fails():
    assert exit_code_of([Pumped(name="a")], is_watch=True) is ExitCode.OK
    assert exit_code_of([Pumped(name="a", problem="503")], is_watch=True) is ExitCode.PARTIAL


def test_sending_to_nobody_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("SNIPERSIGHT_HOME", str(tmp_path))
    monkeypatch.setenv("EVENT_EXPORTERS", "none")
    with pytest.raises(ConfigInvalid, match="names no exporter"):
        run_send(None, watch=False, names=None)
