"""What a plug-in may offer: a function for each event, with any of the named arguments."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

import pluggy

GROUP: Final = "snipersight.hooks"
SCHEMA: Final = "snipersight.hook/1"

Data: TypeAlias = dict[str, Any]  # what JSON holds; docs/plugins.md lists the keys of each event

_PROJECT: Final = "snipersight"
hookspec: Final = pluggy.HookspecMarker(_PROJECT)
hookimpl: Final = pluggy.HookimplMarker(_PROJECT)


class HookSpecs:
    """Every event; what a function returns is not looked at.

    All of them are told the moment that the scan speaks about (`at_ms`, milliseconds UTC) and the
    scan's `context_id`, under which its lines stand in the log.
    """

    @hookspec
    def before_stage(self, stage: str, context_id: str, at_ms: int, data: Data) -> None:
        """Do something before a stage; `data` counts what is known so far."""

    @hookspec
    def after_stage(self, stage: str, context_id: str, at_ms: int, data: Data) -> None:
        """Do something after a stage; `data` counts what is known now."""

    @hookspec
    def scan_finished(self, context_id: str, at_ms: int, data: Data) -> None:
        """Do something after a scan; `data` counts its symbols and plans, and holds its funnel."""

    @hookspec
    def plan_approved(self, context_id: str, at_ms: int, data: Data) -> None:
        """Do something about an approved plan; `data` holds its prices, its size and its rank."""

    @hookspec
    def plan_refused(self, context_id: str, at_ms: int, data: Data) -> None:
        """Do something about a refused setup; `data` holds the reason, and the plan if one was made."""


EVENTS: Final = tuple(name for name in vars(HookSpecs) if not name.startswith("_"))


def manager() -> pluggy.PluginManager:
    """Return a manager that knows every event and no plug-in."""
    made = pluggy.PluginManager(_PROJECT)
    made.add_hookspecs(HookSpecs)
    return made
