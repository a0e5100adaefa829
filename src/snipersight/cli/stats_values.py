"""Statistics for programs: one JSON object, or one line of CSV a group."""

from __future__ import annotations

import csv
import dataclasses
import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from snipersight.bot.telemetry.statistics.columns import setups_in
from snipersight.bot.telemetry.statistics.grouping import GroupBy
from snipersight.cli.evidence_options import By
from snipersight.domain.statistics import Expectancy, GateWorth, GroupStats
from snipersight.domain.wording import iso_of

if TYPE_CHECKING:
    from snipersight.bootstrap.findings import Findings

SCHEMA: Final = "snipersight.stats/1"
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def stats_json(findings: Findings, by: By | None) -> dict[str, Any]:
    """Return an overview, or groups, as JSON values; what is too little to say is null.

    Raises:
        StateUnavailable: the factors cannot be read.
    """
    wanted, times = findings.wanted, findings.table.decided_ms
    has_any = len(times) > 0
    head: dict[str, Any] = {
        "schema": SCHEMA,
        "origin": wanted.origin,
        "kind": wanted.kind,
        "profile": wanted.profile,
        "symbol": wanted.symbol,
        "account": wanted.account_id,
        "first": iso_of(int(times[0])) if has_any else None,
        "last": iso_of(int(times[-1])) if has_any else None,
        "signals": len(times),
        "approved": len(findings.told),
        "setups": setups_in(findings.told),
        "left_out": {origin.value: count for origin, count in findings.others},
    }
    return head | (_overview(findings) if by is None else _groups(findings, by))


def _overview(findings: Findings) -> dict[str, Any]:
    view = findings.view
    parts: Mapping[str, Any] = {
        "tier_comparison": view.tier_comparison(),
        "hit_rate": view.hit_rate(),
        "expectancy": view.expectancy(),
        "risk_rewards": view.risk_rewards(),
        "calibration": view.calibration,
        "funnel": view.funnel(),
    }
    lists: Mapping[str, Sequence[Any]] = {
        "tiers": view.groups(GroupBy.TIER),
        "alarms": view.alarms(),
        "drifts": view.drifts(),
    }
    return {name: dataclasses.asdict(part) for name, part in parts.items()} | {
        name: [dataclasses.asdict(one) for one in each] for name, each in lists.items()
    }


def _groups(findings: Findings, by: By) -> dict[str, Any]:
    found = [dataclasses.asdict(one) for one in _found(findings, by)]
    return {"by": by.value, "groups": found}


def _found(findings: Findings, by: By) -> Sequence[GroupStats | GateWorth]:
    if by is By.GATE:
        return findings.view.gates()
    return _group_stats(findings, by)


def _group_stats(findings: Findings, by: By) -> Sequence[GroupStats]:
    view = findings.view
    return view.factors() if by is By.FACTOR else view.groups(GroupBy(by.value))


def stats_csv(findings: Findings, by: By | None) -> str:
    """Return one line a group below its head; of the overview all signals and the tiers.

    Empty cells are too little to say. A name that a spreadsheet would take for a formula gets an
    apostrophe.

    Raises:
        StateUnavailable: the factors cannot be read.
    """
    out = io.StringIO()
    rows = _csv_rows(findings, by)
    writer = csv.DictWriter(out, fieldnames=list(_GATE_HEAD if by is By.GATE else _GROUP_HEAD))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().replace("\r\n", "\n")


def _csv_rows(findings: Findings, by: By | None) -> list[dict[str, object]]:
    if by is By.GATE:
        return [_gate_row(one) for one in findings.view.gates()]
    if by is not None:
        return [_group_row(by.value, one) for one in _group_stats(findings, by)]
    tiers = [_group_row("tier", one) for one in findings.view.groups(GroupBy.TIER)]
    return [_group_row("", _everything(findings)), *tiers]


def _everything(findings: Findings) -> GroupStats:
    from snipersight.bot.telemetry.statistics.groups import stats_of_group

    view = findings.view
    return stats_of_group(
        "all",
        signals=len(view.table),
        approved=view.approved,
        expectancy=view.expectancy(),
        enough=view.enough,
    )


_ESTIMATE: Final = ("mean_r", "low_r", "high_r")
_GROUP_HEAD: Final = (
    *("by", "name", "signals", "approved", "closed", "hits", "hit_rate", "hit_low", "hit_high"),
    *_ESTIMATE,
    *("mean_planned_rr", "median_mae_r", "median_mfe_r"),
    *("open", "waiting", "missed", "invalidated", "expired", "unknown"),
)
_GATE_HEAD: Final = (
    *("by", "name", "refused", "closed"),
    *_ESTIMATE,
    *("approved_less_refused_r", "low_difference_r", "high_difference_r"),
)


def _group_row(by: str, group: GroupStats) -> dict[str, object]:
    rate = group.hit_rate
    return {
        "by": by,
        "name": _plain(group.name),
        "signals": group.signals,
        "approved": group.approved,
        "closed": rate.closed,
        "hits": rate.hits,
        "hit_rate": rate.rate,
        "hit_low": rate.low,
        "hit_high": rate.high,
        **_estimate(group.expectancy),
        "mean_planned_rr": group.mean_planned_rr,
        "median_mae_r": group.median_mae_r,
        "median_mfe_r": group.median_mfe_r,
        "open": rate.open,
        "waiting": rate.waiting,
        "missed": rate.missed,
        "invalidated": rate.invalidated,
        "expired": rate.expired,
        "unknown": rate.unknown,
    }


def _gate_row(gate: GateWorth) -> dict[str, object]:
    return {
        "by": By.GATE.value,
        "name": _plain(gate.gate),
        "refused": gate.refused,
        "closed": gate.closed,
        **_estimate(gate.refused_expectancy),
        "approved_less_refused_r": gate.difference,
        "low_difference_r": gate.low,
        "high_difference_r": gate.high,
    }


def _estimate(one: Expectancy) -> dict[str, object]:
    return dict(zip(_ESTIMATE, (one.mean_r, one.low, one.high), strict=True))


def _plain(name: str) -> str:
    return f"'{name}" if name.startswith(_FORMULA) else name
