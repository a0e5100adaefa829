"""The pages of a running bot, asked over HTTP as Prometheus and an orchestrator ask."""

import json
import socket
import time
import urllib.error
import urllib.request

import pytest

from snipersight.bootstrap.running.vital_keeping import keep_vitals
from snipersight.bootstrap.settings import load_settings
from snipersight.domain.errors import VenueUnavailable


def asked(address: str, path: str, *, host: str | None = None) -> tuple[int, str]:
    """Return status and body."""
    headers = {} if host is None else {"Host": host}
    request = urllib.request.Request(address + path, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


@pytest.fixture
def settings(monkeypatch):
    monkeypatch.setenv("RUN_LISTEN", "127.0.0.1:0")
    monkeypatch.setenv("ANALYTICS_ENABLED", "false")
    return load_settings()[0]


def test_health_is_503_while_a_part_hangs_and_readiness_before_the_start(settings):
    with keep_vitals(settings, environ={}) as kept:
        address = kept.address or ""
        assert asked(address, "/healthz")[0] == 200
        assert asked(address, "/readyz")[0] == 503
        kept.vitals.ready()
        assert asked(address, "/readyz")[0] == 200
        kept.vitals.expect("loop", within_s=0.05)
        time.sleep(0.1)
        status, body = asked(address, "/healthz")
        assert (status, json.loads(body)["is_healthy"]) == (503, False)
        assert asked(address, "/readyz")[0] == 503
    with pytest.raises(urllib.error.URLError):
        asked(address, "/healthz")


def test_metrics_of_the_stores_and_of_the_run_stand_together(settings):
    with keep_vitals(settings, environ={}) as kept:
        kept.vitals.ready()
        status, body = asked(kept.address or "", "/metrics")
        assert status == 200
        assert "snipersight_run_ready 1.0" in body
        assert "snipersight_build_info" in body
        assert asked(kept.address or "", "/")[0] == 404


def test_systemd_hears_of_the_start_and_the_end(settings, tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(str(tmp_path / "notify"))
        heard.settimeout(5)
        environ = {"NOTIFY_SOCKET": heard.getsockname(), "WATCHDOG_USEC": "100000"}
        with keep_vitals(settings, environ=environ) as kept:
            kept.vitals.ready()
            first = [heard.recv(200) for _ in range(3)]
        assert first == [b"READY=1", b"STATUS=waiting for the first close", b"WATCHDOG=1"]
        rest = iter(lambda: heard.recv(200), b"STOPPING=1")
        assert set(rest) <= {b"WATCHDOG=1"}


def test_nothing_is_served_where_nobody_wants_it(monkeypatch):
    monkeypatch.setenv("RUN_LISTEN", "none")
    with keep_vitals(load_settings()[0], environ={}) as kept:
        assert kept.address is None


def test_an_address_in_use_is_refused_with_what_to_do(settings, monkeypatch):
    with keep_vitals(settings, environ={}) as kept:
        monkeypatch.setenv("RUN_LISTEN", (kept.address or "").removeprefix("http://"))
        with (
            pytest.raises(VenueUnavailable, match="RUN_LISTEN"),
            keep_vitals(load_settings()[0], environ={}),
        ):
            pass


def test_a_name_that_somebody_pointed_at_this_machine_gets_nothing(settings, monkeypatch):
    with keep_vitals(settings, environ={}) as kept:
        status, body = asked(kept.address or "", "/metrics", host="evil.example:9464")
        assert status == 421
        assert "snipersight_build_info" not in body
    monkeypatch.setenv("RUN_ALLOWED_HOSTS", "bot.example.org, Other.example")
    with keep_vitals(load_settings()[0], environ={}) as kept:
        for host in ("BOT.example.org:9464", "other.example", "localhost"):
            assert asked(kept.address or "", "/healthz", host=host)[0] == 200


def test_beside_another_bot_it_goes_on_at_a_free_port_unless_one_was_chosen(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = f"127.0.0.1:{other.getsockname()[1]}"
        monkeypatch.delenv("RUN_LISTEN", raising=False)
        unchosen = load_settings()[0].model_copy(update={"run_listen": taken})
        unchosen.model_fields_set.discard("run_listen")
        with keep_vitals(unchosen, environ={}) as kept:
            assert kept.address is not None
            assert asked(kept.address, "/healthz")[0] == 200
            assert taken in kept.remark
            assert kept.address in kept.remark
        chosen = load_settings()[0].model_copy(update={"run_listen": taken})
        with pytest.raises(VenueUnavailable), keep_vitals(chosen, environ={}):
            pass
