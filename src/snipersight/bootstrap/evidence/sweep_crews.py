"""Who makes the runs of a sweep: processes of this machine, or the workers of a Dask cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from snipersight.bootstrap.evidence.sweep_cluster import PATIENCE_S, opened_cluster
from snipersight.engine.sweeping.crews import Crew, LocalCrew

_PRELOADED: Final = ("snipersight.bootstrap.evidence.sweep_ready",)


@contextmanager
def opened_crew(
    *,
    workers: int,
    cluster: str | None,
    patience_s: float = PATIENCE_S,
    tell: Callable[[str], object] = lambda _sentence: None,
) -> Iterator[Crew]:
    """Yield the crew, and end what it is still doing.

    Args:
        workers: processes of this machine, at least 1, if no cluster is named.
        cluster: address of a Dask scheduler.
        patience_s: how long a cluster without any worker is waited for.
        tell: told in a sentence when all workers are gone, and when some are there again.

    Raises:
        ConfigInvalid: the address may not be used, or what it takes is not installed.
        StateUnavailable: the cluster cannot be reached, or has no workers.
    """
    if cluster is not None:
        with opened_cluster(cluster, patience_s=patience_s, tell=tell) as crew:
            yield crew
        return
    local = LocalCrew(workers, preload=_PRELOADED)
    try:
        yield local
    finally:
        local.close()
