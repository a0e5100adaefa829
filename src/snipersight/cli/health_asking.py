"""Asks a running bot how it is, and prints the answer."""

from __future__ import annotations

import json
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from snipersight.bootstrap.running.vital_asking import HealthAnswer, asked_health
from snipersight.bootstrap.settings import load_settings
from snipersight.cli.console import output
from snipersight.cli.exits import ExitCode
from snipersight.domain import wording as texts


def ask_health(env_file: Path | None, *, is_for_ready: bool, as_json: bool) -> ExitCode:
    """Ask, print, and return what the caller should know.

    Raises:
        ConfigInvalid: a setting is wrong, or `RUN_LISTEN` serves nothing.
        VenueUnavailable: nobody answers, or something that is no bot of ours.
    """
    settings, _ = load_settings(env_file)
    answer = asked_health(settings.listen_address)
    if as_json:
        print(json.dumps(answer.values, indent=2, ensure_ascii=False))
    else:
        print_health(answer, output())
    is_well = answer.is_ready if is_for_ready else answer.is_healthy
    return ExitCode.OK if is_well else ExitCode.FOUND


def print_health(answer: HealthAnswer, console: Console) -> None:
    """Print how the bot is, and a line for each of its parts."""
    word, style = ("well", "bold green") if answer.is_healthy else ("HANGS", "bold red")
    console.print(Text.assemble((word, style), f"  {answer.status}"))
    grid = Table.grid(padding=(0, 2))
    for part in answer.parts:
        grid.add_row(
            Text("late" if part.name in answer.late else "", style="bold red"),
            part.name,
            "" if part.age_s is None else f"{part.age_s:,.0f} s ago",
            f"{texts.counted(part.restarts, 'restart')}" if part.restarts else "",
            Text(part.trouble, style="yellow"),
        )
    if answer.parts:
        console.print(grid)
