"""The program: its commands and what all of them share. Start-up imports nothing heavy."""

from __future__ import annotations

from typing import Annotated

import typer

import snipersight
from snipersight.cli import audit, closed, data, db, explain, profiles, risk, scan, took
from snipersight.cli.exits import HELP

app = typer.Typer(
    name="snipersight",
    help="Find Smart Money Concepts setups in crypto markets and turn them into sized trade plans.",
    epilog=HELP,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    pretty_exceptions_show_locals=False,  # locals hold secrets
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command(epilog=scan.EXAMPLES)(scan.scan)
app.command(epilog=explain.EXAMPLES)(explain.explain)
app.command(epilog=took.EXAMPLES)(took.took)
app.command(epilog=closed.EXAMPLES)(closed.closed)
app.command(epilog=profiles.EXAMPLES)(profiles.profiles)
app.add_typer(risk.app, name="risk")
app.add_typer(audit.app, name="audit")
app.add_typer(data.app, name="data")
app.add_typer(db.app, name="db")


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
