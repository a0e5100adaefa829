"""A running bot is asked how it is, and what answers instead of one is noticed."""

import socket
import threading
from contextlib import AbstractContextManager
from wsgiref.types import WSGIApplication

import pytest

from snipersight.bootstrap.running.vital_asking import asked_health
from snipersight.bootstrap.running.vital_keeping import vital_pages
from snipersight.bootstrap.running.vitals import Vitals
from snipersight.bot.telemetry.local_http import pages, served_app
from snipersight.domain.errors import ConfigInvalid, VenueUnavailable


def listening(app: WSGIApplication) -> AbstractContextManager[str]:
    return served_app(app, host="127.0.0.1", port=0, what="health", next_step="")


def place_of(address: str) -> tuple[str, int]:
    return "127.0.0.1", int(address.rpartition(":")[2])


def no_metrics(_environ, start):
    start("404 Not Found", [])
    return []


def test_the_answer_is_what_the_bot_says_of_itself():
    now = [0.0]
    vitals = Vitals(clock_s=lambda: now[0])
    vitals.ready()
    vitals.expect("sender", within_s=30)
    vitals.trouble("sender", "Telegram does not answer")
    vitals.restarted("sender")
    now[0] = 4.0
    with listening(vital_pages(vitals.health, metrics=no_metrics)) as address:
        answer = asked_health(place_of(address))
        assert (answer.is_ready, answer.is_healthy) == (True, True)
        assert answer.parts == vitals.health().parts
        now[0] = 40.0
        answer = asked_health(place_of(address))
        assert (answer.is_ready, answer.is_healthy) == (False, False)
        assert "hangs: sender" in answer.status


def test_a_bot_that_listens_everywhere_is_asked_here():
    vitals = Vitals()
    with listening(vital_pages(vitals.health, metrics=no_metrics)) as address:
        assert asked_health(("0.0.0.0", place_of(address)[1])).is_healthy


def test_nobody_there_is_said():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        with pytest.raises(VenueUnavailable, match="no bot answers"):
            asked_health(("127.0.0.1", port))


def test_a_bot_that_listens_nowhere_cannot_be_asked():
    with pytest.raises(ConfigInvalid, match="RUN_LISTEN"):
        asked_health(None)


@pytest.mark.parametrize(
    "body", [b"", b"hello", b"[]", b'{"schema": "other/1"}', b'{"schema": "snipersight.health/1"}']
)
def test_something_else_that_answers_is_no_bot(body):
    page = pages({"/healthz": lambda: ("200 OK", "application/json", body)}, more={})
    with (
        listening(page) as address,
        pytest.raises(VenueUnavailable, match="no bot of this version"),
    ):
        asked_health(place_of(address))


def test_something_that_speaks_no_http_is_no_bot():
    with socket.create_server(("127.0.0.1", 0)) as server:

        def speak() -> None:
            caller, _ = server.accept()
            with caller:
                caller.recv(100)
                caller.sendall(b"220 smtp.example.org\r\n")

        speaker = threading.Thread(target=speak)
        speaker.start()
        with pytest.raises(VenueUnavailable, match="no bot answers"):
            asked_health(("127.0.0.1", server.getsockname()[1]))
        speaker.join(5)
