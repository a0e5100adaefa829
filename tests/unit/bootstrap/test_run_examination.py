"""What `doctor` says of the running bot."""

import pytest

from snipersight.bootstrap.run_examination import (
    hook_findings,
    listen_findings,
    people_finding,
    run_findings,
)
from snipersight.bootstrap.running.vital_keeping import keep_vitals
from snipersight.bootstrap.settings import Settings, load_settings
from snipersight.bot.telemetry.local_http import pages, served_app
from snipersight.domain.venue import FindingLevel

TOKEN = "1234567890:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsawX"


@pytest.fixture
def settings_with(monkeypatch):
    """Return a function that reads the settings with these variables."""

    def load(**variables: str) -> Settings:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return load_settings()[0]

    return load


def test_without_a_bot_nobody_talks_to_it(settings_with):
    found = people_finding(settings_with())
    assert (found.level, "TELEGRAM_BOT_TOKEN" in found.sentence) == (FindingLevel.SKIPPED, True)


@pytest.mark.parametrize(
    ("people", "sentence"),
    [
        ({"TELEGRAM_CHAT_ID": "42"}, "1 admin may talk to the bot"),
        (
            {"TELEGRAM_ADMINS": "1", "TELEGRAM_TRADERS": "2,3", "TELEGRAM_VIEWERS": "4"},
            "1 admin, 2 traders, 1 viewer may talk to the bot",
        ),
        (
            {"TELEGRAM_VIEWERS": "4,5"},
            "2 viewers may talk to the bot; none of them may approve a trade",
        ),
    ],
)
def test_people_are_counted_by_what_they_may_do(settings_with, people, sentence):
    found = people_finding(settings_with(TELEGRAM_BOT_TOKEN=TOKEN, **people))
    assert (found.level, found.sentence) == (FindingLevel.OK, sentence)


def test_a_bot_that_runs_is_asked_and_one_that_hangs_is_a_failure(settings_with):
    settings = settings_with(RUN_LISTEN="127.0.0.1:0", ANALYTICS_ENABLED="false")
    with keep_vitals(settings, environ={}) as kept:
        running = settings_with(RUN_LISTEN=(kept.address or "").removeprefix("http://"))
        (found,) = listen_findings(running)
        assert (found.level, "a bot answers" in found.sentence) == (FindingLevel.OK, True)
        kept.vitals.expect("loop", within_s=1e-9)
        (found,) = listen_findings(running)
        assert (found.level, "hangs: loop" in found.sentence) == (FindingLevel.FAILED, True)
    (found,) = listen_findings(running)
    assert (found.level, "no bot runs" in found.sentence) == (FindingLevel.OK, True)


def test_a_foreign_program_on_the_port_is_a_failure(settings_with):
    page = pages({}, more={})
    with served_app(page, host="127.0.0.1", port=0, what="a page", next_step="") as address:
        (found,) = listen_findings(settings_with(RUN_LISTEN=address.removeprefix("http://")))
    assert (found.level, "RUN_LISTEN" in found.sentence) == (FindingLevel.FAILED, True)


def test_an_address_that_others_reach_is_warned_of_and_none_is_said(settings_with):
    found = listen_findings(settings_with(RUN_LISTEN="0.0.0.0:1"))
    assert [one.level for one in found][1:] == [FindingLevel.WARNING]
    (found_none,) = listen_findings(settings_with(RUN_LISTEN="none"))
    assert found_none.level is FindingLevel.OK


def test_a_plug_in_that_is_not_installed_is_a_failure(settings_with):
    (found,) = hook_findings(settings_with(HOOKS="nowhere-to-be-found"))
    assert (found.name, found.level) == ("plug-in nowhere-to-be-found", FindingLevel.FAILED)


def test_everything_is_told_together(settings_with):
    names = [one.name for one in run_findings(settings_with(RUN_LISTEN="none", HOOKS="nowhere"))]
    assert names == ["people", "listen", "plug-in nowhere"]
