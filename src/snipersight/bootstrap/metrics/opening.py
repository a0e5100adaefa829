"""Opens what metrics are read from; a store that cannot be opened is tried again at each scrape."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Final, Generic, TypeVar

import snipersight
from snipersight.bootstrap.metrics.account_metrics import AccountReader
from snipersight.bootstrap.metrics.evidence_metrics import EventReader, EvidenceReader
from snipersight.bootstrap.metrics.outbox_metrics import OutboxReader
from snipersight.bootstrap.settings import Settings
from snipersight.bootstrap.store import Store, open_store
from snipersight.bootstrap.telemetry import Telemetry, open_telemetry
from snipersight.bot.telemetry.metrics.collector import Reader, StoreCollector
from snipersight.bot.telemetry.metrics.families import Family
from snipersight.domain.errors import StateUnavailable

S = TypeVar("S", Store, Telemetry)


@contextmanager
def open_metrics(
    settings: Settings, *, more: Mapping[str, Reader] | None = None
) -> Iterator[StoreCollector]:
    """Yield a collector of everything that is measured; close its stores afterwards.

    With `ANALYTICS_ENABLED=false` there is no telemetry to read: accounts and outbox alone.

    Args:
        settings: which stores, whose limits.
        more: readers of what this process itself knows, by name.
    """
    with ExitStack() as stack:
        store = _Opened(lambda: open_store(settings, account_id=None))
        stack.callback(store.close)
        readers: dict[str, Reader] = {
            "build": _build,
            **(more or {}),
            "accounts": _Lazy(store, lambda opened: AccountReader(settings, opened)),
            "outbox": _Lazy(store, OutboxReader),
        }
        if settings.analytics_enabled:
            telemetry, names = _Opened(lambda: open_telemetry(settings)), settings.event_exporters
            stack.callback(telemetry.close)
            readers["events"] = _Lazy(telemetry, lambda opened: EventReader(opened.database, names))
            readers["evidence"] = _Lazy(telemetry, lambda opened: EvidenceReader(opened.database))
        yield StoreCollector(readers)


class _Opened(Generic[S]):
    """A store that is opened when it is first needed, and again after it failed.

    Args:
        open_it: opens it, or raises.
    """

    def __init__(self, open_it: Callable[[], S]) -> None:
        self._open_it: Final[Callable[[], S]] = open_it
        self._store: S | None = None

    def get(self) -> S:
        """Return the open store; raises what opening raised, until it works."""
        if self._store is None:
            self._store = self._open_it()
        return self._store

    def close(self) -> None:
        """Close the store; it is opened again when it is needed again."""
        store, self._store = self._store, None
        if store is not None:
            store.close()


class _Lazy(Generic[S]):
    """A reader of a store that may not be open yet, or was replaced since: by a backup, say.

    Args:
        store: opened when it is first read.
        make: makes the reader of the open store.
    """

    def __init__(self, store: _Opened[S], make: Callable[[S], Reader]) -> None:
        self._store: Final[_Opened[S]] = store
        self._make: Final[Callable[[S], Reader]] = make
        self._reader: tuple[S, Reader] | None = None

    def __call__(self) -> Sequence[Family]:
        """Return what the reader finds."""
        store = self._store.get()
        if self._reader is None or self._reader[0] is not store:
            self._reader = store, self._make(store)
        try:
            return self._reader[1]()
        except StateUnavailable:
            self._store.close()
            raise


def _build() -> tuple[Family, ...]:
    return (
        Family(
            name="build_info",
            help="The version that serves these metrics.",
            labels=("version",),
            values={(snipersight.__version__,): 1.0},
        ),
    )
