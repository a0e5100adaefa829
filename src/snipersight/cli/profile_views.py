"""Profiles as a table, and one profile as TOML."""

from __future__ import annotations

from pathlib import Path

from rich.table import Table
from rich.text import Text

from snipersight.bootstrap.profiles import list_profiles, load_profile
from snipersight.cli.console import output
from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import error_block, say
from snipersight.cli.toml_text import toml_text
from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.profile import Profile
from snipersight.domain.wording import percent


def print_profile(name: str, own_folder: Path) -> None:
    """Print every value of a profile as TOML that can be saved and changed.

    Raises:
        ConfigInvalid: there is none of that name, or its file is wrong.
    """
    profile = load_profile(name, own_folder=own_folder)
    # TOML has no word for nothing: what is switched off is left out.
    print(toml_text(profile.model_dump(mode="json", exclude_none=True)), end="")


def print_profiles(own_folder: Path) -> ExitCode:
    """Print two lines a profile; a broken file is reported on stderr and stops none of the others."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column()
    code = ExitCode.OK
    for entry in list_profiles(own_folder).values():
        try:
            profile = entry.load()
        except ConfigInvalid as error:
            say(error_block(error))
            code = ExitCode.USAGE
            continue
        grid.add_row(entry.name, Text(profile.description))
        grid.add_row("", Text(_facts(profile, is_own=entry.is_own), style="dim"))
    output().print(grid)
    return code


def _facts(profile: Profile, *, is_own: bool) -> str:
    frames = profile.timeframes
    facts = (
        f"{frames.bias} / {frames.zone} / {frames.trigger}",
        f"score from {profile.gates.min_score:g}",
        f"reward from {profile.planner.min_rr:g}R",
        f"risk {percent(profile.sizing.risk_fraction)}",
        *(("your own",) if is_own else ()),
    )
    return " · ".join(facts)
