"""Signals and how they ended, as rows, lines and JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from rich import box
from rich.console import Console, Group, RenderableType
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from snipersight.bootstrap.evidence.listing import OutcomeRow
from snipersight.cli.plan_cards import flow
from snipersight.cli.styles import side_style, tier_style
from snipersight.domain import wording as texts
from snipersight.domain.evidence import Outcome, OutcomeStatus

_UNBOUNDED: Final = 10_000
_HEADS: Final = ("Decided", "Signal", "Tier", "Verdict", "Modelled", "R", "Actual", "R")


def print_outcomes(rows: Sequence[OutcomeRow], console: Console) -> None:
    """Print a row for each signal where the window is wide enough, else wrapped lines."""
    table = _table(rows)
    natural = Measurement.get(console, console.options.update_width(_UNBOUNDED), table).maximum
    if natural <= console.width:
        console.print(table)
    else:
        console.print(Group(*(line for row in rows for line in _card(row, console.width))))


def outcome_json(row: OutcomeRow) -> dict[str, Any]:
    """Return a signal and its ends as JSON values; times are ISO 8601 in UTC, results in R."""
    signal = row.signal
    return {
        "plan_id": signal.plan_id,
        "account": signal.account_id,
        "origin": signal.origin.value,
        "profile": signal.profile,
        "venue": signal.venue,
        "symbol": signal.symbol,
        "timeframe": signal.timeframe.name,
        "direction": signal.direction.value,
        "tier": signal.tier,
        "score": signal.score,
        "risk_reward": signal.risk_reward,
        "decided_at": texts.iso_of(signal.decided_ms),
        "judged_at": texts.iso_of(signal.judged_ms),
        "verdict": signal.verdict.value,
        "reason": signal.reason,
        "modelled": None if row.modelled is None else _end_json(row.modelled),
        "actual": None if row.actual is None else _end_json(row.actual),
    }


def _end_json(outcome: Outcome) -> dict[str, Any]:
    return {
        "status": outcome.status.value,
        "ending": outcome.ending.value,
        "entered_at": _time(outcome.entered_ms),
        "ended_at": _time(outcome.ended_ms),
        "followed_to": _time(outcome.followed_to_ms),
        "filled_fraction": outcome.filled_fraction,
        "targets_hit": outcome.targets_hit,
        "gross_r": outcome.gross_r,
        "fees_r": outcome.fees_r,
        "slippage_r": outcome.slippage_r,
        "funding_r": outcome.funding_r,
        "net_r": outcome.net_r,
        "planned_r": outcome.planned_r,
        "mae_r": outcome.mae_r,
        "mfe_r": outcome.mfe_r,
        "is_ambiguous": outcome.is_ambiguous,
        "missing_bars": outcome.missing_bars,
        "note": outcome.note,
    }


def _time(time_ms: int) -> str | None:
    return texts.iso_of(time_ms) if time_ms else None


def _table(rows: Sequence[OutcomeRow]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for name in _HEADS:
        table.add_column(name, justify="right" if name == "R" else "left", no_wrap=True)
    for row in rows:
        table.add_row(*_cells(row))
    return table


def _cells(row: OutcomeRow) -> tuple[RenderableType, ...]:
    signal = row.signal
    return (
        Text(texts.minute_of(signal.decided_ms)),
        Text.assemble(
            (signal.direction.value, side_style(signal.direction)),
            " ",
            (signal.symbol, "bold"),
            (f" {signal.profile}", "dim"),
        ),
        Text(signal.tier, style=tier_style(signal.tier)),
        Text(signal.reason),
        Text(_state(row.modelled)),
        Text(_result(row.modelled)),
        Text(_state(row.actual) if row.actual is not None else ""),
        Text(_result(row.actual)),
    )


def _card(row: OutcomeRow, width: int) -> list[Text]:
    signal = row.signal
    title = Text.assemble(
        (signal.direction.value, side_style(signal.direction)),
        " ",
        (signal.symbol, "bold"),
        f" {signal.profile}, tier ",
        (signal.tier, tier_style(signal.tier)),
        f", {signal.reason}",
    )
    parts = [f"decided {texts.minute_of(signal.decided_ms)}", f"modelled {_told(row.modelled)}"]
    if row.actual is not None:
        parts.append(f"actual {_told(row.actual)}")
    parts.append(f"plan {signal.plan_id}")
    return [title, *(Text(line) for line in flow(parts, width))]


def _told(outcome: Outcome | None) -> str:
    return f"{_state(outcome)} {_result(outcome)}".rstrip()


def _state(outcome: Outcome | None) -> str:
    if outcome is None:
        return OutcomeStatus.WAITING.value
    ending = outcome.ending.value.replace("_", " ")
    return f"{outcome.status.value} ({ending})" if ending else outcome.status.value


def _result(outcome: Outcome | None) -> str:
    """Return the net result, as far as anything was entered."""
    if outcome is None or not outcome.status.was_entered:
        return ""
    return f"{outcome.net_r:+.2f}"
