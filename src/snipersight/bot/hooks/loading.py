"""Loads a plug-in inside its own process, and refuses one that could never be called."""

from __future__ import annotations

import inspect
from importlib.metadata import EntryPoint

import pluggy

from snipersight.bot.hooks.spec import EVENTS, GROUP, manager


class PluginRefused(Exception):
    """A plug-in cannot be used as it is; the text says why."""


def load_hooks(name: str, value: str) -> pluggy.PluginManager:
    """Return a manager with one plug-in, every function of it checked.

    Args:
        name: of its entry point.
        value: what the entry point names, `module:object`; a class is called without arguments.

    Raises:
        PluginRefused: a function is for no event, asks for what it is not given, or is a
            coroutine; or there is none at all.
    """
    plugin = EntryPoint(name=name, value=value, group=GROUP).load()
    if isinstance(plugin, type):
        plugin = plugin()
    made = manager()
    try:
        made.register(plugin, name=name)
        made.check_pending()
    except pluggy.PluginValidationError as error:
        raise PluginRefused(_sentence(str(error))) from error
    _refuse_unusable(made)
    return made


def wanted_events(made: pluggy.PluginManager) -> tuple[str, ...]:
    """Return the names of the events that the plug-in has a function for."""
    return tuple(name for name in EVENTS if getattr(made.hook, name).get_hookimpls())


def _refuse_unusable(made: pluggy.PluginManager) -> None:
    wanted = wanted_events(made)
    if not wanted:
        raise PluginRefused(
            f"it has no function marked with hookimpl; there are {', '.join(EVENTS)}"
        )
    for name in wanted:
        for one in getattr(made.hook, name).get_hookimpls():
            if inspect.iscoroutinefunction(one.function):
                raise PluginRefused(f"{name} is a coroutine: write def, not async def")


def _sentence(text: str) -> str:
    """Return a message of pluggy on one line."""
    return " ".join(text.split())
