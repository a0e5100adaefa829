"""`snipersight positions`: executed trades, what protects them and what they earn."""

from __future__ import annotations

from snipersight.cli import options
from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import reported

EXAMPLES = """
[bold]Examples[/bold]

  snipersight positions
  snipersight positions --all --limit 5
  snipersight positions --account practice --json
"""


@reported
def positions(
    *,
    everything: options.AllTrades = False,
    limit: options.Limit = 20,
    account: options.Account = None,
    as_json: options.AsJson = False,
    env: options.EnvFile = None,
    debug: options.Debug = False,
) -> ExitCode:
    """Show executed trades: what is held, its stop and targets, and the result so far.

    The price is the venue's; on the simulated venue that of the moment
    that was played to. Trades made by hand stand in `risk positions`.
    """
    from snipersight.cli.position_listing import show_trades

    return show_trades(env, account=account, everything=everything, limit=limit, as_json=as_json)
