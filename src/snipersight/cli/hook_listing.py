"""Plug-ins as a table: found, named, and how loading them went."""

from __future__ import annotations

import time
from collections.abc import Mapping
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Final

from rich.table import Table
from rich.text import Text

from snipersight.bootstrap.hooks import open_hooks
from snipersight.bootstrap.settings import Settings, load_settings
from snipersight.bot.hooks.finding import installed_hooks, package_of
from snipersight.bot.hooks.states import HookState, HookStatus
from snipersight.cli.console import output
from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import say
from snipersight.storage.home import Home

_STEP_S: Final = 0.02
_SLACK_S: Final = 2.0


def list_hooks(env: Path | None, *, load: bool) -> ExitCode:
    """Print every plug-in that is installed or named.

    Args:
        env: settings file to read instead of the one in the home folder.
        load: start those that are named, and say how it went.
    """
    settings, _warnings = load_settings(env)
    installed = installed_hooks()
    names = sorted({*installed, *settings.hooks})
    if not names:
        say("No plug-in is installed; docs/plugins.md says how one is written.")
        return ExitCode.OK
    states = _tried(settings) if load else {}
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column(no_wrap=True)
    grid.add_column()
    for name in names:
        enabled = "enabled" if name in settings.hooks else "not enabled"
        grid.add_row(name, enabled, Text(_offered(installed.get(name, ()))))
        if name in states:
            grid.add_row("", "", Text(_words(states[name]), style="dim"))
    output().print(grid)
    is_well = all(state.status is HookStatus.READY for state in states.values())
    return ExitCode.OK if is_well else ExitCode.USAGE


def _tried(settings: Settings) -> Mapping[str, HookState]:
    """Return how each plug-in that is named does once it had time to load."""
    hooks = open_hooks(settings, Home(settings.snipersight_home), lambda _sentence: None)
    end_s = time.monotonic() + settings.hook_timeout_seconds + _SLACK_S
    try:
        while time.monotonic() < end_s:
            states = hooks.states()
            if all(state.status is not HookStatus.STARTING for state in states):
                break
            time.sleep(_STEP_S)
        return {state.name: state for state in hooks.states()}
    finally:
        hooks.close(within_s=0)


def _offered(points: tuple[EntryPoint, ...]) -> str:
    return ", ".join(f"{package_of(point)} ({point.value})" for point in points) or "not installed"


def _words(state: HookState) -> str:
    if state.status is HookStatus.READY:
        return f"works; it is told {', '.join(state.events)}"
    return state.sentence or f"is still {state.status.value}"
