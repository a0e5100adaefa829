"""`snipersight hooks`: what is installed, what is named, and whether it works."""

import pytest
from typer.testing import CliRunner

from snipersight.cli.app import app
from snipersight.cli.exits import ExitCode
from tests.fakes.hook_plugins import install_bad_hooks, write_package


@pytest.fixture
def run(tmp_path, monkeypatch):
    packages = tmp_path / "packages"
    packages.mkdir()
    monkeypatch.syspath_prepend(str(packages))
    monkeypatch.setenv("SNIPERSIGHT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "200")

    def invoked(*words, named="", install=install_bad_hooks):
        install(packages)
        monkeypatch.setenv("HOOKS", named)
        return CliRunner().invoke(app, ["hooks", *words])

    return invoked


def test_without_any_it_says_where_to_read_on(run):
    result = run(install=lambda _folder: None)
    assert result.exit_code == ExitCode.OK
    assert "No plug-in is installed" in result.stderr


def test_each_is_listed_with_its_package_and_none_is_loaded_unnamed(run, tmp_path):
    result = run()
    assert result.exit_code == ExitCode.OK
    assert "absent    not enabled  bad_hooks 1.0 (no_such_module:Hook)" in result.stdout
    assert "works" not in result.stdout
    assert not (tmp_path / "home/hooks").exists()


def test_one_that_is_named_is_loaded_and_says_what_it_is_told(run):
    result = run(named="good")
    assert result.exit_code == ExitCode.OK
    assert "good      enabled" in result.stdout
    assert "works; it is told before_stage, scan_finished" in result.stdout


@pytest.mark.parametrize(
    ("named", "words"),
    [
        ("greedy", "cannot be used: Plugin 'greedy' for hook 'plan_approved'"),
        ("other", "is not installed; installed are: absent"),
        ("twice", "is offered by several packages"),
    ],
)
def test_one_that_cannot_be_used_is_told_in_a_sentence_and_by_the_exit_code(run, named, words):
    result = run(named=f"good {named}")
    assert result.exit_code == ExitCode.USAGE
    assert words in " ".join(result.stdout.split())
    assert "works" in result.stdout


def test_nothing_is_started_if_that_is_not_wished(run, tmp_path):
    result = run("--no-load", named="good")
    assert result.exit_code == ExitCode.OK
    assert "good      enabled" in result.stdout
    assert not (tmp_path / "home/hooks").exists()


def test_one_that_takes_too_long_to_load_is_told(run, monkeypatch):
    def install(folder):
        (folder / "sleepy.py").write_text("import time\ntime.sleep(60)\n")
        write_package(folder, "sleepy", "[snipersight.hooks]\nsleepy = sleepy:Hook\n")

    monkeypatch.setenv("HOOK_TIMEOUT_SECONDS", "0.5")
    result = run(named="sleepy", install=install)
    assert result.exit_code == ExitCode.USAGE
    assert "did not come back within 0.5 s while loading" in " ".join(result.stdout.split())
