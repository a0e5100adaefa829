"""A cluster is reached by certificates that both sides take, or it is said which one does not."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from snipersight.bootstrap.evidence.sweep_crews import opened_crew
from snipersight.cli.sweep_json import sweep_json
from snipersight.domain.errors import ConfigInvalid, SniperSightError, StateUnavailable
from tests.builders.sweeps import a_request, swept, write_candles
from tests.fakes.certificates import Certificates, a_certificate
from tests.fakes.dask_processes import DaskProcesses

pytest.importorskip("distributed")  # its defaults come before what tests set
dask = pytest.importorskip("dask")
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return a_certificate(tmp_path_factory.mktemp("tls") / "ours")


@pytest.fixture(scope="module")
def strange(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return a_certificate(tmp_path_factory.mktemp("tls") / "strange")


@pytest.fixture(scope="module")
def cluster(
    ours: Certificates, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DaskProcesses]:
    one = DaskProcesses(tmp_path_factory.mktemp("cluster"), ours.environment(), protocol="tls")
    one.add_worker()
    yield one
    one.close()


def named(ca: Path | None, cert: Path | None, key: Path | None) -> AbstractContextManager[object]:
    """Return a while in which Dask's configuration names these files."""
    above = "distributed.comm.tls"
    files = {f"{above}.ca-file": ca, f"{above}.client.cert": cert, f"{above}.client.key": key}
    texts = {name: None if path is None else str(path) for name, path in files.items()}
    found: AbstractContextManager[object] = dask.config.set(texts)
    return found


def refused(address: str, ca: Path | None, cert: Path | None, key: Path | None) -> SniperSightError:
    """Return why a cluster was not opened."""
    with (
        named(ca, cert, key),
        pytest.raises(SniperSightError) as found,
        opened_crew(workers=1, cluster=address),
    ):
        pass
    assert found.value.next_step
    return found.value


def test_an_encrypted_cluster_makes_the_runs_that_this_machine_makes(cluster, ours, tmp_path):
    assert cluster.address.startswith("tls://")
    folder, varied = write_candles(tmp_path), "planner.stop_buffer_atr=0.1,1"
    here = swept(a_request(folder, varied), tmp_path / "here")
    with (
        named(ours.ca, ours.cert, ours.key),
        opened_crew(workers=1, cluster=cluster.address) as crew,
    ):
        there = swept(a_request(folder, varied), tmp_path / "there", crew=crew)
    assert json.dumps(sweep_json(there)) == json.dumps(sweep_json(here))


def test_without_certificates_it_is_said_how_they_are_named(cluster):
    found = refused(cluster.address, None, None, None)
    assert isinstance(found, ConfigInvalid)
    assert "names none" in found.what
    assert "DASK_DISTRIBUTED__COMM__TLS__CA_FILE" in found.next_step


def test_a_scheduler_of_another_authority_is_not_trusted(cluster, ours, strange):
    found = refused(cluster.address, strange.ca, ours.cert, ours.key)
    assert isinstance(found, ConfigInvalid)
    assert "the scheduler's certificate is not one of this authority" in found.what


def test_a_scheduler_that_does_not_trust_us_is_told_apart(cluster, ours, strange):
    found = refused(cluster.address, ours.ca, strange.cert, strange.key)
    assert isinstance(found, ConfigInvalid)
    assert "the scheduler does not take our certificate" in found.what


def test_files_that_are_no_certificates_are_named(cluster, ours, strange, tmp_path):
    gone = refused(cluster.address, tmp_path / "no.pem", ours.cert, ours.key)
    unfit = refused(cluster.address, ours.ca, ours.cert, strange.key)
    assert gone.what.endswith("No such file or directory")
    assert str(tmp_path / "no.pem") in gone.where
    assert unfit.what.endswith("key values mismatch")


def test_what_speaks_no_tls_is_refused_at_once(ours):
    with answering(b"\x00\x00\x00\x00 plain words") as address:
        found = refused(address, ours.ca, ours.cert, ours.key)
    assert isinstance(found, ConfigInvalid)
    assert "does not speak TLS" in found.what


def test_what_takes_us_and_hangs_up_is_no_scheduler(ours):
    with answering(b"", tls=ours) as address:
        found = refused(address, ours.ca, ours.cert, ours.key)
    assert isinstance(found, StateUnavailable)
    assert "hung up" in found.what


def test_nobody_there_is_told_without_waiting(ours):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    found = refused(f"tls://127.0.0.1:{port}", ours.ca, ours.cert, ours.key)
    assert isinstance(found, StateUnavailable)
    assert found.what == "the cluster cannot be reached: Connection refused"


@contextmanager
def answering(words: bytes, *, tls: Certificates | None = None) -> Iterator[str]:
    """Yield the address of what says these words to whoever comes first."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_answer, args=(server, words, tls))
        thread.start()
        yield f"tls://127.0.0.1:{server.getsockname()[1]}"
        thread.join()


def _answer(server: socket.socket, words: bytes, tls: Certificates | None) -> None:
    plain, _from = server.accept()
    with plain:
        if tls is None:
            plain.sendall(words)
            plain.recv(4096)
            return
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=tls.ca)
        context.load_cert_chain(tls.cert, tls.key)
        with context.wrap_socket(plain, server_side=True):
            pass
