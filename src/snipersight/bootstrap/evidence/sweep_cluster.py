"""A Dask cluster that makes the runs of a sweep: reached safely, and not waited for without end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Protocol

from snipersight.bootstrap.evidence.sweep_address import WHERE, is_encrypted, require_safe
from snipersight.bootstrap.evidence.sweep_certificates import proven_security
from snipersight.bootstrap.evidence.sweep_work import is_installed
from snipersight.domain.errors import ConfigInvalid, StateUnavailable
from snipersight.engine.sweeping.carrying import GO_ON
from snipersight.engine.sweeping.crews import Crew, ExecutorCrew

if TYPE_CHECKING:
    from concurrent.futures import Executor
    from types import ModuleType

PATIENCE_S: Final = 300.0
_CONNECT_S: Final = 15
_BEGUN_S: Final = 60
_AHEAD: Final = 2  # tasks for each thread of a cluster, so that none waits for the next one
_ASKED_S: Final = 1.0  # between two questions for the workers
_ANSWERED_S: Final = 2.0  # a scheduler that takes longer has none to give
_TOLD_S: Final = 5.0  # a worker that is started anew at once is not worth a sentence
_RUNNING: Final = "running"


class _Client(Protocol):
    """What is used of a Dask client."""

    status: str

    def nthreads(self, *, callback_timeout: float) -> Mapping[str, int]: ...

    def get_executor(self, *, pure: bool) -> Executor: ...

    def run(self, function: Callable[[], bool]) -> Mapping[str, bool]: ...

    def close(self) -> None: ...


class WatchedThreads:
    """How many threads a cluster has, and how long it has had none.

    Args:
        count: tells how many there are; asked once a second at most.
        where: address of the cluster.
        patience_s: for how long none are waited for.
        tell: told in a sentence when all have been gone for a while, and when some are back.
        clock: seconds that only rise.
    """

    def __init__(
        self,
        count: Callable[[], int],
        *,
        where: str,
        patience_s: float = PATIENCE_S,
        tell: Callable[[str], object] = lambda _sentence: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._count, self._clock, self._tell = count, clock, tell
        self._where, self._patience_s = where, patience_s
        self._asked_s = self._seen_s = clock()
        self._is_told = False
        self.threads = count()

    def absent_s(self) -> float:
        """Return for how many seconds there have been none; 0 while there is one.

        Raises:
            StateUnavailable: that has lasted longer than it is waited for.
        """
        now_s = self._clock()
        if now_s - self._asked_s >= _ASKED_S:
            self._asked_s, self.threads = now_s, self._count()
        if self.threads:
            self._seen_s = now_s
        away_s = now_s - self._seen_s
        self._say(away_s)
        if away_s > self._patience_s:
            raise _nobody_came(self._where, away_s)
        return away_s

    def _say(self, away_s: float) -> None:
        if self._is_told and self.threads:
            self._is_told = False
            self._tell("workers of the cluster are there again")
        elif not self._is_told and away_s >= _TOLD_S:
            self._is_told = True
            self._tell(
                f"no worker of the cluster has been there for {away_s:,.0f} s, and after "
                f"{self._patience_s:,.0f} s the sweep ends; {_start_some(self._where)}"
            )


@contextmanager
def opened_cluster(
    address: str, *, patience_s: float, tell: Callable[[str], object]
) -> Iterator[Crew]:
    """Yield the workers of a cluster, and give up what they are still doing.

    Args:
        address: of the scheduler.
        patience_s: how long a cluster without any worker is waited for.
        tell: told in a sentence when all workers are gone, and when some are there again.

    Raises:
        ConfigInvalid: the address may not be used, certificates are missing or do not fit, or Dask
            is not installed.
        StateUnavailable: the cluster cannot be reached, or has no workers.
    """
    require_safe(address)
    distributed = _distributed()
    client = _connected(distributed, address)
    try:
        threads = WatchedThreads(
            lambda: _threads(client), where=address, patience_s=patience_s, tell=tell
        )
        if not threads.threads:
            raise StateUnavailable(
                "the cluster has no workers", where=address, next_step=_start_some(address)
            )
        executor = client.get_executor(pure=False)
        _require_installed(client, executor, address)
        crew = ExecutorCrew(
            executor,
            threads,
            ahead=_AHEAD,
            deaths=(distributed.KilledWorker,),
        )
        try:
            yield crew
        finally:
            crew.close()
    finally:
        client.close()


def _threads(client: _Client) -> int:
    """Return how many threads there are; none where the scheduler cannot tell."""
    if client.status != _RUNNING:
        return 0
    try:
        return sum(client.nthreads(callback_timeout=_ANSWERED_S).values())
    except OSError:
        return 0


def _require_installed(client: _Client, executor: Executor, address: str) -> None:
    """Refuse a cluster whose scheduler or workers do not have this program."""
    try:
        executor.submit(is_installed).result(timeout=_BEGUN_S)
        client.run(is_installed)
    except (AttributeError, ImportError, OSError, RuntimeError) as error:
        raise StateUnavailable(
            f"the cluster cannot work for SniperSight: {type(error).__name__}: "
            f"{str(error).splitlines()[0] if str(error) else 'no answer'}",
            where=address,
            next_step="run `pip install 'snipersight[cluster]'` where the scheduler is and where each "
            "worker is, of the same version as here and by the same version of Python, and start "
            "them anew",
        ) from error


def _distributed() -> ModuleType:
    try:
        import distributed
    except ImportError as error:
        raise ConfigInvalid(
            "a cluster takes Dask, which is not installed",
            where=WHERE,
            next_step="install it with `pip install 'snipersight[cluster]'`, here and on every worker",
        ) from error
    return distributed


def _connected(distributed: ModuleType, address: str) -> _Client:
    security = proven_security(distributed, address) if is_encrypted(address) else None
    try:
        client: _Client = distributed.Client(
            address, security=security, timeout=_CONNECT_S, set_as_default=False
        )
    except (OSError, TypeError, ValueError, RuntimeError) as error:
        raise StateUnavailable(
            f"the cluster cannot be reached: {type(error).__name__}",
            where=address,
            next_step="check that a scheduler runs there, and that it is started for such addresses: "
            "one with certificates answers to tls:// alone",
        ) from error
    return client


def _start_some(address: str) -> str:
    return f"start some with `dask worker {address} --nthreads 1`, one for each core"


def _nobody_came(address: str, away_s: float) -> StateUnavailable:
    return StateUnavailable(
        f"all workers of the cluster are gone, and for {away_s:,.0f} s none has come",
        where=address,
        next_step=f"{_start_some(address)}; then {GO_ON}",
    )
