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
    from snipersight.cli.console import Report
    from snipersight.domain.errors import StateUnavailable
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
) -> ExitCode:
    """Scan, draw, print, and return how it went.

    Args:
        options: what to scan.
        top: how many plans to show, None for all.
        output_format: what goes to stdout.
        charts: folder for pictures, None for none.
        theme: their colours.
    """
    session = open_for(options)
    report, pictures = asyncio.run(_scan(session, top=top, charts=charts, theme=theme))
    session.compile_cache.remember_warm()
    for line in trouble_lines(session.sink.counts):
        say(f"warning: {line}")
    is_named = not session.request.symbols.lower().startswith("top")
    for symbol, reason in report.dropped if is_named else ():
        say(f"warning: {symbol} is left out: {reason}")
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


async def _scan(
    session: Session, *, top: int | None, charts: Path | None, theme: ThemeName
) -> tuple[ScanReport, Mapping[str, str]]:
    from snipersight.cli.console import progress

    try:
        with progress() as on_progress:
            report = await _scan_and_tell(session, on_progress)
        if charts is None:
            return report, {}
        from snipersight.cli.picturing import save_pictures

        return report, await save_pictures(report, session.source, charts, top=top, theme=theme)
    finally:
        await session.close()


async def _scan_and_tell(session: Session, show: Report) -> ScanReport:
    if not session.tells or session.books is None:
        if session.tells and session.unusable is not None:
            await _tell_of_store(session, session.unusable)
        return await _scan_once(session, show)
    from snipersight.cli.scan_telling import ScanTeller

    teller = ScanTeller(session, session.books)
    try:
        report = await teller.run(lambda: _scan_once(session, show))
        await teller.tell(report, show)
        return report
    finally:
        await teller.close()


async def _scan_once(session: Session, show: Report) -> ScanReport:
    from snipersight.engine.scan import run_scan

    report = await run_scan(
        session.request,
        source=session.source,
        gate=session.gate,
        account=session.account,
        sink=session.sink,
        progress=show,
    )
    if session.books is not None:
        sign_audit(session.books)
    return report


async def _tell_of_store(session: Session, error: StateUnavailable) -> None:
    from snipersight.bootstrap.direct_alert import tell_of_store

    surroundings = session.surroundings
    stamps = surroundings.home.cache() if surroundings.is_writable else None
    await tell_of_store(surroundings.settings, error, stamps=stamps)


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
