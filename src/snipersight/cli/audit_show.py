"""What `snipersight audit show` shows: one record on one page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from snipersight.bootstrap.audit_judging import newest_decision, records_of
from snipersight.bootstrap.audit_text import (
    Body,
    moment_text,
    part,
    short_text,
    summary,
    value_text,
)
from snipersight.cli.audit_list import market, records_table
from snipersight.cli.audit_opening import open_for_reading
from snipersight.cli.console import output
from snipersight.cli.exits import ExitCode
from snipersight.domain.audit import AuditKind, AuditRecord
from snipersight.risk.audit.query import body_of
from snipersight.risk.audit_pipeline import record_json

if TYPE_CHECKING:
    from rich.console import RenderableType

_SIZES = ("size", "notional", "margin", "leverage", "risk", "risk_fraction", "reservation_id")
_AMOUNTS = ("risk", "notional", "margin")
_VERDICT_STYLES = {"approved": "bold green", "rejected": "bold red"}


def show_record(
    env_file: Path | None, which: str, *, account: str | None, as_json: bool
) -> ExitCode:
    """Print a record, or a plan's newest verdict and all that happened to the plan."""
    with open_for_reading(env_file, account, about=which) as audit:
        found = records_of(audit, which)
    record = newest_decision(found)
    if as_json:
        values = {
            "account": record.account_id,
            "record": record_json(record),
            "records": [record_json(one) for one in found],
        }
        print(json.dumps(values, indent=2))
        return ExitCode.OK
    console = output()
    print_record(record, console)
    if len(found) > 1:
        console.print("\nEverything about it:")
        console.print(records_table(found))
    return ExitCode.OK


def print_record(record: AuditRecord, console: Console) -> None:
    """Print one record so that a person can read it."""
    body = body_of(record)
    title = Text(f"Record {record.seq}  {record.kind}  ", style="bold")
    console.print(title + Text(summary(record, body), style=_style(body)))
    console.print(_facts(_of_record(record)))
    if record.kind == AuditKind.DECISION and "checks" in body:
        _print_decision(body, console)
    else:
        console.print()
        console.print(Text(json.dumps(body, indent=2, ensure_ascii=False)))
    console.print(_facts({"hash": record.hash, "behind": record.prev_hash}))


def _print_decision(body: Body, console: Console) -> None:
    for name, facts in (
        ("Plan", _of_plan(body)),
        ("Market and account", _of_inputs(body)),
        ("Size", _of_sizes(body)),
        ("Judged by", {"limits": body.get("policy"), "code": body.get("code")}),
    ):
        known = {key: value for key, value in facts.items() if value not in (None, "")}
        if known:
            console.print(Text(f"\n{name}", style="bold"))
            console.print(_facts(known))
    console.print(Text("\nChecks", style="bold"))
    console.print(_checks_table(body))


def _of_record(record: AuditRecord) -> dict[str, object]:
    return {
        "time": f"{moment_text(record.at_us)} UTC",
        "by": record.actor,
        "about": record.subject,
        "account": record.account_id,
    }


def _of_plan(body: Body) -> dict[str, object]:
    plan = part(body, "plan")
    if not plan:
        return {}
    stop = part(plan, "stop_loss")
    edges = [value_text(plan.get(name)) for name in ("entry_near", "entry_far")]
    return {
        "market": f"{market(dict(body))} on {plan.get('venue')}",
        "profile": f"{plan.get('profile')}, {plan.get('trade_type')}",
        "entry": " to ".join(edges),
        "stop": f"{value_text(stop.get('price'))}  {stop.get('rationale') or ''}".rstrip(),
        "targets": _targets(plan),
        "net R": short_text(plan.get("risk_reward")),
        "made": f"{plan.get('created_at')}, valid until {plan.get('valid_until')}",
    }


def _targets(plan: Body) -> str:
    held = plan.get("targets")
    targets = held if isinstance(held, list) else []
    return ", ".join(
        f"{value_text(one.get('price'))} × {value_text(one.get('fraction'))}"
        for one in targets
        if isinstance(one, Mapping)
    )


def _of_inputs(body: Body) -> dict[str, object]:
    inputs = part(body, "inputs")
    if not inputs:
        return {}
    account, facts, view = part(inputs, "account"), part(inputs, "facts"), part(inputs, "view")
    reference, total = part(facts, "reference"), part(view, "total")
    price = f"{reference.get('price')} ({reference.get('source')})" if reference else "unknown"
    claims = ", ".join(f"{name} {short_text(total.get(name))}" for name in _AMOUNTS)
    return {
        "equity": f"{value_text(account.get('equity'))} {account.get('currency')}",
        "reference price": price,
        "24 hours' value": value_text(facts.get("quote_volume")),
        "ledger": f"{view.get('positions')} claims: {claims}",
        "breakers": ", ".join(_names(inputs.get("tripped"))),
    }


def _names(breakers: object) -> list[str]:
    held = breakers if isinstance(breakers, list) else []
    return [str(one.get("name")) for one in held if isinstance(one, Mapping)]


def _of_sizes(body: Body) -> dict[str, object]:
    sizes = part(body, "sizes")
    return {name.replace("_", " "): short_text(sizes[name]) for name in _SIZES if sizes.get(name)}


def _checks_table(body: Body) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("", "check", "measured", "limit", "in words"):
        table.add_column(name)
    checks = body.get("checks")
    for check in checks if isinstance(checks, list) else ():
        passed = check.get("passed") is True
        mark = Text("passed", style="green") if passed else Text("FAILED", style="bold red")
        table.add_row(
            mark,
            str(check.get("code")),
            Text(short_text(check.get("measured"))),
            Text(short_text(check.get("limit"))),
            Text(str(check.get("sentence") or "")),
        )
    return table


def _facts(facts: Mapping[str, object]) -> RenderableType:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim")
    table.add_column()
    for name, value in facts.items():
        table.add_row(name, Text(value_text(value)))
    return table


def _style(body: Body) -> str:
    return _VERDICT_STYLES.get(str(body.get("verdict")), "")
