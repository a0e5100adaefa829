"""What `backtest --list` shows, and what a backtest without candles is told."""

from typer.testing import CliRunner

from snipersight.cli.app import app
from snipersight.cli.backtest_listing import runs_document
from snipersight.cli.backtesting import list_backtests
from snipersight.cli.options import TextFormat
from snipersight.storage.home import Home
from snipersight.storage.kept_runs import RunFolder
from tests.builders.kept_runs import a_kept_run as a_run


def test_each_run_is_a_row_with_its_finding_and_undefined_figures_as_a_dash():
    (section,) = runs_document([a_run("a"), a_run("b", trials=2)]).sections
    assert section.grid is not None
    first, second = section.grid.rows
    assert dict(zip(section.grid.head, first, strict=True)) == {
        "run": "a",
        "profile": "testing",
        "made, UTC": "1970-01-01 00:00",
        "from": "1970-01-01",
        "to": "1970-01-01",
        "markets": "sandbox BTC/USDT",
        "finding": "edge not shown",
        "trades": "3",
        "expectancy": "–",
        "Sharpe": "–",
        "random": "0",
        "trials": "1",
    }
    assert second[-1] == "2"


def test_without_a_run_it_is_said_how_to_make_one():
    document = runs_document([])
    assert not document.sections
    assert "snipersight backtest --data" in document.remarks[0]


def test_the_list_is_of_the_home_that_is_set(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("SNIPERSIGHT_HOME", str(tmp_path))
    RunFolder(Home(tmp_path).backtests).keep(a_run("0badcafe"))
    list_backtests(None, TextFormat.TEXT)
    assert "0badcafe" in capsys.readouterr().out
    list_backtests(None, TextFormat.JSON)
    assert '"run_id": "0badcafe"' in capsys.readouterr().out


def test_a_backtest_needs_candles(tmp_path, monkeypatch):
    monkeypatch.setenv("SNIPERSIGHT_HOME", str(tmp_path))
    done = CliRunner().invoke(app, ["backtest"])
    assert done.exit_code == 2
    assert "no candles are named" in done.stderr
