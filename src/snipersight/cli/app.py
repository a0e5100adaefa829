"""The program: its commands and what all of them share. Start-up imports nothing heavy."""

from __future__ import annotations

from typing import Annotated, Final

import typer

import snipersight
from snipersight.cli import (
    backtest,
    cancel,
    closed,
    dashboard,
    doctor,
    events,
    explain,
    export,
    flatten,
    health,
    hooks,
    init,
    kill,
    metrics,
    orders,
    outcomes,
    positions,
    profiles,
    reconcile,
    replay,
    report,
    run,
    scan,
    stats,
    sweep,
    took,
    trade,
)
from snipersight.cli.exits import HELP
from snipersight.cli.group_examples import GROUP_EXAMPLES, PROGRAM
from snipersight.cli.on_demand import GroupOnDemand

GROUPS: Final = {
    "risk": "Where the account stands, what it may still take, and how to stop it.",
    "audit": "What was decided and why, and the proof that nobody has changed it.",
    "data": "Bring recorded candles in and check them.",
    "notify": "Try the channels, send what waits, and see what could not be sent.",
    "db": "Upgrade, check, back up and prune the database.",
    "sandbox": "Stand-ins for the outside world that run on this machine.",
}

app = typer.Typer(
    name="snipersight",
    help="Find Smart Money Concepts setups in crypto markets and turn them into sized trade plans.",
    epilog=f"{HELP}\n{PROGRAM}",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    pretty_exceptions_show_locals=False,  # locals hold secrets
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command(epilog=scan.EXAMPLES)(scan.scan)
app.command(epilog=run.EXAMPLES)(run.run)
app.command(epilog=explain.EXAMPLES)(explain.explain)
app.command(epilog=trade.EXAMPLES)(trade.trade)
app.command(epilog=orders.EXAMPLES)(orders.orders)
app.command(epilog=positions.EXAMPLES)(positions.positions)
app.command(epilog=cancel.EXAMPLES)(cancel.cancel)
app.command(epilog=flatten.EXAMPLES)(flatten.flatten)
app.command(epilog=kill.EXAMPLES)(kill.kill)
app.command(epilog=reconcile.EXAMPLES)(reconcile.reconcile)
app.command(epilog=stats.EXAMPLES)(stats.stats)
app.command(epilog=report.EXAMPLES)(report.report)
app.command(epilog=export.EXAMPLES)(export.export)
app.command(epilog=outcomes.EXAMPLES)(outcomes.outcomes)
app.command(epilog=replay.EXAMPLES)(replay.replay)
app.command(epilog=backtest.EXAMPLES)(backtest.backtest)
app.command(epilog=sweep.EXAMPLES)(sweep.sweep)
app.command(epilog=init.EXAMPLES)(init.init)
app.command(epilog=doctor.EXAMPLES)(doctor.doctor)
app.command(epilog=health.EXAMPLES)(health.health)
app.command(epilog=took.EXAMPLES)(took.took)
app.command(epilog=closed.EXAMPLES)(closed.closed)
app.command(epilog=metrics.EXAMPLES)(metrics.metrics)
app.command(epilog=hooks.EXAMPLES)(hooks.hooks)
app.command(epilog=profiles.EXAMPLES)(profiles.profiles)
app.add_typer(events.app, name="events", help=events.HELP)
app.add_typer(dashboard.app, name="dashboard", help=dashboard.HELP)
for _name, _help in GROUPS.items():
    app.add_typer(
        typer.Typer(cls=GroupOnDemand, no_args_is_help=True, epilog=GROUP_EXAMPLES[_name]),
        name=_name,
        help=_help,
    )


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"snipersight {snipersight.__version__}")
        raise typer.Exit


@app.callback()
def program(
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Find Smart Money Concepts setups in crypto markets and turn them into sized trade plans."""


def main() -> None:
    """Run the program on the process's arguments and exit with its code."""
    app()
