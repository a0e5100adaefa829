"""Where the dashboard listens, how long tokens last, and how they are made, listed and revoked."""

import json
import re
import sys
from typing import Any

import pytest

from snipersight.bootstrap.access.logins import Links
from snipersight.bootstrap.settings import Settings
from snipersight.cli import dashboard_serving
from snipersight.cli.dashboard_serving import Asked, listening_of
from snipersight.cli.dashboard_tokens import span_us
from snipersight.domain.errors import ConfigInvalid
from tests.fakes.terminal import in_this_process

SETTINGS = Settings()


def refused(asked: Asked, settings: Settings = SETTINGS) -> str:
    with pytest.raises(ConfigInvalid) as told:
        listening_of(settings, asked)
    return str(told.value)


def test_it_listens_on_this_machine_unless_somebody_says_otherwise():
    listening = listening_of(SETTINGS, Asked())
    assert (listening.host, listening.port, listening.has_tls) == ("127.0.0.1", 8321, False)
    assert listening_of(SETTINGS, Asked(listen="[::1]:9000")).host == "::1"


@pytest.mark.parametrize("where", ["0.0.0.0:8321", "[::]:8321", "192.168.1.2:1", "bot.lan:8321"])
def test_other_machines_do_not_reach_it_by_accident(where):
    assert "tokens could be overheard" in refused(Asked(listen=where))
    assert "tokens could be overheard" in refused(Asked(), Settings(dashboard_listen=where))
    assert listening_of(SETTINGS, Asked(listen=where, allow_remote=True)).port > 0


def test_a_certificate_lets_other_machines_in(tmp_path):
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    asked = Asked(listen="0.0.0.0:8321", tls_cert=cert, tls_key=key)
    assert listening_of(SETTINGS, asked).has_tls
    by_settings = Settings(dashboard_tls_cert=cert, dashboard_tls_key=key)
    assert listening_of(by_settings, Asked(listen="0.0.0.0:1")).tls_key == key
    assert "belong together" in refused(Asked(tls_cert=cert))


def test_an_address_that_is_none_is_refused():
    for listen in ("8321", "127.0.0.1", "127.0.0.1:99999", "http://127.0.0.1:8321"):
        assert "is no address" in refused(Asked(listen=listen))


def test_a_time_is_so_many_hours_or_days():
    assert (span_us("12h"), span_us(" 30D ")) == (12 * 3_600_000_000, 30 * 86_400_000_000)
    for text in ("", "0d", "d", "-1d", "1.5h", "1w", "123456d", "30"):
        with pytest.raises(ConfigInvalid, match="is no time"):
            span_us(text)


def test_a_token_is_printed_once_listed_without_its_secret_and_revoked(tmp_path):
    def token(*words: str):
        return in_this_process(tmp_path, "dashboard", "token", *words)

    assert "No token is in use" in token("list").stderr
    made = token("add", "laptop", "--scope", "trade", "--expires", "30d")
    assert re.fullmatch(r"sst_[0-9a-f]{8}_[\w-]{43}\n", made.stdout)
    assert "laptop may look, decide on plans, cancel and pause, until " in made.stderr
    again = token("add", "laptop")
    assert (again.returncode, again.stdout) == (2, "")
    shown = token("list")
    assert shown.stdout.split()[:2] == ["laptop", "trade"]
    assert made.stdout.strip() not in shown.stdout
    assert "lets nobody in any more" in token("revoke", "laptop").stderr
    assert token("revoke", "laptop").returncode == 2
    (kept,) = json.loads(token("list", "--all", "--json").stdout)["tokens"]
    assert (kept["name"], kept["is_valid"], kept["scope"]) == ("laptop", False, "trade")
    assert kept["revoked"] is not None


def test_beyond_this_machine_the_command_ends_with_what_to_do(tmp_path):
    done = in_this_process(tmp_path, "dashboard", "--listen", "0.0.0.0:0")
    assert done.returncode == 2
    assert "--allow-remote" in done.stderr


class Opened:
    """A dashboard as far as its terminal shows it."""

    links = Links()


def announced(capsys: pytest.CaptureFixture[str], *, shows_link: bool) -> tuple[str, str]:
    opened: Any = Opened()
    dashboard_serving.announcing("http://127.0.0.1:1", opened, shows_link=shows_link)()
    shown = capsys.readouterr()
    return shown.out, shown.err


def test_a_terminal_shows_a_link_and_a_log_is_told_how_to_make_a_token(capsys, monkeypatch):
    out, err = announced(capsys, shows_link=True)
    assert out == "http://127.0.0.1:1\n"
    assert "`snipersight dashboard token add NAME --scope admin`" in err
    assert "code=" not in err
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    _, err = announced(capsys, shows_link=True)
    (code,) = re.findall(r"http://127\.0\.0\.1:1/login/once\?code=([\w-]{43})", err)
    assert Opened.links.take(code)
    assert "code=" not in announced(capsys, shows_link=False)[1]
