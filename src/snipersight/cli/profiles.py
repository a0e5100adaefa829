"""`snipersight profiles`: the ways of trading there are, and every value of one."""

from __future__ import annotations

from typing import Annotated

import typer

from snipersight.cli import options
from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import reported

EXAMPLES = """
[bold]Examples[/bold]

  snipersight profiles
  snipersight profiles --show balanced > ~/.snipersight/profiles/mine.toml
"""


@reported
def profiles(
    *,
    show: Annotated[
        str | None,
        typer.Option("--show", metavar="NAME", help="Print every value in force, as TOML."),
    ] = None,
    env: options.EnvFile = None,
    debug: options.Debug = False,
) -> ExitCode:
    """List the profiles, shipped and your own, or print one.

    A TOML file in SNIPERSIGHT_HOME/profiles is a profile of your own; one
    that bears the name of a shipped profile takes its place. Save a printed
    one under a new name and give `name` in it the same.
    """
    from snipersight.bootstrap.settings import load_settings
    from snipersight.cli.profile_views import print_profile, print_profiles
    from snipersight.storage.home import Home

    settings, _warnings = load_settings(env)
    folder = Home(settings.snipersight_home).profiles
    if show is not None:
        print_profile(show, folder)
        return ExitCode.OK
    return print_profiles(folder)
