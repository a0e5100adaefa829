"""What `snipersight scan` does once its words are understood."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from snipersight.cli.account_opening import sign_audit
from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import say
from snipersight.cli.opening import ScanOptions, open_for
from snipersight.cli.options import ReportFormat, ThemeName
from snipersight.cli.trouble import trouble_lines
from snipersight.domain.decision import Stage

if TYPE_CHECKING:
    from snipersight.bootstrap.session import Session
    from snipersight.engine.report import RankedPlan, ScanReport

__all__ = ["ScanOptions", "perform_scan"]

_UNWRITABLE: Final = "audit_unwritable"


def perform_scan(
    options: ScanOptions,
    *,
    top: int | None,
    output_format: ReportFormat,
    charts: Path | None,
    theme: ThemeName,
    notify: bool,
) -> ExitCode:
    """Scan, draw, print, and return how it went.

    Args:
        options: what to scan.
        top: how many plans to show, None for all.
        output_format: what goes to stdout.
        charts: folder for pictures, None for none.
        theme: their colours.
        notify: whether channels should be told; with none configured that is said once.
    """
    session = open_for(options)
    report, pictures = asyncio.run(_scan(session, top=top, charts=charts, theme=theme))
    session.compile_cache.remember_warm()
    for line in trouble_lines(session.sink.counts):
        say(f"warning: {line}")
    is_named = not session.request.symbols.lower().startswith("top")
    for symbol, reason in report.dropped if is_named else ():
        say(f"warning: {symbol} is left out: {reason}")
    if notify:
        say_about_channels(session)
    _write(report, report.plans[:top], pictures, output_format)
    return exit_code_for(report, is_named=is_named, has_ledger=session.books is not None)


def exit_code_for(report: ScanReport, *, is_named: bool, has_ledger: bool = True) -> ExitCode:
    """Return 0 if every symbol could be read, 3 if some could not, 4 if none could.

    It is 4 too where nothing could be approved because no verdict could be recorded.

    Args:
        report: the scan.
        is_named: the user named the symbols, so one that was left out is one that is missing.
        has_ledger: the account's ledger could be opened.
    """
    if not has_ledger or _is_unrecordable(report):
        return ExitCode.NO_STORE
    unread = {
        refusal.symbol
        for refusal in report.refusals
        if refusal.reason.stage in (Stage.NO_DATA, Stage.STALE)
    }
    if unread >= set(report.universe):  # also an empty universe: nothing was scanned
        return ExitCode.NO_SOURCE
    is_short = bool(unread) or (is_named and bool(report.dropped))
    return ExitCode.PARTIAL if is_short else ExitCode.OK


def _is_unrecordable(report: ScanReport) -> bool:
    """Return whether the store failed on the way, so that nothing was approved."""
    return not report.plans and any(
        refusal.reason.name == _UNWRITABLE for refusal in report.refusals
    )


def say_about_channels(session: Session) -> None:
    """Say where signals go, since a scan tells its channels unless it is asked not to."""
    if session.surroundings.settings.has_telegram:
        say("Telegram is configured, but this version does not send: signals are only shown here.")
    else:
        say("No notification channel is configured: signals are only shown here.")


async def _scan(
    session: Session, *, top: int | None, charts: Path | None, theme: ThemeName
) -> tuple[ScanReport, Mapping[str, str]]:
    from snipersight.cli.console import progress
    from snipersight.engine.scan import run_scan

    try:
        with progress() as on_progress:
            report = await run_scan(
                session.request,
                source=session.source,
                gate=session.gate,
                account=session.account,
                sink=session.sink,
                progress=on_progress,
            )
        if session.books is not None:
            sign_audit(session.books)
        if charts is None:
            return report, {}
        from snipersight.cli.picturing import save_pictures

        return report, await save_pictures(report, session.source, charts, top=top, theme=theme)
    finally:
        await session.close()


def _write(
    report: ScanReport,
    plans: tuple[RankedPlan, ...],
    pictures: Mapping[str, str],
    output_format: ReportFormat,
) -> None:
    if output_format is ReportFormat.JSON:
        from snipersight.cli.report_json import render_json

        print(render_json(report, plans, pictures))
    elif output_format is ReportFormat.MARKDOWN:
        from snipersight.cli.report_markdown import render_markdown

        print(render_markdown(report, plans, pictures))
    else:
        from snipersight.cli.console import output
        from snipersight.cli.report_table import print_report

        print_report(report, plans, output())
