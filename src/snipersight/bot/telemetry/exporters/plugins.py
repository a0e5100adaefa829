"""Exporters of others: packages that offer one under an entry point, loaded when named.

A package declares `[project.entry-points."snipersight.event_exporters"]` with
`name = "module:make"`, where `make()` returns an `Exporter` of that name. It runs with our rights
and in our process: nothing is loaded that is not named in EVENT_EXPORTERS.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from importlib.metadata import EntryPoint, entry_points
from typing import Final, TypeVar

from snipersight.bot.telemetry.exporters.port import Exporter, ExportFailed, ExportRefused
from snipersight.bot.telemetry.masking import mask
from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.event_log import StoredEvent

T = TypeVar("T")
GROUP: Final = "snipersight.event_exporters"
_MOST: Final = 100  # events a call, where the exporter does not say
_METHODS: Final = ("export", "close")
_LOAD_S: Final = 5.0  # a command waits for it at its end
_CLOSE_S: Final = 1.0


class ContainedExporter:
    """A foreign exporter that cannot take the others down.

    Args:
        exporter: the foreign one.
        name: as it was when it was loaded.
    """

    def __init__(self, exporter: Exporter, name: str) -> None:
        self._exporter = exporter
        self.name = name
        most = getattr(exporter, "most", _MOST)
        self.most = most if isinstance(most, int) and most > 0 else _MOST

    def export(self, events: Sequence[StoredEvent]) -> None:
        """Export by the foreign one; whatever it raises means that the events may come again."""
        try:
            self._exporter.export(events)
        except (ExportFailed, ExportRefused):
            raise
        except (Exception, SystemExit) as error:
            raise ExportFailed(_words(error), where=f"exporter {self.name}") from error

    def close(self) -> None:
        """Close the foreign one; what it raises then changes nothing any more."""
        with suppress(Exception, SystemExit):
            _within(_CLOSE_S, self._exporter.close)


def load_exporter(name: str) -> Exporter:
    """Load the exporter of another package.

    Args:
        name: of its entry point.

    Raises:
        ConfigInvalid: it is not installed, installed twice, cannot be loaded, or is no exporter.
    """
    found = tuple(entry_points(group=GROUP, name=name))
    if not found:
        raise _unusable(name, f"is not installed; installed are: {_installed()}")
    if len({point.value for point in found}) > 1:
        packages = ", ".join(sorted(_package_of(point) for point in found))
        raise _unusable(name, f"is offered by several packages: {packages}")

    def make() -> Exporter:
        made: Exporter = found[0].load()()
        return made

    try:
        made = _within(_LOAD_S, make)
    except (Exception, SystemExit) as error:
        why = f"of {_package_of(found[0])} cannot be loaded: {_words(error)}"
        raise _unusable(name, why) from error
    missing = [one for one in _METHODS if not callable(getattr(made, one, None))]
    if missing:
        raise _unusable(name, f"is no exporter: it lacks {', '.join(missing)}")
    if getattr(made, "name", None) != name:
        raise _unusable(name, f"calls itself {getattr(made, 'name', None)!r}")
    return ContainedExporter(made, name)


def _within(seconds: float, work: Callable[[], T]) -> T:
    """Return what foreign code returns; whatever it raises is raised, and a TimeoutError in time."""
    ended: Future[T] = Future()

    def run() -> None:
        try:
            ended.set_result(work())
        except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
            ended.set_exception(error)

    threading.Thread(target=run, name="exporter-plugin", daemon=True).start()
    try:
        return ended.result(seconds)
    except TimeoutError:
        if ended.done():
            raise
        raise TimeoutError(f"it has not come back within {seconds:g} s") from None


def _unusable(name: str, why: str) -> ConfigInvalid:
    return ConfigInvalid(
        f"exporter {name!r} {why}",
        where="EVENT_EXPORTERS",
        next_step="install or mend its package, or take its name out",
    )


def _installed() -> str:
    return ", ".join(sorted({point.name for point in entry_points(group=GROUP)})) or "none"


def _package_of(point: EntryPoint) -> str:
    return "an unknown package" if point.dist is None else point.dist.name


def _words(error: BaseException) -> str:
    told = f"{type(error).__name__}: {error}".rstrip(": ")
    return mask(told.encode(errors="replace").decode())  # what no terminal takes
