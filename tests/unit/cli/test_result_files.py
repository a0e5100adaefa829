"""A place that cannot be written to is refused before anything is worked for."""

import pytest
from typer.testing import CliRunner

from snipersight.cli.app import app
from snipersight.cli.result_files import require_writable
from snipersight.domain.errors import ConfigInvalid


def test_a_file_in_a_folder_that_is_there_may_be_written(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    for name in ("page.html", "~/page.html", str(tmp_path / "page.html")):
        require_writable(type(tmp_path)(name), option="--out")
    require_writable(None, option="--out")


@pytest.mark.parametrize("name", ["nowhere/page.html", "~/nowhere/page.html", "."])
def test_a_place_that_cannot_be_written_to_is_refused(tmp_path, monkeypatch, name):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigInvalid, match="no file can be written"):
        require_writable(type(tmp_path)(name), option="--out")


def test_another_suffix_than_what_is_written_is_refused(tmp_path):
    require_writable(tmp_path / "runs.PARQUET", option="--out", suffix=".parquet")
    with pytest.raises(ConfigInvalid, match="does not end in"):
        require_writable(tmp_path / "runs.csv", option="--out", suffix=".parquet")


def test_a_backtest_looks_at_its_page_before_its_candles(tmp_path, monkeypatch):
    monkeypatch.setenv("SNIPERSIGHT_HOME", str(tmp_path / "home"))
    # There are no candles either: whoever reads them first says so, and not this.
    (tmp_path / "empty").mkdir()
    words = ["backtest", "--data", str(tmp_path / "empty"), "--out", str(tmp_path / "no/x.html")]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 2
    assert "no file can be written to" in " ".join(done.stderr.split())
