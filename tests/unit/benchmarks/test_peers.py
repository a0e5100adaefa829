"""Peers: processes of their own, and a reason where one cannot be measured."""

import json
import sys
from pathlib import Path

import pytest

from benchmarks.peers import PeerFailed, PeerMissing, opened_peers
from benchmarks.scan_stack import compare

NAMES = ("smartmoneyconcepts", "pyvsmc")

WORKER = """
import json, sys
name = sys.argv[1]
if name == "pyvsmc" and {dies_at!r} == "start":
    sys.exit("ModuleNotFoundError: no wheel for this platform")
print(json.dumps({{"version": "1.2.3"}}), flush=True)
for number, request in enumerate(sys.stdin):
    if name == "pyvsmc" and {dies_at!r} == "turn" and number == 1:
        sys.exit("MemoryError: candles")
    print(json.dumps({{"seconds": {{"smartmoneyconcepts": 4.0, "pyvsmc": 0.5}}[name]}}), flush=True)
"""


def a_worker(folder: Path, *, dies_at: str = "") -> Path:
    path = folder / "worker.py"
    path.write_text(WORKER.format(dies_at=dies_at))
    return path


HERE = {"SNIPERSIGHT_PEERS_PYTHON": sys.executable}


@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        ({"SNIPERSIGHT_PEERS_MISSING": "the package index cannot be reached"}, "index cannot be"),
        ({}, "dev.py bench"),
        ({"SNIPERSIGHT_PEERS_PYTHON": "/nowhere/python"}, "No such file"),
    ],
)
def test_without_their_environment_every_peer_is_missing_with_the_reason(
    tmp_path: Path, environment: dict[str, str], reason: str
) -> None:
    with opened_peers(NAMES, tmp_path / "c.npz", environment=environment) as (peers, missing):
        assert peers == []
        assert [gone.name for gone in missing] == list(NAMES)
        assert all(reason in gone.reason for gone in missing)


def test_peer_that_cannot_start_leaves_the_other_one(tmp_path: Path) -> None:
    worker = a_worker(tmp_path, dies_at="start")
    candles = tmp_path / "c.npz"
    with opened_peers(NAMES, candles, environment=HERE, worker=worker) as (peers, missing):
        assert [(peer.name, peer.version) for peer in peers] == [("smartmoneyconcepts", "1.2.3")]
        assert missing == [
            PeerMissing(
                name="pyvsmc",
                reason="stopped with code 1: ModuleNotFoundError: no wheel for this platform",
            )
        ]


def test_ratio_is_the_peers_median_over_ours(tmp_path: Path) -> None:
    worker = a_worker(tmp_path)
    with opened_peers(NAMES, tmp_path / "c", environment=HERE, worker=worker) as (peers, missing):
        figures = compare(lambda: None, peers, missing, bars=1000, rounds=1, turn_s=0.0)
    by_name = {figure.name: figure for figure in figures}
    own_s = 1000 / (by_name["smc_stack_speed_25k"].value or 0)
    ratio = by_name["smc_stack_times_smartmoneyconcepts"]
    assert ratio.value == pytest.approx(4.0 / own_s)
    assert ratio.is_met is True
    assert by_name["pyvsmc_speed_25k"].value == 2000


def test_peer_that_dies_between_turns_is_missing_and_never_met(tmp_path: Path) -> None:
    worker = a_worker(tmp_path, dies_at="turn")
    with opened_peers(NAMES, tmp_path / "c", environment=HERE, worker=worker) as (peers, missing):
        figures = compare(lambda: None, peers, missing, bars=1000, rounds=3, turn_s=0.0)
    told = {figure.name: json.loads(figure.as_json()) for figure in figures}
    assert told["smc_stack_times_smartmoneyconcepts"]["met"] is True
    gone = told["smc_stack_times_pyvsmc"]
    assert (gone["value"], gone["met"]) == (None, False)
    assert gone["reason"] == "stopped with code 1: MemoryError: candles"


def test_closed_peer_answers_no_more(tmp_path: Path) -> None:
    worker = a_worker(tmp_path)
    with opened_peers(NAMES, tmp_path / "c", environment=HERE, worker=worker) as (peers, _):
        pass
    with pytest.raises((PeerFailed, ValueError)):
        peers[0].measure()
