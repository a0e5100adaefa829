"""What the Tab key offers, asked the way a shell asks."""

import os
import subprocess
import sys

import pytest

from snipersight.cli import completing


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("SNIPERSIGHT_HOME", str(tmp_path))
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles/breakfast.toml").write_text("")
    (tmp_path / "profiles/notes.txt").write_text("")
    (tmp_path / "accounts.toml").write_text('[accounts.desk]\nvenue = "bybit"\n')
    (tmp_path / "watchlists.toml").write_text('majors = ["BTC/USDT"]\nmemes = ["DOGE/USDT"]\n')
    return tmp_path


def test_names_of_the_users_own_are_offered_beside_ours(home):
    assert completing.profile_names("b") == ["balanced", "breakfast"]
    assert "notes" not in completing.profile_names("")
    assert completing.account_names("") == ["desk", "main", "practice"]
    assert completing.symbol_lists("@m") == ["@majors", "@memes"]
    assert completing.symbol_lists("top5") == ["top50"]


def test_broken_or_absent_files_offer_ours_alone(home):
    (home / "accounts.toml").write_text("accounts = 3")
    (home / "watchlists.toml").write_text("what = = is this")
    assert completing.account_names("") == ["main", "practice"]
    assert completing.symbol_lists("@") == []


RUN = "from snipersight.cli.app import app; app(prog_name='snipersight')"


def ask(*words: str, **variables: str) -> str:
    """Return what the program prints for a shell."""
    return subprocess.run(
        [sys.executable, "-c", RUN, *words],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | variables,
    ).stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_that_asks_gets_names(home, shell):
    line = "snipersight scan --profile br"
    offered = ask(
        _SNIPERSIGHT_COMPLETE=f"complete_{shell}",
        COMP_WORDS=line,
        COMP_CWORD="3",
        _TYPER_COMPLETE_ARGS=line,
        _TYPER_COMPLETE_FISH_ACTION="get-args",
    )
    assert "breakfast" in offered
    assert "balanced" not in offered


def test_completion_is_installed_for_the_shell_that_is_named(home):
    shell = {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1", "HOME": str(home)}
    ask("--install-completion", "bash", **shell)
    assert "_SNIPERSIGHT_COMPLETE" in (home / ".bash_completions/snipersight.sh").read_text()
    assert "snipersight.sh" in (home / ".bashrc").read_text()
