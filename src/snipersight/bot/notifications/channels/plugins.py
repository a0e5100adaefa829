"""Channels of others: packages that offer a notifier under an entry point, loaded when named.

A package declares `[project.entry-points."snipersight.notifiers"]` with `name = "module:make"`,
where `make()` returns a `domain.channels.Notifier` of that name. It runs with our rights and in our process:
nothing is loaded that is not named in the settings.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType
from typing import Final

from snipersight.bot.notifications.channels.plugin_outcomes import is_outcome
from snipersight.bot.telemetry.masking import mask
from snipersight.domain.channels import Body, Notifier, Rendered, SendOutcome, TryAgain
from snipersight.domain.errors import DataInvalid
from snipersight.risk.audit.chain import canonical

GROUP: Final = "snipersight.notifiers"
OWN_CHANNELS: Final = frozenset(("telegram", "webhook", "apprise"))
_NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,15}")
_METHODS: Final = ("prepare", "send", "close")


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedPlugins:
    """What became of the plug-ins that were named.

    Args:
        notifiers: by the name of their channel.
        problems: one sentence for each plug-in that cannot be used; the others work without it.
    """

    notifiers: Mapping[str, Notifier]
    problems: tuple[str, ...] = ()


def load_plugins(names: Iterable[str]) -> LoadedPlugins:
    """Load the notifiers that the settings name, and no other.

    Args:
        names: of entry points; repeated ones count once.

    Returns:
        Those that work, with a problem for each of the others: not installed, installed twice,
        failing, or no notifier. Foreign code that raises later is contained: its message is
        tried again.
    """
    notifiers: dict[str, Notifier] = {}
    problems: list[str] = []
    for name in dict.fromkeys(names):
        loaded = _load(name)
        if isinstance(loaded, str):
            problems.append(f"notifier {name!r} {loaded}")
        else:
            notifiers[name] = loaded
    return LoadedPlugins(notifiers=MappingProxyType(notifiers), problems=tuple(problems))


class ContainedNotifier:
    """A foreign notifier that cannot take the sender down.

    Args:
        notifier: the foreign one.
        name: of its channel, as it was when it was loaded.
    """

    def __init__(self, notifier: Notifier, name: str) -> None:
        self._notifier = notifier
        self._name = name

    def __repr__(self) -> str:
        """Return the name alone: what the foreign one shows of itself is not known."""
        return f"ContainedNotifier({self._name!r})"

    @property
    def name(self) -> str:
        """Return the channel's name."""
        return self._name

    def prepare(self, message: Rendered) -> tuple[Body, ...]:
        """Return what the foreign notifier makes of a rendering.

        Raises:
            DataInvalid: it raised, or returned no messages.
        """
        try:
            made: tuple[object, ...] = tuple(self._notifier.prepare(message))
        except (Exception, SystemExit) as error:
            raise self._broken(_words(error)) from error
        bodies = tuple(body for body in made if isinstance(body, Mapping))
        if len(bodies) < len(made):
            raise self._broken("it prepared something that is no message")
        try:
            for body in bodies:
                canonical(dict(body))
        except (TypeError, ValueError) as error:  # else the store refuses what all channels get
            raise self._broken(f"it prepared what cannot be stored: {_words(error)}") from error
        return bodies

    async def send(self, address: str, body: Body, *, key: str, reply_to: str = "") -> SendOutcome:
        """Send by the foreign notifier; what it raises means that it may have been delivered."""
        try:
            outcome: object = await self._notifier.send(address, body, key=key, reply_to=reply_to)
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise  # we are no longer waited for
            return TryAgain(error=f"{self._name}: {_words(error)}", is_ambiguous=True)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - foreign code, one message
            return TryAgain(error=f"{self._name}: {_words(error)}", is_ambiguous=True)
        if is_outcome(outcome):
            return outcome
        kind = type(outcome).__name__
        return TryAgain(error=f"{self._name} returned {kind}, no outcome", is_ambiguous=True)

    async def close(self) -> None:
        """Close the foreign notifier.

        Raises:
            DataInvalid: it raised.
        """
        try:
            await self._notifier.close()
        except Exception as error:
            raise self._broken(_words(error)) from error

    def _broken(self, what: str) -> DataInvalid:
        return DataInvalid(
            what,
            where=f"notifier {self._name}",
            next_step="update that package, or take its name out of NOTIFY_PLUGINS",
        )


def _load(name: str) -> Notifier | str:
    """Return a plug-in's notifier, or what is wrong with it."""
    if name in OWN_CHANNELS or not _NAME.fullmatch(name):
        return "cannot be a plug-in's: its name is taken, or not 1 to 16 of a-z, 0-9, _ and -"
    found = tuple(entry_points(group=GROUP, name=name))
    if not found:
        return f"is not installed — install its package; installed are: {_installed()}"
    if len({point.value for point in found}) > 1:
        packages = ", ".join(sorted(_package_of(point) for point in found))
        return f"is offered by several packages, {packages} — uninstall all but one"
    try:
        return _contained(found[0].load(), name)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - foreign code must not end ours
        return f"of {_package_of(found[0])} cannot be loaded: {_words(error)}"


def _contained(make: Callable[[], Notifier], name: str) -> Notifier | str:
    notifier = make()
    missing = [one for one in _METHODS if not callable(getattr(notifier, one, None))]
    if missing:
        return f"is no notifier: it lacks {', '.join(missing)}"
    if getattr(notifier, "name", None) != name:
        return f"calls its channel {getattr(notifier, 'name', None)!r} and not as it is called"
    return ContainedNotifier(notifier, name)


def _installed() -> str:
    return ", ".join(sorted({point.name for point in entry_points(group=GROUP)})) or "none"


def _package_of(point: EntryPoint) -> str:
    return "an unknown package" if point.dist is None else point.dist.name


def _words(error: BaseException) -> str:
    told = f"{type(error).__name__}: {error}".rstrip(": ")
    return mask(told.encode(errors="replace").decode())  # what no store and no terminal takes
