"""Plans as cards of wrapped lines, for windows too narrow for a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.cells import cell_len
from rich.console import Group
from rich.text import Text

from snipersight.cli.plan_view import PlanView
from snipersight.cli.styles import side_style, tier_style

_INDENT: Final = "    "
_DOT: Final = " · "


def cards(views: Sequence[PlanView], width: int) -> Group:
    """Return one card a plan, with an empty line between them.

    Args:
        views: the plans, best first.
        width: columns of the window; a part longer than that stands alone on its line.
    """
    parts: list[Text] = []
    for view in views:
        parts += [Text(), *card(view, width)] if parts else card(view, width)
    return Group(*parts)


def card(view: PlanView, width: int) -> list[Text]:
    """Return the lines of one plan."""
    rows = (
        (f"entry {view.entry_near} – {view.entry_far}", f"last {view.last} ({view.distance})"),
        (f"stop {view.stop} ({view.stop_distance})", f"reward {view.risk_reward}"),
        tuple(
            f"T{place} {price} {r_multiple} {share}"
            for place, (price, r_multiple, share) in enumerate(view.targets, start=1)
        ),
        (
            f"size {view.size} = {view.notional}",
            f"margin {view.margin} at {view.leverage}",
            f"risk {view.risk} ({view.risk_percent})",
        ),
        (f"{view.status}, valid until {view.valid_until} UTC", f"plan {view.plan_id}"),
    )
    lines = [line for row in rows for line in flow(row, width)]
    return [_title(view), *(Text(line) for line in lines)]


def flow(parts: Sequence[str], width: int) -> list[str]:
    """Return the parts joined by dots, broken between parts so that each line fits the width."""
    lines: list[str] = []
    for part in parts:
        longer = f"{lines[-1]}{_DOT}{part}" if lines else ""
        if lines and cell_len(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(f"{_INDENT}{part}")
    return lines


def _title(view: PlanView) -> Text:
    return Text.assemble(
        f"{view.rank:>2}. ",
        (view.direction.value, side_style(view.direction)),
        " ",
        (view.symbol, "bold"),
        f" {view.market}{_DOT}tier ",
        (view.tier, tier_style(view.tier)),
        f"{_DOT}score {view.score}",
    )
