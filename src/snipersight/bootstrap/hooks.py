"""The plug-ins that HOOKS names, opened; without any, nothing of them is imported."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.settings import Settings
from snipersight.bot.telemetry.logging import log_structured
from snipersight.bot.telemetry.masking import mask
from snipersight.domain.errors import StateUnavailable
from snipersight.domain.hooks import HookEvent
from snipersight.domain.ports import EventSink
from snipersight.storage.home import Home, make_private_folder

if TYPE_CHECKING:
    from snipersight.bot.hooks.hub import HookHub
    from snipersight.bot.hooks.states import HookState, HookTrouble
    from snipersight.bot.hooks.supervising import HookSupervisor, Report

FOLDER: Final = "hooks"
_EVENT: Final = "hook_trouble"


class OpenHooks:
    """The plug-ins of a process; `domain.hooks.Hooks`.

    Args:
        hub: passes events on; None where no plug-in is named.
    """

    def __init__(self, hub: HookHub | None = None) -> None:
        self._hub = hub

    def tell(self, event: HookEvent) -> None:
        """Hand an event over; never raises, never waits for a plug-in."""
        if self._hub is not None:
            self._hub.tell(event)

    def wants(self, name: str) -> bool:
        """Return whether a plug-in may want events of that name."""
        return self._hub is not None and self._hub.wants(name)

    def states(self) -> tuple[HookState, ...]:
        """Return how each plug-in is doing, those that cannot be used too, in order of names."""
        return () if self._hub is None else self._hub.states()

    def close(self, *, within_s: float = 2.0) -> None:
        """Let plug-ins take what waits for some seconds, then end them; blocks for as long."""
        if self._hub is not None:
            self._hub.close(within_s=within_s)


def open_hooks(
    settings: Settings,
    home: Home,
    say: Callable[[str], None],
    *,
    sink: EventSink | None = None,
) -> OpenHooks:
    """Start the plug-ins that the settings name; the caller closes them.

    Args:
        settings: names them, and says what they may take.
        home: each works in `hooks/NAME` in it.
        say: told of each trouble once, in a sentence, also from other threads.
        sink: gets each trouble as the event `hook_trouble`.

    Returns:
        At once: they load while others work, and events wait for them. One that is not installed
        or cannot be used is told, and the others are used all the same.
    """
    if not settings.hooks:
        return OpenHooks()
    from snipersight.bot.hooks.hub import HookHub
    from snipersight.bot.hooks.states import HookState, HookStatus, HookTrouble, TroubleKind
    from snipersight.bot.hooks.supervising import HookSupervisor

    def report(trouble: HookTrouble) -> None:
        _report(trouble, say, sink)

    supervisors, unusable = [], []
    for name in settings.hooks:
        opened = _opened(name, settings, home, report)
        if isinstance(opened, HookSupervisor):
            supervisors.append(opened)
            continue
        unusable.append(HookState(name=name, status=HookStatus.REFUSED, sentence=opened))
        report(HookTrouble(name=name, kind=TroubleKind.REFUSED, sentence=opened))
    return OpenHooks(HookHub(supervisors, unusable=unusable))


def _opened(name: str, settings: Settings, home: Home, report: Report) -> HookSupervisor | str:
    """Return one plug-in, starting; a sentence if it cannot be used."""
    from snipersight.bot.hooks.finding import find_hook
    from snipersight.bot.hooks.process import HookLimits
    from snipersight.bot.hooks.supervising import HookSupervisor

    point = find_hook(name)
    if isinstance(point, str):
        return point
    limits = HookLimits(timeout_s=settings.hook_timeout_seconds, memory_mb=settings.hook_memory_mb)
    try:
        make_private_folder(home.path)
        folder = make_private_folder(make_private_folder(home.path / FOLDER) / name)
    except StateUnavailable as error:
        return f"has no folder to work in: {error}"
    return HookSupervisor(point, limits, folder=folder, report=report)


def _report(trouble: HookTrouble, say: Callable[[str], None], sink: EventSink | None) -> None:
    sentence = mask(f"plug-in {trouble.name} {trouble.sentence}")
    fields = {"plugin": trouble.name, "kind": trouble.kind.value}
    log_structured(sentence, stage="hooks", **fields)
    if sink is not None:
        sink.emit(_EVENT, {**fields, "sentence": sentence})
    say(sentence)
