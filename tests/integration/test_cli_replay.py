"""`snipersight replay` and `outcomes` on candles of the built-in market, written to files."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from typer.testing import CliRunner

from snipersight.cli.app import app
from snipersight.domain.timeframe import DAY_MS, Timeframe
from snipersight.domain.units import Symbol
from snipersight.sandbox.market import SyntheticMarket

END_MS = 1_752_883_200_000  # 2025-07-19
DAYS = 130
FROM = "2025-05-01"

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
        frame.write_parquet(folder / f"{name}USDT-5m.parquet")
    return folder


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SNIPERSIGHT_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def run(*arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, arguments)
    return done.exit_code, done.stdout, done.stderr


def replay(candles: Path, *more: str) -> dict[str, Any]:
    code, out, err = run(
        *("replay", "--data", str(candles), "--profile", "scalp", "--from", FROM, "--json", *more)
    )
    assert code == 0, err
    found: dict[str, Any] = json.loads(out)
    return found


def test_a_replay_keeps_signals_that_outcomes_shows(candles, home):
    told = replay(candles)
    assert told["symbols"] == 3
    assert told["signals"] == told["new"] == sum(told["outcomes"].values()) > 0
    code, out, _err = run(
        "outcomes", "--no-follow", "--origin", "replay", "--json", "--limit", "999"
    )
    assert code == 0
    rows = json.loads(out)["outcomes"]
    assert len(rows) == told["signals"]
    assert {(row["account"], row["origin"]) for row in rows} == {("replay", "replay")}
    assert all(row["modelled"] for row in rows)
    again = replay(candles)
    assert (again["new"], again["signals"]) == (0, told["signals"])
    # Nothing of an account is read or changed: it has no store of its own yet.
    assert not (home / "snipersight.db").exists()


def test_a_replay_says_in_words_what_it_gave_and_what_comes_next(candles, home):
    arguments = ("--data", str(candles), "--profile", "scalp", "--from", FROM)
    code, out, _err = run("replay", *arguments, "--symbols", "BTC/USDT:USDT")
    assert code == 0
    assert "Replayed 1 symbol, 2025-05-01 00:00 to 2025-07-19 00:00 UTC." in out
    assert "What they were worth: snipersight stats --origin replay" in out


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--symbols", "FOO/USDT"), "unknown symbol"),
        (("--symbols", "top20"), "known at its end only"),
        (("--from", "2025-07-10", "--to", "2025-07-01"), "no decision lies between"),
        (("--from", "2026-01-01"), "no decision lies between"),
        (("--from", "soon"), "is no time"),
        (("--profile", "nothing"), "profile"),
    ],
)
def test_a_replay_of_nothing_is_refused(candles, home, more, words):
    code, _out, err = run("replay", "--data", str(candles), *more)
    assert code == 2
    assert words in " ".join(err.split())


def test_nothing_is_kept_where_nothing_is_wanted(candles, home, monkeypatch):
    monkeypatch.setenv("ANALYTICS_ENABLED", "false")
    code, _out, err = run("replay", "--data", str(candles))
    assert code == 2
    assert "ANALYTICS_ENABLED" in err
    assert not (home / "telemetry.db").exists()


def test_outcomes_of_nothing_says_where_signals_come_from(home):
    code, out, _err = run("outcomes", "--no-follow")
    assert code == 0
    assert "No such signal is kept." in out


def test_a_scan_leaves_evidence_unless_it_looks_back_or_asks_what_if(home):
    scan = ("scan", "--symbols", "BTC/USDT:USDT,ETH/USDT:USDT,SOL/USDT:USDT", "--format", "json")
    for more in (("--as-of", "2025-07-19"), ("--balance", "500"), ("--seed", "3")):
        assert run(*scan, *more)[0] == 0
    assert kept() == (0, 0)
    code, out, _err = run(*scan)
    assert code == 0
    told = json.loads(out)
    assert kept() == (1, sum(one["count"] for one in told["funnel"]))


def kept() -> tuple[int, int]:
    """Return how many scans are kept, and how many candidates they count."""
    from snipersight.bootstrap.settings import load_settings
    from snipersight.bootstrap.telemetry import open_telemetry
    from snipersight.domain.evidence import EvidenceFilter

    with open_telemetry(load_settings()[0]) as telemetry:
        scans = telemetry.evidence.scans(EvidenceFilter())
    return len(scans), sum(sum(scan.funnel.values()) for scan in scans)
