"""Groups of commands that are read and built once one of them is wanted."""

from __future__ import annotations

from collections.abc import MutableMapping
from importlib import import_module
from typing import TYPE_CHECKING

from typer.core import TyperGroup
from typer.main import get_group

if TYPE_CHECKING:
    from typer._click import Command, Context


class GroupOnDemand(TyperGroup):
    """The commands of the module `snipersight.cli.NAME`, whose Typer object is called `app`.

    Most commands are of groups, and reading the signatures of them all takes longer than what
    `--help` or a scan has to show.
    """

    def list_commands(self, ctx: Context) -> list[str]:
        """Return the names of the commands, in the order they were written in."""
        return list(self._built())

    def get_command(self, ctx: Context, cmd_name: str) -> Command | None:
        """Return one command; None if there is none of that name."""
        return self._built().get(cmd_name)

    def _built(self) -> MutableMapping[str, Command]:
        if not self.commands:
            module = import_module(f"snipersight.cli.{self.name}")
            self.commands.update(get_group(module.app).commands)
        return self.commands
