"""Real orders of a profile without a shown edge: refused, unless it is named, and then told.

The commands as a user has them; nobody is asked over the network before the answer.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from snipersight.bootstrap.books import open_books
from snipersight.bootstrap.proven import COMMAND
from snipersight.bootstrap.settings import VARIABLES, load_settings
from snipersight.cli.app import app
from snipersight.cli.toml_text import toml_text
from snipersight.domain.audit import AuditKind
from snipersight.domain.units import Symbol
from snipersight.risk.audit.query import AuditQuery
from snipersight.storage.audit_log import AuditLog
from tests.builders.decisions import an_approval
from tests.builders.sweeps import quick_profile, write_candles
from tests.builders.told_stores import ToldStore, a_plan_of_today

LIVE = ("--mode", "live", "--confirm", "main")

pytestmark = pytest.mark.slow


def write_strict_profile(home: Path) -> None:
    """Put a profile among a user's own that finds no setup good enough: nothing is ever sent."""
    quick = quick_profile()
    strict = quick.model_copy(update={"gates": quick.gates.model_copy(update={"min_score": 100.0})})
    folder = home / "profiles"
    folder.mkdir(parents=True)
    text = toml_text(strict.model_dump(mode="json", exclude_none=True))
    (folder / "quick.toml").write_text(text)


@pytest.fixture(scope="module")
def candles(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(write_candles(tmp_path_factory.mktemp("candles"), "BTC"))


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    home = tmp_path / "home"
    write_strict_profile(home)
    for name, value in {
        "SNIPERSIGHT_HOME": str(home),
        "EXECUTION_ENVIRONMENT": "live",
        "BINANCE_TESTNET": "false",
        "LIVE_ACCOUNT": "main",
        "BINANCE_API_KEY": "k" * 64,
        "BINANCE_API_SECRET": "s" * 64,
        "RUN_LISTEN": "none",
    }.items():
        monkeypatch.setenv(name, value)
    return home


def said(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, list(words))
    return done.exit_code, " ".join(done.stderr.split())


def overrides() -> list[dict[str, object]]:
    """Return what the audit of the account tells of trading without proof."""
    with open_books(load_settings()[0], account_id="main", follows_balance=False) as books:
        query = AuditQuery(kinds=(AuditKind.OPERATOR.value,))
        records = AuditLog(books.store.database).records("main", query)
        bodies = [json.loads(one.body) for one in records]
    return [body for body in bodies if body["command"] == COMMAND]


def told_plan() -> str:
    """Return a plan that was approved for the account just now."""
    plan = a_plan_of_today(venue="binanceusdm", symbol=Symbol("BTC/USDT:USDT"), profile="quick")
    with open_books(load_settings()[0], account_id="main") as books:
        return ToldStore(books.store.database).record(an_approval(plan)).plan_id


def test_a_scan_executes_nothing_live_without_a_proof_unless_the_profile_is_named(candles):
    words = ("scan", "--data", candles, "--profile", "quick", "--symbols", "BTC/USDT", "--execute")
    code, told = said(*words, *LIVE)
    assert (code, "no backtest has shown an edge of quick" in told) == (2, True), told
    assert "--random-runs 1000" in told
    assert overrides() == []
    code, told = said(*words, *LIVE, "--unproven", "quick")
    assert "has shown an edge" not in told
    (override,) = overrides()
    assert override["profile"] == "quick"


def test_a_run_does_not_begin_live_without_a_proof():
    words = ("run", "--exchange", "binanceusdm", "--profile", "quick", "--symbols", "BTC/USDT")
    code, told = said(*words, *LIVE)
    assert (code, "no backtest has shown an edge of quick" in told) == (2, True), told
    code, told = said(*words, *LIVE, "--unproven", "balanced")
    assert (code, "is not the profile whose plans are traded" in told) == (2, True), told
    assert overrides() == []


def test_a_plan_is_not_traded_live_without_a_proof_unless_its_profile_is_named(candles):
    words = ("trade", told_plan(), "--data", candles)
    code, told = said(*words, *LIVE)
    assert (code, "no backtest has shown an edge of quick" in told) == (2, True), told
    assert overrides() == []
    code, told = said(*words, *LIVE, "--unproven", "quick")
    assert "has shown an edge" not in told
    (override,) = overrides()
    assert override["profile"] == "quick"
