"""`snipersight doctor`: everything that must hold before orders are sent, one line each."""

from __future__ import annotations

from snipersight.cli import options
from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import reported

EXAMPLES = """
[bold]Examples[/bold]

  snipersight doctor
  snipersight doctor --account main --venue binanceusdm
  snipersight doctor --json
"""


@reported
def doctor(
    *,
    account: options.Account = None,
    venue: options.VenueName = None,
    as_json: options.AsJson = False,
    env: options.EnvFile = None,
    debug: options.Debug = False,
) -> ExitCode:
    """Look at settings, store, account, venues, Telegram and the bot; send and change nothing.

    Each line says what was found, and what to do about it. The exit code is
    0 if nothing failed, 3 if something did.
    """
    from snipersight.cli.examining import perform_doctor

    return perform_doctor(env, account=account, venue=venue, as_json=as_json)
