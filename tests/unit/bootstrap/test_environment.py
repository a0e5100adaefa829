from pathlib import Path

from snipersight.bootstrap.environment import absolute, home_path


def test_the_home_is_the_variable_if_it_is_set():
    assert home_path({"SNIPERSIGHT_HOME": "/srv/desk"}) == Path("/srv/desk")


def test_an_empty_variable_means_the_default():
    default = Path.home() / ".snipersight"
    assert home_path({}) == home_path({"SNIPERSIGHT_HOME": "  "}) == default


def test_a_relative_home_and_a_tilde_become_absolute(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert absolute("here") == tmp_path / "here"
    assert absolute("~/there") == Path.home() / "there"
