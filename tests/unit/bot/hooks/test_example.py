"""The example that is shipped: approved plans in a CSV file, found and run like any plug-in."""

import csv
import tomllib
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from snipersight.bootstrap.hooks import open_hooks
from snipersight.bootstrap.settings import Settings
from snipersight.domain.hooks import HookEvent
from snipersight.engine.hook_events import events_of_report
from snipersight.engine.report import RankedPlan
from snipersight.storage.home import Home
from tests.builders.decisions import an_approval
from tests.builders.plans import a_plan
from tests.fakes.hook_listening import Listener, listened
from tests.fakes.hook_plugins import write_package

EXAMPLE = Path(__file__).parents[4] / "examples/hook_csv"


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    packages = tmp_path / "packages"
    packages.mkdir()
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text())["project"]
    points = project["entry-points"]["snipersight.hooks"]
    lines = [f"{name} = {value}" for name, value in points.items()]
    write_package(packages, project["name"], "\n".join(["[snipersight.hooks]", *lines, ""]))
    monkeypatch.syspath_prepend(str(packages))
    monkeypatch.syspath_prepend(str(EXAMPLE))
    return Settings(snipersight_home=tmp_path / "home", hooks=("csv",))


def approvals(*symbols: str) -> list[HookEvent]:
    """Return what a scan tells of plans that it approved."""
    decisions = [an_approval(a_plan(symbol=symbol)) for symbol in symbols]
    plans = tuple(
        RankedPlan(
            rank=rank,
            plan=decision.plan,
            decision=decision,
            last_price=Decimal(42_300),
            distance_fraction=Decimal(0),
        )
        for rank, decision in enumerate(decisions, start=1)
    )
    quiet = Listener(wanted=())
    report = replace(listened(quiet), plans=plans)
    return list(events_of_report(report, Listener(wanted=("plan_approved",))))[: len(plans)]


def run_once(settings: Settings, *events: HookEvent) -> list[dict[str, str]]:
    said: list[str] = []
    hooks = open_hooks(settings, Home(settings.snipersight_home), said.append)
    for event in events:
        hooks.tell(event)
    hooks.close(within_s=10)
    assert said == []
    path = settings.snipersight_home / "hooks/csv/plans.csv"
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream))


def test_approved_plans_are_written_once_also_after_a_restart(settings):
    first, second = approvals("BTC/USDT", "ETH/USDT")
    (row,) = run_once(settings, first, first)
    plan: Any = first.data
    assert row == {
        "approved_at_ms": str(first.at_ms),
        "plan_id": plan["plan_id"],
        "symbol": plan["symbol"],
        "direction": plan["direction"],
        "entry_near": plan["entry_near"],
        "stop_loss": plan["stop_loss"],
        "first_target": plan["targets"][0],
        "size": plan["size"],
        "score": str(plan["score"]),
    }
    rows = run_once(settings, first, second)
    assert [row["plan_id"] for row in rows] == [plan["plan_id"], second.data["plan_id"]]
