"""`snipersight dashboard`: see everything and stop anything from a browser; who may do so."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from snipersight.cli import options
from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import reported

HELP = "See everything and stop anything from a browser."
_HEAD = "\n[bold]Examples[/bold]\n\n"
EXAMPLES = f"""{_HEAD}  snipersight dashboard
  snipersight dashboard token add laptop --scope trade
  snipersight dashboard --listen 0.0.0.0:8321 --tls-cert cert.pem --tls-key key.pem
"""
TOKEN_EXAMPLES = f"""{_HEAD}  snipersight dashboard token add laptop --scope admin
  snipersight dashboard token list
  snipersight dashboard token revoke laptop
"""
ADD_EXAMPLES = f"""{_HEAD}  snipersight dashboard token add laptop --scope admin
  snipersight dashboard token add wall-screen --scope read --expires 30d
"""
LIST_EXAMPLES = f"""{_HEAD}  snipersight dashboard token list
  snipersight dashboard token list --all --json
"""
REVOKE_EXAMPLES = f"{_HEAD}  snipersight dashboard token revoke laptop\n"

app = typer.Typer(rich_markup_mode="rich", invoke_without_command=True)
token = typer.Typer(rich_markup_mode="rich", no_args_is_help=True)
app.add_typer(token, name="token", help="Make, list and revoke tokens.", epilog=TOKEN_EXAMPLES)


class ScopeName(StrEnum):
    """How far a token reaches."""

    READ = "read"
    TRADE = "trade"
    ADMIN = "admin"


@app.callback(epilog=EXAMPLES)
def dashboard(
    context: typer.Context,
    *,
    listen: Annotated[
        str | None,
        typer.Option("--listen", metavar="HOST:PORT", help="Where; DASHBOARD_LISTEN if not given."),
    ] = None,
    tls_cert: Annotated[
        Path | None,
        typer.Option("--tls-cert", dir_okay=False, help="Certificate with its chain, PEM."),
    ] = None,
    tls_key: Annotated[
        Path | None, typer.Option("--tls-key", dir_okay=False, help="Its private key, PEM.")
    ] = None,
    allow_remote: Annotated[
        bool,
        typer.Option(
            "--allow-remote",
            help="Listen beyond this machine without a certificate: tokens can be overheard.",
        ),
    ] = False,
    link: Annotated[
        bool,
        typer.Option("--link", help="Print a link that lets one browser in, for ten minutes."),
    ] = False,
    env: options.EnvFile = None,
    debug: options.Debug = False,
) -> None:
    """Serve the dashboard until Ctrl-C: signals, positions, limits, evidence, and the stop control.

    It is a process of its own beside the bot: it reads the store, and goes
    on when the bot has died. Everybody shows a token; none exists at first,
    and a link on the terminal lets the first browser in. It pauses and
    kills, approves and cancels; it never resumes, re-arms or goes live.
    """
    if context.invoked_subcommand is None:
        _serve(
            listen=listen,
            tls_cert=tls_cert,
            tls_key=tls_key,
            allow_remote=allow_remote,
            link=link,
            env=env,
            debug=debug,
        )


@reported
def _serve(
    *,
    listen: str | None,
    tls_cert: Path | None,
    tls_key: Path | None,
    allow_remote: bool,
    link: bool,
    env: Path | None,
    debug: bool,
) -> ExitCode:
    from snipersight.cli.dashboard_serving import Asked, serve_dashboard

    asked = Asked(
        listen=listen, tls_cert=tls_cert, tls_key=tls_key, allow_remote=allow_remote, link=link
    )
    return serve_dashboard(env, asked)


@token.command("add", epilog=ADD_EXAMPLES)
@reported
def add(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="What the audit calls whoever holds it.")
    ],
    *,
    scope: Annotated[
        ScopeName,
        typer.Option(
            "--scope",
            help="read: look; trade: decide on plans, cancel, pause; admin: the kill switch, too.",
        ),
    ] = ScopeName.READ,
    expires: Annotated[
        str | None,
        typer.Option(
            "--expires", metavar="TIME", help="After 12h or 30d; without it, when it is revoked."
        ),
    ] = None,
    env: options.EnvFile = None,
    debug: options.Debug = False,
) -> ExitCode:
    """Make a token and print it, once: only its digest is kept.

    It is good for every account of the store. A browser is asked for it at
    its first visit, a program sends it as `Authorization: Bearer …`.
    """
    from snipersight.cli.dashboard_tokens import add_token

    return add_token(env, name, scope=scope.value, expires=expires)


@token.command("list", epilog=LIST_EXAMPLES)
@reported
def list_(
    *,
    every: Annotated[
        bool, typer.Option("--all", help="Those that were revoked or have expired, too.")
    ] = False,
    as_json: options.AsJson = False,
    env: options.EnvFile = None,
    debug: options.Debug = False,
) -> ExitCode:
    """List tokens: name, scope, since when, until when. Nothing shows the tokens themselves."""
    from snipersight.cli.dashboard_tokens import list_tokens

    return list_tokens(env, every=every, as_json=as_json)


@token.command("revoke", epilog=REVOKE_EXAMPLES)
@reported
def revoke(
    name: Annotated[str, typer.Argument(metavar="NAME", help="As `token list` shows it.")],
    *,
    env: options.EnvFile = None,
    debug: options.Debug = False,
) -> ExitCode:
    """Refuse a token from now on, and every browser that was let in with it.

    A dashboard that runs takes two seconds to notice; pages that are open
    go to the login.
    """
    from snipersight.cli.dashboard_tokens import revoke_token

    return revoke_token(env, name)
