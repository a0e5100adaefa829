"""What `snipersight scan` does once its words are understood."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.to_end import run_to_end
from snipersight.cli.account_opening import sign_audit
from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import say
from snipersight.cli.opening import ScanOptions, open_for
from snipersight.cli.options import ReportFormat, ThemeName
from snipersight.cli.scan_executing import (
    ExecuteWords,
    execute_plans,
    require_executable,
    world_of,
)
from snipersight.cli.trouble import trouble_lines
from snipersight.domain.decision import Stage
from snipersight.market.universe import is_ranked

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
    execution: ExecuteWords | None = None,
) -> ExitCode:
    """Scan, draw, print, execute, and return how it went.

    Args:
        options: what to scan.
        top: how many plans to show, None for all.
        output_format: what goes to stdout.
        charts: folder for pictures, None for none.
        theme: their colours.
        execution: how the plans that are shown are executed; None: they are not.

    Raises:
        ConfigInvalid: an option or setting is wrong, or the plans must not be executed so.
    """
    if execution is not None:
        require_executable(options)
    session = open_for(options)
    run = _Run(session, options, output_format=output_format, execution=execution)
    report, refused = run_to_end(run.through(top=top, charts=charts, theme=theme))
    session.compile_cache.remember_warm()
    code = exit_code_for(report, is_named=run.is_named, has_ledger=session.books is not None)
    return ExitCode.PARTIAL if refused and code is ExitCode.OK else code


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


class _Run:
    """One scan from its session to the last thing that is done with its report."""

    def __init__(
        self,
        session: Session,
        options: ScanOptions,
        *,
        output_format: ReportFormat,
        execution: ExecuteWords | None,
    ) -> None:
        self._session = session
        self._options = options
        self._format = output_format
        self._execution = execution
        self.is_named = not is_ranked(session.request.symbols)

    async def through(
        self, *, top: int | None, charts: Path | None, theme: ThemeName
    ) -> tuple[ScanReport, int]:
        """Scan, show, execute; return the report and how many of its plans were refused then."""
        session, words = self._session, self._execution
        try:
            # Refused before anything is looked at: a scan takes a while.
            world = (
                None if words is None else world_of(session, words, env_file=self._options.env_file)
            )
            report, pictures = await _scan(session, top=top, charts=charts, theme=theme)
            self._show(report, report.plans[:top], pictures)
            await self._keep(report, is_executing=world is not None)
            if world is None or words is None or session.books is None:
                return report, 0
            plans = [one.plan for one in report.plans[:top]]
            return report, await execute_plans(
                session, self._options, plans, world=world, words=words
            )
        finally:
            await session.close(say)

    async def _keep(self, report: ScanReport, *, is_executing: bool) -> None:
        """Leave evidence, after the plans were shown: whoever scans does not wait for it."""
        from snipersight.bootstrap.evidence.scan_evidence import Asked, keep_scan, left_sentence

        options = self._options
        asked = Asked(
            choice=options.source,
            is_past=options.as_of is not None,
            is_what_if=options.balance is not None,
            follows=not is_executing,  # orders do not wait
        )
        counts = await keep_scan(
            self._session, report, asked, warn=lambda text: say(f"warning: {text}")
        )
        if left := left_sentence(counts):
            say(left)

    def _show(
        self,
        report: ScanReport,
        plans: tuple[RankedPlan, ...],
        pictures: Mapping[str, str],
    ) -> None:
        for line in trouble_lines(self._session.sink.counts):
            say(f"warning: {line}")
        for symbol, reason in report.dropped if self.is_named else ():
            say(f"warning: {symbol} is left out: {reason}")
        _write(report, plans, pictures, self._format)


async def _scan(
    session: Session, *, top: int | None, charts: Path | None, theme: ThemeName
) -> tuple[ScanReport, Mapping[str, str]]:
    from snipersight.cli.console import progress

    with progress() as on_progress:
        report = await _scan_and_tell(session, on_progress)
    if charts is None:
        return report, {}
    from snipersight.cli.picturing import save_pictures

    return report, await save_pictures(report, session.source, charts, top=top, theme=theme)


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
