"""Real money asks for a shown edge of the profile as it is, or for its name."""

from __future__ import annotations

import ast
import json
from dataclasses import replace
from pathlib import Path

import pytest

from snipersight.bootstrap.proven import COMMAND, permit_profile, proof_of
from snipersight.domain.errors import ConfigInvalid, StateUnavailable
from snipersight.domain.execution import Mode
from snipersight.performance.verdict import Finding
from snipersight.storage.kept_runs import KeptRun, RunFolder
from tests.builders.profiles import a_profile
from tests.fakes.memory_store import a_memory_store
from tests.unit.bootstrap.test_operations import ports_on
from tests.unit.storage.test_kept_runs import a_run

PROFILE = a_profile()
SHOWN = a_run(profile_hash=PROFILE.content_hash, finding=Finding.EDGE_SHOWN)
SOURCE = Path(__file__).resolve().parents[3] / "src/snipersight"


def commands_of(store) -> list[dict[str, object]]:
    bodies = [json.loads(one.body) for one in store.records("main") if one.kind == "operator"]
    return [body for body in bodies if body["command"] == COMMAND]


def permitted(folder: Path, *, unproven: str | None = None, mode: Mode = Mode.LIVE, run=None):
    """Ask once, with a run kept if one is given; return what the audit tells of it."""
    store = a_memory_store()
    if run is not None:
        RunFolder(folder).keep(run)
    permit_profile(PROFILE, mode=mode, unproven=unproven, folder=folder, ports=ports_on(store))
    return commands_of(store)


def test_a_shown_edge_of_these_very_values_permits_and_needs_no_record(tmp_path):
    assert permitted(tmp_path, run=SHOWN) == []
    assert permitted(tmp_path, unproven=PROFILE.name) == []
    assert proof_of(PROFILE, tmp_path) == SHOWN


@pytest.mark.parametrize(
    "run",
    [
        None,
        replace(SHOWN, finding=Finding.NOT_SHOWN),
        replace(SHOWN, finding=Finding.TOO_LITTLE_DATA),
        replace(SHOWN, profile_hash="0" * 16),
        replace(SHOWN, source="random"),
    ],
)
def test_nothing_else_is_a_proof(tmp_path, run: KeptRun | None):
    with pytest.raises(ConfigInvalid, match="no backtest has shown an edge") as refused:
        permitted(tmp_path, run=run)
    assert f"--unproven {PROFILE.name}" in (refused.value.next_step or "")


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
        permit_profile(PROFILE, mode=Mode.LIVE, unproven=PROFILE.name, folder=tmp_path, ports=None)


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
