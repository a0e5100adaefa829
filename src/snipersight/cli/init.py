"""`snipersight init`: first steps; asks, tries every answer, and writes the settings file."""

from __future__ import annotations

from typing import Annotated

import typer

from snipersight.cli import options
from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import reported

EXAMPLES = """
[bold]Examples[/bold]

  snipersight init
  snipersight init --yes --set DEFAULT_ACCOUNT_BALANCE=2500
  snipersight init --yes --set TELEGRAM_CHAT_ID=424242 --set TELEGRAM_BOT_TOKEN
"""


@reported
def init(
    *,
    assignments: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME[=VALUE]",
            help="Set a variable of .env.example; several times if wanted. NAME alone takes the "
            "value from the environment, so that a secret stands on no command line.",
        ),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Ask nothing: write what --set says.")
    ] = False,
    test: Annotated[
        bool,
        typer.Option(
            "--test/--no-test", help="Try answers on Telegram, the exchange and the database."
        ),
    ] = True,
    env: options.EnvFile = None,
    debug: options.Debug = False,
) -> ExitCode:
    """Set SniperSight up: questions with reasons, each answer tried, all written at the end.

    Every question has a default. Nothing is written before the last one
    is answered; Ctrl-C leaves everything as it was. The settings file
    is readable by you alone; lines in it that are not asked about stay. Run
    it again whenever something changes.
    """
    from snipersight.cli.init_steps import InitWords, perform_init

    return perform_init(
        InitWords(assignments=tuple(assignments or ()), is_quiet=yes, tests=test, env_file=env)
    )
