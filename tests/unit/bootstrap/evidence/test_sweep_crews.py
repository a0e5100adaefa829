"""A cluster is reached safely or not at all, and makes the same runs."""

from __future__ import annotations

import json
import socket
import sys

import pytest

from snipersight.bootstrap.evidence.sweep_crews import opened_crew
from snipersight.cli.sweep_json import sweep_json
from snipersight.domain.errors import ConfigInvalid, StateUnavailable
from tests.builders.sweeps import a_request, swept, write_candles


def test_without_dask_it_is_said_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with (
        pytest.raises(ConfigInvalid, match="Dask, which is not installed") as refused,
        opened_crew(workers=1, cluster="tcp://127.0.0.1:1"),
    ):
        pass
    assert "snipersight[cluster]" in refused.value.next_step


@pytest.fixture(scope="module")
def cluster():
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=1,
        threads_per_worker=1,
        processes=True,
        dashboard_address=None,
        host="127.0.0.1",
        silence_logs=50,
    ) as one:
        yield one


@pytest.mark.slow
def test_a_cluster_makes_the_runs_that_processes_of_this_machine_make(cluster, tmp_path):
    folder = write_candles(tmp_path)
    address = cluster.scheduler_address
    varied = "planner.stop_buffer_atr=0.1,1"
    here = swept(a_request(folder, varied), tmp_path / "here")
    with opened_crew(workers=1, cluster=address) as crew:
        there = swept(a_request(folder, varied), tmp_path / "there", crew=crew)
    assert json.dumps(sweep_json(there)) == json.dumps(sweep_json(here))


@pytest.mark.slow
def test_a_cluster_that_is_not_there_is_told(monkeypatch):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setattr("snipersight.bootstrap.evidence.sweep_cluster._CONNECT_S", 0.5)
    address = f"tcp://127.0.0.1:{port}"
    with (
        pytest.raises(StateUnavailable, match="cannot be reached"),
        opened_crew(workers=1, cluster=address),
    ):
        pass
