"""What pages and routes of the dashboard work with; `create_app` is handed one of these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from snipersight.bootstrap.access.commanding import DashboardCommands
    from snipersight.bootstrap.dashboard.reader import DashboardReader
    from snipersight.bootstrap.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class DashboardServices:
    """Everything that the dashboard's process shares.

    Args:
        settings: what the process was started with.
        reader: what the pages show; its methods block, so that they are called in a thread.
        commands: takes what users want done; `await services.commands.give(caller, Wish(...))`.
    """

    settings: Settings
    reader: DashboardReader
    commands: DashboardCommands
