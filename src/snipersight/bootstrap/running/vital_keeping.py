"""Keeps the vitals of a running bot open: pages for those who ask, signs of life for systemd."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.metrics.opening import open_metrics
from snipersight.bootstrap.running.vital_metrics import run_families
from snipersight.bootstrap.running.vital_notify import ServiceManager
from snipersight.bootstrap.running.vital_text import health_json, health_sentence
from snipersight.bootstrap.running.vital_values import Health
from snipersight.bootstrap.running.vitals import Vitals
from snipersight.bootstrap.settings import Settings
from snipersight.bot.telemetry.local_http import Page, pages, served_app
from snipersight.domain.errors import VenueUnavailable

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

_LONGEST_PAUSE_S: Final = 5.0
_PATIENCE_S: Final = 5.0
_JSON: Final = "application/json; charset=utf-8"
_WELL, _ILL = "200 OK", "503 Service Unavailable"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptVitals:
    """The vitals of a running bot, with those who are told of them.

    Args:
        vitals: what the parts tell.
        address: where `/healthz`, `/readyz` and `/metrics` are; None: nowhere.
        remark: what a person should know of the address; empty for nothing.
    """

    vitals: Vitals
    address: str | None = None
    remark: str = ""


@contextmanager
def keep_vitals(settings: Settings, *, environ: Mapping[str, str]) -> Iterator[KeptVitals]:
    """Yield the vitals; serve them, and tell systemd of them, until the end of the block.

    Both happen on threads of their own, so that they go on when the event loop hangs.

    Args:
        settings: `RUN_LISTEN`, `RUN_ALLOWED_HOSTS`, and the stores that metrics are read from.
        environ: what systemd set.

    Where nobody chose `RUN_LISTEN` and its default is taken, most often by another bot of this
    machine, any free port does.

    Raises:
        VenueUnavailable: nobody can listen at the `RUN_LISTEN` that somebody chose.
    """
    manager = ServiceManager.of(environ)
    vitals = Vitals(notify=manager.tell)
    with ExitStack() as stack:
        address, remark = _serve(stack, settings, vitals)
        stack.enter_context(_telling(manager, vitals.health))
        stack.callback(vitals.stopping)
        yield KeptVitals(vitals=vitals, address=address, remark=remark)


def _serve(stack: ExitStack, settings: Settings, vitals: Vitals) -> tuple[str | None, str]:
    listen = settings.listen_address
    if listen is None:
        return None, ""
    collector = stack.enter_context(
        open_metrics(settings, more={"run": lambda: run_families(vitals.health())})
    )
    from prometheus_client import make_wsgi_app

    from snipersight.bot.telemetry.metrics.serving import registry_of

    app = vital_pages(vitals.health, metrics=make_wsgi_app(registry_of(collector)))

    def serve(port: int) -> str:
        return stack.enter_context(
            served_app(
                app,
                host=listen[0],
                port=port,
                what="health and metrics",
                next_step="end what listens there, name another address in RUN_LISTEN, or write none",
                allowed_hosts=settings.run_allowed_hosts,
            )
        )

    try:
        return serve(listen[1]), ""
    except VenueUnavailable:
        if settings.is_listen_chosen:
            raise
    address = serve(0)
    return address, (
        f"{settings.run_listen} is taken, perhaps by another bot; this one answers at {address} "
        f"until it ends. A RUN_LISTEN of its own would be found again by `snipersight health`"
    )


def vital_pages(health: Callable[[], Health], *, metrics: WSGIApplication) -> WSGIApplication:
    """Return what answers `/healthz`, `/readyz` and `/metrics`.

    Args:
        health: how the bot is now.
        metrics: answers its own path.
    """

    def healthz() -> tuple[str, str, bytes]:
        found = health()
        return _WELL if found.is_healthy else _ILL, _JSON, health_json(found).encode()

    def readyz() -> tuple[str, str, bytes]:
        found = health()
        return _WELL if found.is_ready else _ILL, _JSON, health_json(found).encode()

    by_path: dict[str, Page] = {"/healthz": healthz, "/readyz": readyz}
    return pages(by_path, more={"/metrics": metrics})


@contextmanager
def _telling(manager: ServiceManager, health: Callable[[], Health]) -> Iterator[None]:
    stop = threading.Event()
    teller = Teller(manager, health)
    pause_s = min(_LONGEST_PAUSE_S, (manager.watchdog_s or _LONGEST_PAUSE_S) / 2)

    def go_on() -> None:
        while not stop.wait(pause_s):
            teller.tell()

    thread = threading.Thread(target=go_on, name="vitals", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(_PATIENCE_S)


class Teller:
    """Tells a service manager how the bot is, and no sign of life while a part hangs.

    Args:
        manager: who is told.
        health: how the bot is now.
    """

    def __init__(self, manager: ServiceManager, health: Callable[[], Health]) -> None:
        self._manager: Final = manager
        self._health: Final = health
        self._said = ""

    def tell(self) -> None:
        """Tell it once: a sentence where it is new, and a sign of life."""
        found = self._health()
        sentence = health_sentence(found)
        if sentence != self._said and self._manager.tell(f"STATUS={sentence}"):
            self._said = sentence
        if self._manager.watchdog_s is not None and found.is_healthy:
            self._manager.tell("WATCHDOG=1")
