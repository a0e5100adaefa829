"""The lines around the plans: what was looked at, as of when, and what was left out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from snipersight.domain import wording as texts
from snipersight.domain.decision import Stage

if TYPE_CHECKING:
    from snipersight.engine.report import RankedPlan, ScanReport

_STAGES: Final = tuple(stage.value for stage in Stage)
_NAMED_REASONS: Final = 4
_RANK: Final = re.compile(r"^rank \d+")  # each symbol below the cut has a rank of its own


def heading(report: ScanReport) -> str:
    """Return one line that says what the scan looked at."""
    profile = report.profile
    frames = profile.timeframes
    return " · ".join(
        (
            f"{report.venue}",
            f"as of {texts.minute_of(report.as_of_ms)} UTC",
            f"profile {profile.name} ({frames.bias}/{frames.zone}/{frames.trigger})",
            texts.counted(len(report.universe), "symbol"),
        )
    )


def account_line(report: ScanReport) -> str:
    """Return one line about the account the sizes belong to."""
    account = report.account
    if not account.equity.is_finite():
        return (
            f"The equity of account {account.account_id} is not known, so nothing is approved: "
            f"{account.source}."
        )
    source = f" from {account.source}" if account.source else ""
    return (
        f"Account {account.account_id}: sized for {texts.amount_text(account.equity)} {account.currency}{source}, "
        f"risking at most {texts.percent(report.profile.sizing.risk_fraction)} a trade."
    )


def funnel_rows(report: ScanReport) -> tuple[tuple[str, int], ...]:
    """Return reasons and counts in the order of the pipeline, the most frequent first."""
    return tuple(sorted(report.funnel, key=lambda row: (_stage_rank(row[0]), -row[1], row[0])))


def funnel_total(report: ScanReport) -> int:
    """Return how many candidates there were."""
    return sum(count for _reason, count in report.funnel)


def notes(report: ScanReport, shown: tuple[RankedPlan, ...]) -> tuple[str, ...]:
    """Return the remarks below the tables: hidden plans, drops, regimes, warnings."""
    hidden = len(report.plans) - len(shown)
    lines = [account_line(report)]
    if hidden:
        lines.append(f"{hidden} more plans are not shown (--top {len(shown)}).")
    if report.dropped:
        lines.append(dropped_line(report))
    if report.regimes:
        states = ", ".join(f"{name} {count}" for name, count in sorted(report.regimes.items()))
        lines.append(f"Market states: {states}.")
    return (*lines, *(f"Note: {warning}" for warning in report.warnings))


def dropped_line(report: ScanReport) -> str:
    """Return one line that counts the left-out symbols by reason; JSON names every one."""
    groups: dict[str, list[str]] = {}
    for symbol, reason in report.dropped:
        groups.setdefault(_RANK.sub("a lower rank", reason), []).append(symbol)
    largest = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    parts = [_drop(reason, symbols) for reason, symbols in largest[:_NAMED_REASONS]]
    rest = sum(len(symbols) for _reason, symbols in largest[_NAMED_REASONS:])
    parts += [f"{rest} for other reasons"] if rest else []
    return f"Left out {texts.counted(len(report.dropped), 'symbol')}: {'; '.join(parts)}."


def _drop(reason: str, symbols: list[str]) -> str:
    return f"{symbols[0]} ({reason})" if len(symbols) == 1 else f"{len(symbols)} ({reason})"


def _stage_rank(reason: str) -> int:
    stage = reason.partition(":")[0]
    return _STAGES.index(stage) if stage in _STAGES else len(_STAGES)
