"""`snipersight backtest` on candles of the built-in market, written to files."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any, NoReturn

import jsonschema
import polars as pl
import psutil
import pytest
from typer.testing import CliRunner

from snipersight.cli.app import app
from snipersight.domain.timeframe import DAY_MS, Timeframe
from snipersight.domain.units import Symbol
from snipersight.sandbox.market import SyntheticMarket

END_MS = 1_752_883_200_000  # 2025-07-19
DAYS = 130
FROM = "2025-05-01"
SCHEMA = json.loads((files("snipersight.cli.schemas") / "backtest-1.json").read_text())
FILE = "{}USDT-5m.parquet"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def candles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("binance_usdm_made_up")
    market = SyntheticMarket(7, clock=lambda: END_MS)
    for name in ("BTC", "ETH", "DOGE"):
        served = market.candles(
            Symbol(f"{name}/USDT:USDT"),
            Timeframe.parse("5m"),
            start_ms=END_MS - DAYS * DAY_MS,
            end_ms=END_MS,
        )
        bars = asyncio.run(served)
        columns = {key: getattr(bars, key) for key in ("open", "high", "low", "close", "volume")}
        frame = pl.DataFrame({"timestamp": bars.open_time, **columns})
        frame.write_parquet(folder / FILE.format(name))
    return folder


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SNIPERSIGHT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "160")
    return tmp_path / "home"


def backtest(folder: Path, *more: str) -> tuple[int, str, str]:
    """Return exit code, output and errors of a backtest without random entries."""
    words = ("backtest", "--data", str(folder), "--profile", "scalp", "--random-runs", "0")
    done = CliRunner().invoke(app, [*words, *more])
    return done.exit_code, done.stdout, " ".join(done.stderr.split())


def told(folder: Path, *more: str) -> dict[str, Any]:
    """Return the document of a backtest, once it is known to be what the schema says."""
    code, out, err = backtest(folder, "--format", "json", *more)
    assert code == 0, err

    def refuse(constant: str) -> NoReturn:
        raise ValueError(f"{constant} is no JSON")

    document: dict[str, Any] = json.loads(out, parse_constant=refuse)
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    return document


def test_a_document_for_programs_is_what_its_schema_says_and_adds_up(candles):
    found = told(candles, "--from", FROM)
    realised = sum(Decimal(one["result"]) for one in found["list"])
    assert Decimal(found["balance"]) == Decimal(found["starting_balance"]) + realised
    closed = [one for one in found["list"] if one["status"] == "closed"]
    assert len(closed) == found["trades"]["trades"] > 0
    assert found["funnel"]["approved"] == len(found["list"])
    assert len(found["daily"]) == found["equity"]["days"] == 79
    assert all(one["decided"] < (one["entered"] or one["ended"]) for one in found["list"])
    assert (found["from"], found["to"]) == ("2025-05-01T00:00:00Z", "2025-07-19T00:00:00Z")
    assert found["markets"] == ["BTC/USDT:USDT", "DOGE/USDT:USDT", "ETH/USDT:USDT"]
    # The same again is the same, but for how often it was tried: it is no new trial either.
    assert told(candles, "--from", FROM) == found


def test_a_terminal_is_told_the_verdict_first(candles):
    code, out, _err = backtest(candles, "--from", FROM, "--symbols", "DOGE/USDT:USDT")
    assert code == 0
    assert "Backtest of scalp on 1 market" in out
    assert "Does it show an edge?" in out
    places = [
        out.index(title)
        for title in ("an edge?", "Account", "Trades", "Compared with", "How candidates ended")
    ]
    assert places == sorted(places)


def test_a_day_without_a_trade_is_told_as_such(candles):
    found = told(candles, "--from", "2025-07-18", "--symbols", "BTC/USDT:USDT")
    assert found["list"] == []
    assert found["balance"] == found["starting_balance"]
    assert found["verdict"]["finding"] == "too little data"
    code, out, _err = backtest(candles, "--from", "2025-07-18", "--symbols", "BTC/USDT:USDT")
    assert code == 0
    assert "0 trades closed" in out


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--symbols", "FOO/USDT"), "unknown symbol"),
        (("--symbols", "top20"), "known at its end only"),
        (("--from", "2025-07-10", "--to", "2025-07-01"), "no decision lies between"),
        (("--from", "2026-01-01"), "no decision lies between"),
        (("--from", "soon"), "is no time"),
        (("--to", "2025-03-12"), "no market has history enough before 2025-03-12"),
        (("--profile", "nothing"), "there is no profile 'nothing'"),
        (("--rearm-days", "-1"), "rearm-days"),
    ],
)
def test_a_backtest_of_nothing_is_refused(candles, more, words):
    code, out, err = backtest(candles, *more)
    assert code == 2
    assert words in err
    assert out == ""


def test_a_folder_without_candles_is_refused(tmp_path):
    code, _out, err = backtest(tmp_path / "nowhere")
    assert (code, "there is no such directory" in err) == (2, True)
    (tmp_path / "empty").mkdir()
    code, _out, err = backtest(tmp_path / "empty")
    assert (code, "no candle file in this directory" in err) == (4, True)


def broken(candles: Path, folder: Path, *, kept: tuple[str, ...]) -> Path:
    """Return a folder in which one market has a price below zero."""
    folder.mkdir()
    for name in kept:
        shutil.copy(candles / FILE.format(name), folder)
    frame = pl.read_parquet(candles / FILE.format("DOGE"))
    is_wrong = pl.int_range(pl.len()) == frame.height - 1_000
    low = pl.when(is_wrong).then(-1.0).otherwise(pl.col("low")).alias("low")
    frame.with_columns(low).write_parquet(folder / FILE.format("DOGE"))
    return folder


def test_a_market_that_cannot_be_read_is_named_and_stops_no_other(candles, tmp_path):
    folder = broken(candles, tmp_path / "binance_usdm_one", kept=("BTC", "ETH"))
    code, out, err = backtest(folder, "--from", "2025-07-15")
    assert code == 3
    assert "Backtest of scalp on 2 markets" in out
    assert "DOGE/USDT:USDT could not be read" in err
    assert "snipersight data check" in err


def test_nothing_is_traded_where_no_market_can_be_read(candles, tmp_path):
    folder = broken(candles, tmp_path / "binance_usdm_none", kept=())
    code, out, err = backtest(folder, "--from", "2025-07-15")
    assert (code, out) == (4, "")
    assert "no market of the folder could be read: DOGE/USDT:USDT: " in err
    assert "in row" in err


def test_ctrl_c_ends_quietly_and_keeps_nothing(candles, home):
    # So many runs with random entries that it cannot come to its end before it is interrupted.
    runs = ("--random-runs", "100000")
    words = ("backtest", "--data", str(candles), "--profile", "scalp", "--format", "json", *runs)
    process = subprocess.Popen(
        [sys.executable, "-m", "snipersight", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "SNIPERSIGHT_HOME": str(home)},
    )
    began, until = psutil.Process(process.pid), time.monotonic() + 90
    # Past its imports, which an interrupt breaks off in ways of their own: runs with random
    # entries are made by processes of their own, or take it long.
    while not began.children() and began.cpu_times().user < 6 and time.monotonic() < until:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert (out, "Traceback" in err) == ("", False)
    code, listed, _err = backtest(candles, "--list")
    assert code == 0
    assert "scalp" not in listed
