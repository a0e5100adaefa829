"""`snipersight risk`: where the account stands, what it may still do, and a person's own commands."""

from __future__ import annotations

from typing import Annotated

import typer

from snipersight.cli import completing, options
from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import reported

app = typer.Typer(rich_markup_mode="rich")

_HEAD = "\n[bold]Examples[/bold]\n\n"
STATUS_EXAMPLES = f"""{_HEAD}  snipersight risk status
  snipersight risk status --account practice --json
"""
LIMITS_EXAMPLES = f"{_HEAD}  snipersight risk limits\n  snipersight risk limits --profile scalp\n"
CAPACITY_EXAMPLES = f"{_HEAD}  snipersight risk capacity\n  snipersight risk capacity BTC/USDT\n"
HALT_EXAMPLES = f"""{_HEAD}  snipersight risk halt --reason "news at eight"
  snipersight risk halt --account main
"""
RESUME_EXAMPLES = f"{_HEAD}  snipersight risk resume\n  snipersight risk resume --rearm\n"
POSITIONS_EXAMPLES = f"{_HEAD}  snipersight risk positions\n  snipersight risk positions --all\n"
DEPOSIT_EXAMPLES = f"{_HEAD}  snipersight risk deposit 2500\n"
WITHDRAW_EXAMPLES = f'{_HEAD}  snipersight risk withdraw 500.50 --reason "rent"\n'

EveryAccount = Annotated[
    str | None,
    typer.Option(
        "--account",
        metavar="NAME",
        autocompletion=completing.account_names,
        help="Only this one; every account if not given.",
    ),
]
Reason = Annotated[
    str, typer.Option("--reason", metavar="TEXT", help="Why, for the audit and the reader.")
]
Amount = Annotated[
    str, typer.Argument(metavar="AMOUNT", help="In account currency, above 0: 2500 or 2500.50.")
]


@app.command(epilog=STATUS_EXAMPLES)
@reported
def status(
    *,
    account: options.Account = None,
    as_json: options.AsJson = False,
    env: options.EnvFile = None,
    debug: options.Debug = False,
) -> ExitCode:
    """Show trading state, breakers, losses against their limits, and how much budget is used."""
    from snipersight.cli.risk_status import show_status

    return show_status(env, account=account, as_json=as_json)


@app.command(epilog=LIMITS_EXAMPLES)
@reported
def limits(
    *,
    profile: Annotated[
        str | None,
        typer.Option(
            "--profile",
            "-p",
            metavar="NAME",
            autocompletion=completing.profile_names,
            help="Add what this profile decides.",
        ),
    ] = None,
    account: options.Account = None,
    as_json: options.AsJson = False,
    env: options.EnvFile = None,
    debug: options.Debug = False,
) -> ExitCode:
    """Show every limit in force with the variable that sets it; .env.example explains each."""
    from snipersight.cli.risk_limits import show_limits

    return show_limits(env, account=account, profile=profile, as_json=as_json)


@app.command(epilog=CAPACITY_EXAMPLES)
@reported
def capacity(
    symbol: Annotated[
        str | None,
        typer.Argument(metavar="[SYMBOL]", help="Also ask the limits of its asset and cluster."),
    ] = None,
    *,
    account: options.Account = None,
    as_json: options.AsJson = False,
    env: options.EnvFile = None,
    debug: options.Debug = False,
) -> ExitCode:
    """Show what one more trade may take, in account currency.

    For a symbol, every held asset counts as correlated with it, because no
    market is looked at; a scan measures and may leave more.
    """
    from snipersight.cli.risk_capacity import show_capacity

    return show_capacity(env, account=account, symbol=symbol, as_json=as_json)


@app.command(epilog=POSITIONS_EXAMPLES)
@reported
def positions(
    *,
    everything: Annotated[
        bool, typer.Option("--all", help="Also what has ended, with its result.")
    ] = False,
    account: options.Account = None,
    as_json: options.AsJson = False,
    env: options.EnvFile = None,
    debug: options.Debug = False,
) -> ExitCode:
    """Show reservations and positions with what each takes from the budget."""
    from snipersight.cli.risk_positions import show_positions

    return show_positions(env, account=account, everything=everything, as_json=as_json)


@app.command(epilog=HALT_EXAMPLES)
@reported
def halt(
    *,
    reason: Reason = "",
    account: EveryAccount = None,
    as_json: options.AsJson = False,
    env: options.EnvFile = None,
    debug: options.Debug = False,
) -> ExitCode:
    """Stop every entry until `risk resume`; exits are never stopped.

    Without --account every account is stopped, one that is opened later too.
    """
    from snipersight.cli.risk_commands import perform_halt

    return perform_halt(env, account=account, reason=reason, as_json=as_json)


@app.command(epilog=RESUME_EXAMPLES)
@reported
def resume(
    *,
    rearm: Annotated[
        bool,
        typer.Option(
            "--rearm",
            help="Also lift a drawdown, measured from now on, and a losing streak.",
        ),
    ] = False,
    accept_clock: Annotated[
        bool,
        typer.Option(
            "--accept-clock",
            help="The clock is right now and was ahead before: let time run on from now.",
        ),
    ] = False,
    account: EveryAccount = None,
    as_json: options.AsJson = False,
    env: options.EnvFile = None,
    debug: options.Debug = False,
) -> ExitCode:
    """Lift your halt, without --account of every account, one that is opened later too.

    Losses of the day and week hold until these are over.
    """
    from snipersight.cli.risk_commands import perform_resume

    return perform_resume(
        env, account=account, rearm=rearm, accepts_clock=accept_clock, as_json=as_json
    )


@app.command(epilog=DEPOSIT_EXAMPLES)
@reported
def deposit(
    amount: Amount,
    *,
    reason: Reason = "",
    account: options.Account = None,
    as_json: options.AsJson = False,
    env: options.EnvFile = None,
    debug: options.Debug = False,
) -> ExitCode:
    """Record money paid in: it is no profit, and moves no breaker."""
    from snipersight.cli.risk_commands import perform_flow

    return perform_flow(env, amount, account=account, sign=1, reason=reason, as_json=as_json)


@app.command(epilog=WITHDRAW_EXAMPLES)
@reported
def withdraw(
    amount: Amount,
    *,
    reason: Reason = "",
    account: options.Account = None,
    as_json: options.AsJson = False,
    env: options.EnvFile = None,
    debug: options.Debug = False,
) -> ExitCode:
    """Record money taken out: it is no loss, and moves no breaker."""
    from snipersight.cli.risk_commands import perform_flow

    return perform_flow(env, amount, account=account, sign=-1, reason=reason, as_json=as_json)
