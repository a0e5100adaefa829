"""How long a sender waits for its next messages, with ten thousand of them in fifty lanes."""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from benchmarks.harness import Figure, median, progress, spread
from benchmarks.notify_run import FULL, drafts, store
from snipersight.storage.database import connect_database
from snipersight.storage.migrating import migrate
from snipersight.storage.outbox import SqlOutbox
from tests.fakes.postgres import PostgresMissing, running_postgres

_CLAIMS: Final = 40
_FOR_US: Final = 60_000_000


def claim_figures(scratch: Path) -> list[Figure]:
    """Return the time of a claim on both kinds of database."""
    figures = []
    for dialect in ("sqlite", "postgresql"):
        name = f"claim_{dialect}_ms"
        progress(f"claims from a long queue on {dialect}")
        try:
            with ExitStack() as stack:
                if dialect == "sqlite":
                    url = f"sqlite:///{scratch / 'claims.db'}"
                else:
                    server = stack.enter_context(running_postgres())
                    url = stack.enter_context(server.fresh_database())
                figures.append(_claims(name, url))
        except PostgresMissing as missing:
            figures.append(Figure(name=name, value=None, unit="ms", note=str(missing)))
    return figures


def _claims(name: str, url: str) -> Figure:
    with connect_database(url, timeout_s=60) as database:
        migrate(database)
        store(database, drafts(FULL))
        taken = [_claim_s(SqlOutbox(database)) for _ in range(_CLAIMS)]
    note = f"one of {FULL.messages:,} in 50 lanes, durable; {spread(taken, scale=1e3)}"
    return Figure(name=name, value=median(taken) * 1e3, unit="ms", note=note)


def _claim_s(outbox: SqlOutbox) -> float:
    started = time.perf_counter()
    (delivery,) = outbox.claim_deliveries("bench", limit=1, for_us=_FOR_US)
    taken_s = time.perf_counter() - started
    outbox.delivered(delivery, message_id="")
    return taken_s
