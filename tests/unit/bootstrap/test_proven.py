"""Real money asks for a shown edge of the profile as it is, or for its name."""

from __future__ import annotations

import ast
import json
from dataclasses import replace
from pathlib import Path

import pytest

from snipersight.bootstrap.evidence.runs import present_code
from snipersight.bootstrap.proven import (
    COMMAND,
    LEAST_RANDOM_RUNS,
    Traded,
    lack_of_proof,
    permit_profile,
)
from snipersight.domain.errors import ConfigInvalid, StateUnavailable
from snipersight.domain.execution import Mode
from snipersight.performance.verdict import Finding
from snipersight.storage.kept_runs import KeptRun, RunFolder
from tests.builders.kept_runs import a_kept_run as a_run
from tests.builders.profiles import a_profile
from tests.fakes.memory_store import a_memory_store
from tests.unit.bootstrap.test_operations import ports_on

PROFILE = a_profile()
SHOWN = a_run(
    "shown",
    made_ms=10,
    profile="testing",
    values_hash=PROFILE.values_hash,
    code_hash=present_code(),
    markets=("binanceusdm BTC/USDT:USDT", "binanceusdm ETH/USDT:USDT"),
    random_runs=LEAST_RANDOM_RUNS,
    finding=Finding.EDGE_SHOWN,
)
THERE = Traded(venue="binanceusdm")
SOURCE = Path(__file__).resolve().parents[3] / "src/snipersight"


def commands_of(store) -> list[dict[str, object]]:
    bodies = [json.loads(one.body) for one in store.records("main") if one.kind == "operator"]
    return [body for body in bodies if body["command"] == COMMAND]


def permitted(
    folder: Path,
    *,
    unproven: str | None = None,
    mode: Mode = Mode.LIVE,
    run: KeptRun | None = None,
    traded: Traded = THERE,
) -> list[dict[str, object]]:
    """Ask once, with a run kept if one is given; return what the audit tells of it."""
    store = a_memory_store()
    if run is not None:
        RunFolder(folder).keep(run)
    ports = ports_on(store)
    permit_profile(PROFILE, traded=traded, mode=mode, unproven=unproven, folder=folder, ports=ports)
    return commands_of(store)


def test_a_shown_edge_of_these_very_values_permits_and_needs_no_record(tmp_path):
    assert permitted(tmp_path, run=SHOWN) == []
    assert permitted(tmp_path, unproven=PROFILE.name) == []
    assert lack_of_proof(PROFILE, tmp_path, THERE) is None
    copy = PROFILE.model_copy(update={"name": "copy", "description": "of the same values"})
    assert lack_of_proof(copy, tmp_path, THERE) is None


@pytest.mark.parametrize(
    "run",
    [
        None,
        replace(SHOWN, finding=Finding.TOO_LITTLE_DATA),
        replace(SHOWN, values_hash="0" * 16),
        replace(SHOWN, values_hash="", profile_hash=PROFILE.content_hash),
        replace(SHOWN, source="random"),
        replace(SHOWN, random_runs=0),
        replace(SHOWN, markets=("binance BTC/USDT",)),
        replace(SHOWN, markets=("binanceusdm BTC/USDT:USDT", "bybit ETH/USDT:USDT")),
    ],
)
def test_nothing_else_is_a_proof(tmp_path, run: KeptRun | None):
    with pytest.raises(ConfigInvalid, match="no backtest has shown an edge") as refused:
        permitted(tmp_path, run=run)
    step = refused.value.next_step or ""
    assert f"--unproven {PROFILE.name}" in step
    assert f"backtest --profile {PROFILE.name} --data DIR --random-runs 1000" in step


@pytest.mark.parametrize(
    ("run", "told"),
    [
        (replace(SHOWN, random_runs=999), "beside 999 runs with random entries, .* ask for 1,000"),
        (replace(SHOWN, random_runs=19), "beside 19 runs"),
        (replace(SHOWN, code_hash="of yesterday"), "by other code than this version's"),
        (
            replace(SHOWN, finding=Finding.NOT_SHOWN, sentence="Edge not shown: it lost."),
            "the newest to judge it, says: Edge not shown: it lost.",
        ),
    ],
)
def test_what_a_backtest_lacks_as_a_proof_is_told(tmp_path, run, told):
    with pytest.raises(ConfigInvalid, match=told):
        permitted(tmp_path, run=run)


def test_a_spot_market_is_not_proven_by_perpetuals_of_the_same_venue(tmp_path):
    run = replace(SHOWN, markets=("bybit BTC/USDT:USDT",))
    with pytest.raises(ConfigInvalid, match="no backtest has shown"):
        permitted(tmp_path, run=run, traded=Traded(venue="bybit", symbols=("BTC/USDT",)))
    assert not permitted(
        tmp_path, run=run, traded=Traded(venue="bybit", symbols=("ETH/USDT:USDT",))
    )


def test_the_newest_backtest_that_proves_or_denies_an_edge_decides(tmp_path):
    denied = replace(SHOWN, run_id="denied", finding=Finding.NOT_SHOWN, random_runs=200)
    permitted(tmp_path, run=SHOWN)
    for harmless in (
        replace(denied, run_id="before", made_ms=9),
        replace(denied, run_id="little", made_ms=11, finding=Finding.TOO_LITTLE_DATA),
        replace(denied, run_id="swept", made_ms=12, random_runs=0),
        replace(denied, run_id="there", made_ms=13, markets=("bybit BTC/USDT:USDT",)),
        replace(SHOWN, run_id="few", made_ms=14, random_runs=200),
    ):
        permitted(tmp_path, run=harmless)
    with pytest.raises(ConfigInvalid, match="the backtest denied of testing, the newest"):
        permitted(tmp_path, run=replace(denied, made_ms=15))
    permitted(tmp_path, run=replace(SHOWN, run_id="again", made_ms=16))


def test_naming_the_profile_permits_it_and_the_audit_tells(tmp_path):
    (command,) = permitted(tmp_path, unproven=PROFILE.name)
    assert command["profile"] == PROFILE.name
    assert command["profile_hash"] == PROFILE.content_hash


def test_another_name_is_a_slip_even_beside_a_proof(tmp_path):
    with pytest.raises(ConfigInvalid, match="not the profile"):
        permitted(tmp_path, unproven="other", run=SHOWN)


@pytest.mark.parametrize("mode", [Mode.PAPER, Mode.DRY_RUN])
def test_without_real_money_nothing_is_asked_and_nothing_may_be_named(tmp_path, mode):
    assert permitted(tmp_path, mode=mode) == []
    with pytest.raises(ConfigInvalid, match="for real orders"):
        permitted(tmp_path, mode=mode, unproven=PROFILE.name)


def test_an_override_that_cannot_be_recorded_is_none(tmp_path):
    with pytest.raises(StateUnavailable, match="cannot be recorded"):
        permit_profile(
            PROFILE,
            traded=THERE,
            mode=Mode.LIVE,
            unproven=PROFILE.name,
            folder=tmp_path,
            ports=None,
        )


def test_backtests_that_cannot_be_read_prove_nothing(tmp_path):
    (tmp_path / "damaged.json").write_text("{")
    with pytest.raises(StateUnavailable):
        permitted(tmp_path, unproven=PROFILE.name)


def test_whoever_chooses_the_world_of_new_orders_asks_for_the_proof():
    """Every caller of `choose_world` that enters something also calls `permit_profile`."""
    asking = {}
    for path in SOURCE.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
        named = {call.func.id: call for call in calls if isinstance(call.func, ast.Name)}
        if world := named.get("choose_world"):
            only_manages = any(one.arg == "only_manages" for one in world.keywords)
            asking[path.name] = only_manages or "permit_profile" in named
    assert len(asking) >= 4
    assert all(asking.values()), asking
