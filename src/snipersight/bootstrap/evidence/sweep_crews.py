"""Who makes the runs of a sweep: processes of this machine, or the workers of a Dask cluster."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Protocol
from urllib.parse import urlsplit

from snipersight.domain.errors import ConfigInvalid, StateUnavailable
from snipersight.engine.sweeping.crews import Crew, ExecutorCrew, LocalCrew

if TYPE_CHECKING:
    from concurrent.futures import Executor
    from types import ModuleType

_PRELOADED: Final = ("snipersight.bootstrap.evidence.sweep_ready",)
_CONNECT_S: Final = 15
_AHEAD: Final = 2  # tasks for each thread of a cluster, so that none waits for the next one
_WHERE: Final = "--cluster"


class _Client(Protocol):
    """What is used of a Dask client."""

    def nthreads(self) -> Mapping[str, int]: ...

    def get_executor(self, *, pure: bool) -> Executor: ...

    def close(self) -> None: ...


@contextmanager
def opened_crew(*, workers: int, cluster: str | None) -> Iterator[Crew]:
    """Yield the crew, and end what it is still doing.

    Args:
        workers: processes of this machine, at least 1, if no cluster is named.
        cluster: address of a Dask scheduler.

    Raises:
        ConfigInvalid: the address may not be used, or what it takes is not installed.
        StateUnavailable: the cluster cannot be reached, or has no workers.
    """
    if cluster is not None:
        with _cluster_crew(cluster) as crew:
            yield crew
        return
    local = LocalCrew(workers, preload=_PRELOADED)
    try:
        yield local
    finally:
        local.close()


def require_safe(address: str) -> None:
    """Refuse an address whose connection others could read or change.

    Whoever talks to a scheduler can run code on its workers, so that only certificates on both
    sides (`tls://`) or the loopback of this machine (`tcp://`) will do.

    Raises:
        ConfigInvalid: the address may not be used.
    """
    scheme, host = _parsed(address)
    if scheme == "tls" or (scheme == "tcp" and _is_loopback(host)):
        return
    raise ConfigInvalid(
        f"{scheme}://{host} is not encrypted, and who talks to a scheduler can run code on its workers",
        where=_WHERE,
        next_step="start scheduler and workers with certificates and name tls://HOST:PORT; plain "
        "tcp:// goes to this machine's own loopback only",
    )


def _parsed(address: str) -> tuple[str, str]:
    try:
        parts = urlsplit(address)
        host, has_port = parts.hostname, parts.port is not None
    except ValueError:
        parts, host, has_port = urlsplit(""), None, False
    if host is None or not has_port or parts.username is not None:
        raise ConfigInvalid(
            "the address of the cluster cannot be read",
            where=_WHERE,
            next_step="write it as tls://scheduler.example:8786",
        )
    return parts.scheme, host


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@contextmanager
def _cluster_crew(address: str) -> Iterator[Crew]:
    require_safe(address)
    distributed = _distributed()
    client = _connected(distributed, address)
    try:
        threads = sum(client.nthreads().values())
        if not threads:
            raise StateUnavailable(
                "the cluster has no workers",
                where=address,
                next_step="start some: `dask worker ADDRESS --nthreads 1`, one for each core",
            )
        crew = ExecutorCrew(
            client.get_executor(pure=False),
            _AHEAD * threads,
            deaths=(distributed.KilledWorker,),
        )
        try:
            yield crew
        finally:
            crew.close()
    finally:
        client.close()


def _distributed() -> ModuleType:
    try:
        import distributed
    except ImportError as error:
        raise ConfigInvalid(
            "a cluster takes Dask, which is not installed",
            where=_WHERE,
            next_step="install it with `pip install 'snipersight[cluster]'`, here and on every worker",
        ) from error
    return distributed


def _connected(distributed: ModuleType, address: str) -> _Client:
    is_tls = address.startswith("tls:")
    security = distributed.Security(require_encryption=True) if is_tls else None
    try:
        client: _Client = distributed.Client(
            address, security=security, timeout=_CONNECT_S, set_as_default=False
        )
    except (OSError, TypeError, ValueError, RuntimeError) as error:
        raise StateUnavailable(
            f"the cluster cannot be reached: {type(error).__name__}",
            where=address,
            next_step="check that the scheduler runs there and that Dask's configuration names the "
            "certificates for TLS (distributed.comm.tls)",
        ) from error
    return client
