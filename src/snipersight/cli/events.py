"""`snipersight events`: what happened, and how far exporters have it."""

from __future__ import annotations

from typing import Annotated

import typer

from snipersight.cli import options
from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import reported

_HEAD = "\n[bold]Examples[/bold]\n\n"
EXAMPLES = f"""{_HEAD}  snipersight events
  snipersight events --type signal_generated --type plan_missed --since 2024-06-07
  snipersight events --limit 1000 --json | jq '.events[].event'
"""
SEND_EXAMPLES = f"""{_HEAD}  snipersight events send
  snipersight events send --watch
  snipersight events send --exporter webhook
"""
STATUS_EXAMPLES = f"{_HEAD}  snipersight events status\n  snipersight events status --json\n"

HELP = "Show what happened, and bring it to exporters."

app = typer.Typer(rich_markup_mode="rich", invoke_without_command=True)


@app.callback(epilog=EXAMPLES)
def events(
    context: typer.Context,
    *,
    kind: Annotated[
        list[str] | None,
        typer.Option("--type", metavar="NAME", help="Only of this type; may be repeated."),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="TIME", help="Only what happened then or later, UTC."),
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", min=1, max=100_000, metavar="N", help="The newest so many.")
    ] = 50,
    as_json: options.AsJson = False,
    env: options.EnvFile = None,
    debug: options.Debug = False,
) -> None:
    """Show what happened: signals, orders, fills, breakers, messages, trouble with data.

    The newest events, oldest first. `events send` brings them to a web
    address, a collector or a file; `events status` tells how far they are.
    """
    if context.invoked_subcommand is None:
        _list(kinds=kind or [], since=since, limit=limit, as_json=as_json, env=env, debug=debug)


@reported
def _list(
    *,
    kinds: list[str],
    since: str | None,
    limit: int,
    as_json: bool,
    env: options.EnvFile,
    debug: bool,
) -> ExitCode:
    from snipersight.cli.events_listing import show_events

    return show_events(env, kinds=kinds, since=since, limit=limit, as_json=as_json)


@app.command(epilog=SEND_EXAMPLES)
@reported
def send(
    *,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on with what comes, until Ctrl-C.")
    ] = False,
    exporter: Annotated[
        list[str] | None,
        typer.Option("--exporter", metavar="NAME", help="Only to this one; may be repeated."),
    ] = None,
    env: options.EnvFile = None,
    debug: options.Debug = False,
) -> ExitCode:
    """Bring events to the exporters of EVENT_EXPORTERS, each from where it stands.

    One process serves an exporter at a time. The exit code is 3 if one did
    not take everything; what it lacks waits for the next time.
    """
    from snipersight.cli.events_sending import run_send

    return run_send(env, watch=watch, names=exporter)


@app.command(epilog=STATUS_EXAMPLES)
@reported
def status(
    *, as_json: options.AsJson = False, env: options.EnvFile = None, debug: options.Debug = False
) -> ExitCode:
    """Show how many events there are and how far each exporter has them."""
    from snipersight.cli.events_listing import show_status

    return show_status(env, as_json=as_json)
