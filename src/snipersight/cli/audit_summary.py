"""What `snipersight audit report` shows: the sum of a period, as Markdown or JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from snipersight.bootstrap.audit_text import moment_text
from snipersight.cli.audit_opening import open_for_reading
from snipersight.cli.exits import ExitCode
from snipersight.cli.moments import moment_us
from snipersight.domain.wording import counted
from snipersight.risk.audit.query import AuditQuery
from snipersight.risk.audit.report import AuditReport, Tally, report_of


def show_report(
    env_file: Path | None,
    *,
    since: str | None,
    until: str | None,
    account: str | None,
    as_json: bool,
) -> ExitCode:
    """Print the sum of a period."""
    query = AuditQuery(
        since_us=moment_us(since, option="--since"), until_us=moment_us(until, option="--until")
    )
    with open_for_reading(env_file, account) as audit:
        report, name = report_of(audit.log.records(audit.account_id, query)), audit.account_id
    if as_json:
        print(json.dumps(report.as_json() | {"account": name}, indent=2, ensure_ascii=False))
    else:
        print("\n".join(markdown(report, name)))
    return ExitCode.OK


def markdown(report: AuditReport, account_id: str) -> Iterator[str]:
    """Yield the lines of a report on an account, which may hold no record."""
    yield "# Audit report"
    yield ""
    if report.first_us is None or report.last_us is None:
        yield f"No record of account {account_id} lies in this period."
        return
    period = f"{moment_text(report.first_us)} to {moment_text(report.last_us)} UTC"
    yield f"Account {account_id}, {period}, {counted(sum(report.records.values()), 'record')}."
    yield ""
    yield (
        f"Approved: {report.approved:,}, of which {report.reserved:,} took budget. "
        f"Rejected: {report.rejected:,}."
    )
    yield from _table("Refusals by code", ("code", "decisions"), _counts(report.refusals))
    yield from _table("By symbol", ("symbol", "approved", "rejected"), _tallied(report.symbols))
    yield from _table("By day (UTC)", ("day", "approved", "rejected"), _tallied(report.days))
    approached = (
        (code, f"{held.times:,}", f"{held.highest * 100:.1f} %")
        for code, held in sorted(report.approached.items())
    )
    columns = ("limit", "decisions above 80 %", "highest use")
    yield from _table("Limits approached", columns, approached)
    yield from _table("Quality gates failed", ("gate", "times"), _counts(report.gates_failed))
    yield from _table("Breakers tripped", ("breaker", "times"), _counts(report.breakers))
    yield from _table("Records", ("kind", "records"), _counts(report.records))


def _table(title: str, columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    lines = [f"| {' | '.join(row)} |" for row in rows]
    if not lines:
        return
    yield from ("", f"## {title}", "", f"| {' | '.join(columns)} |")
    yield f"| --- |{' ---: |' * (len(columns) - 1)}"
    yield from lines


def _counts(counts: Mapping[str, int]) -> Iterator[tuple[str, ...]]:
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ((name, f"{count:,}") for name, count in ordered)


def _tallied(tallies: Mapping[str, Tally]) -> Iterator[tuple[str, ...]]:
    return (
        (name or "unknown", f"{tally.approved:,}", f"{tally.rejected:,}")
        for name, tally in sorted(tallies.items())
    )
