"""`snipersight audit`: what was decided and why, and the proof that nobody has changed it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from snipersight.cli import completing, options
from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import reported

app = typer.Typer(rich_markup_mode="rich")

_HEAD = "\n[bold]Examples[/bold]\n\n"
LIST_EXAMPLES = f"""{_HEAD}  snipersight audit list
  snipersight audit list --kind decision --verdict rejected --symbol BTC/USDT --since 7d
"""
SHOW_EXAMPLES = f"{_HEAD}  snipersight audit show 42\n  snipersight audit show 3f1c09aa\n"
REPORT_EXAMPLES = f"""{_HEAD}  snipersight audit report --since 30d
  snipersight audit report --json > month.json
"""
VERIFY_EXAMPLES = f"""{_HEAD}  snipersight audit verify
  snipersight audit verify --head 1203:5f0c…   (a head that you noted elsewhere)
"""
EXPORT_EXAMPLES = f"""{_HEAD}  snipersight audit export audit.jsonl
  snipersight audit export audit.json --single
"""
REPLAY_EXAMPLES = f"{_HEAD}  snipersight audit replay 42\n  snipersight audit replay --all\n"

Account = Annotated[
    str | None,
    typer.Option(
        "--account",
        metavar="NAME",
        autocompletion=completing.account_names,
        help="Whose audit: main or practice. If not given: of the account that knows the plan, else "
        "main, or practice as long as there is no main.",
    ),
]
Since = Annotated[
    str | None,
    typer.Option("--since", metavar="TIME", help="From here on: 2024-06-07, …T12:00, or 24h, 7d."),
]
Which = Annotated[
    str, typer.Argument(metavar="SEQ|PLAN_ID", help="A number, or how a plan's id begins.")
]


@app.command(name="list", epilog=LIST_EXAMPLES)
@reported
def list_(
    *,
    kind: Annotated[
        list[str] | None,
        typer.Option("--kind", metavar="KIND", help="decision, reserved, closed …; repeatable."),
    ] = None,
    symbol: Annotated[
        str | None, typer.Option("--symbol", metavar="SYMBOL", help="How it begins: BTC/USDT.")
    ] = None,
    since: Since = None,
    verdict: Annotated[
        str | None, typer.Option("--verdict", metavar="WORD", help="approved or rejected.")
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", min=1, metavar="N", help="At most so many.")
    ] = 20,
    account: Account = None,
    as_json: options.AsJson = False,
    env: options.EnvFile = None,
    debug: options.Debug = False,
) -> ExitCode:
    """List records, newest first."""
    from snipersight.cli.audit_list import Wanted, show_list

    wanted = Wanted(kinds=tuple(kind or ()), symbol=symbol, since=since, verdict=verdict)
    return show_list(env, wanted, account=account, limit=limit, as_json=as_json)


@app.command(epilog=SHOW_EXAMPLES)
@reported
def show(
    which: Which,
    *,
    account: Account = None,
    as_json: options.AsJson = False,
    env: options.EnvFile = None,
    debug: options.Debug = False,
) -> ExitCode:
    """Show one record whole: every check with what was measured, sizes, hashes.

    Of a plan, its newest verdict, and below it everything that happened
    to the plan.
    """
    from snipersight.cli.audit_show import show_record

    return show_record(env, which, account=account, as_json=as_json)


@app.command(epilog=REPORT_EXAMPLES)
@reported
def report(
    *,
    since: Since = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="TIME", help="Up to here, not included.")
    ] = None,
    account: Account = None,
    as_json: options.AsJson = False,
    env: options.EnvFile = None,
    debug: options.Debug = False,
) -> ExitCode:
    """Sum up verdicts, refusals by code, symbols, days, and limits that came close; as Markdown."""
    from snipersight.cli.audit_summary import show_report

    return show_report(env, since=since, until=until, account=account, as_json=as_json)


@app.command(epilog=VERIFY_EXAMPLES)
@reported
def verify(
    *,
    head: Annotated[
        list[str] | None,
        typer.Option(
            "--head", metavar="SEQ:HASH", help="A head noted elsewhere, in the chat; repeatable."
        ),
    ] = None,
    trust: Annotated[
        list[str] | None,
        typer.Option(
            "--trust",
            metavar="KEY",
            help="A public key besides your own: an old one, a colleague's.",
        ),
    ] = None,
    account: Account = None,
    as_json: options.AsJson = False,
    env: options.EnvFile = None,
    debug: options.Debug = False,
) -> ExitCode:
    """Check every record, the signatures, and the head that is kept outside the database.

    Any change, removal, insertion or reordering is found and located.
    What cannot be excluded is said. The exit code is 1 if something was
    found.
    """
    from snipersight.cli.audit_verifying import Proofs, run_verify

    proofs = Proofs(heads=tuple(head or ()), keys=tuple(trust or ()))
    return run_verify(env, proofs, account=account, as_json=as_json)


@app.command(epilog=EXPORT_EXAMPLES)
@reported
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to; it must not exist yet.")],
    *,
    single: Annotated[
        bool, typer.Option("--single", help="One JSON object instead of one line a record.")
    ] = False,
    account: Account = None,
    env: options.EnvFile = None,
    debug: options.Debug = False,
) -> ExitCode:
    """Write every record to a file, verified while it is written.

    An audit that does not verify is not exported: the exit code is 1.
    """
    from snipersight.cli.audit_exporting import run_export

    return run_export(env, file, single=single, account=account)


@app.command(epilog=REPLAY_EXAMPLES)
@reported
def replay(
    which: Annotated[
        str | None,
        typer.Argument(metavar="[SEQ|PLAN_ID]", help="A number, or how a plan's id begins."),
    ] = None,
    *,
    every: Annotated[
        bool, typer.Option("--all", help="Every decision, and the ledger between them.")
    ] = False,
    account: Account = None,
    as_json: options.AsJson = False,
    env: options.EnvFile = None,
    debug: options.Debug = False,
) -> ExitCode:
    """Judge recorded decisions again, from their records alone; they must come out the same.

    They are judged by the limits of their time; if limits or code have
    changed since, that is said. The exit code is 1 if one differs.
    """
    from snipersight.cli.audit_replaying import run_replay

    return run_replay(env, None if every else which, every=every, account=account, as_json=as_json)
