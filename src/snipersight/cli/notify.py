"""`snipersight notify`: try the channels, send what waits, and see what could not be sent."""

from __future__ import annotations

from typing import Annotated

import typer

from snipersight.cli import options
from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import reported

app = typer.Typer(
    help="Try the channels, send what waits, and see what could not be sent.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)

_HEAD = "\n[bold]Examples[/bold]\n\n"
TEST_EXAMPLES = f"""{_HEAD}  snipersight notify test
  snipersight notify test --channel telegram --public
"""
SEND_EXAMPLES = f"""{_HEAD}  snipersight notify send
  snipersight notify send --for 5m
  snipersight notify send --watch
"""
QUEUE_EXAMPLES = f"{_HEAD}  snipersight notify queue\n  snipersight notify queue --format json\n"
RETRY_EXAMPLES = f"""{_HEAD}  snipersight notify retry
  snipersight notify retry --channel telegram --chat -1001234567890
  snipersight notify retry --channel telegram --chat 424242 --to 424243
"""

Channel = Annotated[
    str | None,
    typer.Option("--channel", metavar="NAME", help="Only this one: telegram, webhook, apprise …"),
]


@app.command(name="test", epilog=TEST_EXAMPLES)
@reported
def try_channels(
    *,
    channel: Channel = None,
    public: Annotated[
        bool, typer.Option("--public", help="Public chats too: their readers see the message.")
    ] = False,
    env: options.EnvFile = None,
    debug: options.Debug = False,
) -> ExitCode:
    """Send a short message to every private chat at once, and say what became of it.

    Nothing is stored. The exit code is 0 if every message arrived, 3 if
    one did not, and 2 if there is no chat.
    """
    from snipersight.cli.notify_testing import run_test

    return run_test(env, channel=channel, with_public=public)


@app.command(epilog=SEND_EXAMPLES)
@reported
def send(
    *,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on with what comes, until Ctrl-C.")
    ] = False,
    for_: Annotated[
        str | None,
        typer.Option("--for", metavar="TIME", help="Begin nothing new after this: 90s, 5m, 2h."),
    ] = None,
    env: options.EnvFile = None,
    debug: options.Debug = False,
) -> ExitCode:
    """Send what waits, each chat in its order and as fast as its channel allows.

    One process sends at a time: while another one does, this one waits a
    few seconds for it, says so and ends with 0, because nothing is left
    undone. The exit code is 3 if something is left: it waits, its chat
    takes nothing, or it had to be given up.
    """
    from snipersight.cli.notify_sending import run_send

    return run_send(env, watch=watch, limit=for_)


@app.command(epilog=QUEUE_EXAMPLES)
@reported
def queue(
    *,
    limit: Annotated[
        int, typer.Option("--limit", min=1, max=1000, metavar="N", help="Troubles shown at most.")
    ] = 20,
    output_format: options.Format = options.TextFormat.TEXT,
    env: options.EnvFile = None,
    debug: options.Debug = False,
) -> ExitCode:
    """Show what waits, which chats take nothing and why, and what may need a person.

    That is what was given up, and what may have arrived twice because its
    answer was lost; newest first.
    """
    from snipersight.cli.notify_views import show_queue

    return show_queue(env, limit=limit, output_format=output_format)


@app.command(epilog=RETRY_EXAMPLES)
@reported
def retry(
    *,
    channel: Channel = None,
    chat: Annotated[
        str | None, typer.Option("--chat", metavar="ID", help="Only this chat of the channel.")
    ] = None,
    to: Annotated[
        str | None,
        typer.Option(
            "--to", metavar="ID", help="Send what waits for --chat to this private chat instead."
        ),
    ] = None,
    env: options.EnvFile = None,
    debug: options.Debug = False,
) -> ExitCode:
    """Let chats go on that take nothing, and try again what was given up.

    What is too old stays given up. `notify send` then sends it. --to is
    for a chat that was named wrongly.
    """
    from snipersight.cli.notify_views import run_retry

    return run_retry(env, channel=channel, chat=chat, to=to)
