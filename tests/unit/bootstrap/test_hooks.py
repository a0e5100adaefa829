"""Plug-ins that the settings name: opened, reported on, and none of it without a name."""

import subprocess
import sys

import pytest

from snipersight.bootstrap.hooks import open_hooks
from snipersight.bootstrap.settings import Settings, load_settings
from snipersight.bot.hooks.states import HookStatus
from snipersight.domain.errors import ConfigInvalid
from snipersight.storage.home import Home
from tests.fakes.events import RecordingEvents
from tests.fakes.hook_plugins import an_event, install_bad_hooks


@pytest.fixture
def home(tmp_path, monkeypatch) -> Home:
    packages = tmp_path / "packages"
    packages.mkdir()
    install_bad_hooks(packages)
    monkeypatch.syspath_prepend(str(packages))
    return Home(tmp_path / "home")


def test_one_that_is_not_installed_is_told_and_the_others_are_used(home):
    said: list[str] = []
    events = RecordingEvents()
    settings = Settings(snipersight_home=home.path, hooks=("good", "other"))
    hooks = open_hooks(settings, home, said.append, sink=events)
    hooks.tell(an_event("scan_finished"))
    hooks.close(within_s=10)
    assert (home.path / "hooks/good/told.txt").read_text() == "scan_1 5 {}\n"
    (sentence,) = said
    assert sentence.startswith("plug-in other is not installed; installed are: absent, curious")
    (event,) = events.events
    assert event == (
        "hook_trouble",
        {"plugin": "other", "kind": "refused", "sentence": sentence},
    )
    assert {state.name: state.status for state in hooks.states()} == {
        "good": HookStatus.CLOSED,
        "other": HookStatus.REFUSED,
    }


def test_a_home_that_cannot_be_written_refuses_plugins_and_stops_nothing(home):
    home.path.write_text("a file")
    said: list[str] = []
    settings = Settings(snipersight_home=home.path, hooks=("good",))
    hooks = open_hooks(settings, home, said.append)
    hooks.tell(an_event())
    hooks.close()
    assert "plug-in good has no folder to work in" in said[0]


def test_a_secret_in_what_a_plugin_raises_is_masked(home):
    said: list[str] = []
    settings = Settings(snipersight_home=home.path, hooks=("raising",))
    hooks = open_hooks(settings, home, said.append)
    hooks.tell(an_event(data={"key": "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1"}))
    hooks.close(within_s=10)
    (sentence,) = said
    assert "raised at plan_approved: KeyError" in sentence
    assert "AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1" not in sentence


def test_without_a_name_nothing_of_plugins_is_imported():
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from snipersight.bootstrap.hooks import open_hooks\n"
        "from snipersight.bootstrap.settings import Settings\n"
        "from snipersight.storage.home import Home\n"
        "hooks = open_hooks(Settings(), Home(Path('/nowhere')), print)\n"
        "hooks.close()\n"
        "print(hooks.states(), 'pluggy' in sys.modules, 'snipersight.bot.hooks' in sys.modules)\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert told.stdout == "() False False\n"


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("HOOKS", "csv,../evil", "../evil is no name of a plug-in"),
        ("HOOK_TIMEOUT_SECONDS", "0", "HOOK_TIMEOUT_SECONDS"),
        ("HOOK_TIMEOUT_SECONDS", "61", "HOOK_TIMEOUT_SECONDS"),
        ("HOOK_MEMORY_MB", "10", "HOOK_MEMORY_MB"),
    ],
)
def test_impossible_values_are_refused(monkeypatch, variable, value, words):
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigInvalid, match=words):
        load_settings()


def test_names_may_be_written_with_commas_or_spaces_and_count_once(monkeypatch):
    monkeypatch.setenv("HOOKS", "csv, paging csv")
    assert load_settings()[0].hooks == ("csv", "paging")
