"""What `snipersight audit list` shows: one line a record."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from rich import box
from rich.table import Table
from rich.text import Text

from snipersight.bootstrap.audit_text import moment_text, part, summary
from snipersight.bootstrap.gate import WHAT_IF
from snipersight.cli.audit_opening import open_for_reading
from snipersight.cli.console import output
from snipersight.cli.exits import ExitCode
from snipersight.cli.moments import moment_us
from snipersight.domain.audit import AuditKind, AuditRecord
from snipersight.domain.errors import ConfigInvalid
from snipersight.risk.audit.codec import APPROVED, REJECTED
from snipersight.risk.audit.query import AuditQuery, body_of, symbol_of
from snipersight.risk.audit_pipeline import record_json


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which records are asked for, as the user wrote it."""

    kinds: tuple[str, ...] = ()
    symbol: str | None = None
    since: str | None = None
    verdict: str | None = None


def show_list(
    env_file: Path | None, wanted: Wanted, *, account: str | None, limit: int, as_json: bool
) -> ExitCode:
    """Print the newest records that are wanted."""
    query = query_of(wanted)
    with open_for_reading(env_file, account) as audit:
        found = audit.log.records(audit.account_id, query, newest_first=True)
        records, name = list(islice(found, limit)), audit.account_id
    if as_json:
        listed = [record_json(record) for record in records]
        print(json.dumps({"account": name, "records": listed}, indent=2, ensure_ascii=False))
    elif records:
        console = output()
        console.print(Text(f"Account {name}", style="bold"))
        console.print(records_table(records))
    else:
        print(f"No record of account {name} matches.")
    return ExitCode.OK


def query_of(wanted: Wanted) -> AuditQuery:
    """Return what is asked for.

    Raises:
        ConfigInvalid: a kind, time or verdict is unknown.
    """
    kinds = tuple(kind.strip().lower() for kind in wanted.kinds)
    known = [kind.value for kind in AuditKind]
    for kind in kinds:
        if kind not in known:
            raise ConfigInvalid(
                f"{kind!r} is no kind of record",
                where="--kind",
                next_step=f"use one of {', '.join(known)}",
            )
    verdict = None if wanted.verdict is None else wanted.verdict.strip().lower()
    if verdict not in (None, APPROVED, REJECTED):
        raise ConfigInvalid(
            f"{wanted.verdict!r} is no verdict",
            where="--verdict",
            next_step=f"use {APPROVED} or {REJECTED}",
        )
    return AuditQuery(
        kinds=kinds,
        symbol=wanted.symbol,
        verdict=verdict,
        since_us=moment_us(wanted.since, option="--since"),
    )


def records_table(records: Sequence[AuditRecord]) -> Table:
    """Return records as a table, one line each."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("#", "time (UTC)", "kind", "market", "what", "about"):
        table.add_column(name, justify="right" if name == "#" else "left")
    for record in records:
        body = body_of(record)
        about = record.subject if len(record.subject) < 26 else f"{record.subject[:25]}…"
        table.add_row(
            str(record.seq),
            moment_text(record.at_us),
            record.kind,
            market(body),
            Text(_what(record, body)),
            Text(about),
        )
    return table


def _what(record: AuditRecord, body: dict[str, object]) -> str:
    """Return what a record says; a verdict for an equity that was only tried says so first."""
    said = summary(record, body)
    return f"{WHAT_IF}: {said}" if record.actor == WHAT_IF else said


def market(body: dict[str, object]) -> str:
    """Return direction and symbol, as far as a body tells them."""
    held = part(body, "plan") or part(body, "entry") or body
    direction = held.get("direction")
    parts = (direction if isinstance(direction, str) else "", symbol_of(body) or "")
    return " ".join(filter(None, parts))
