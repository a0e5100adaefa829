"""An explanation for a terminal: what is known, what was judged, and the number behind each verdict."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from snipersight.cli.reading_text import reading_table, zone_lines
from snipersight.cli.styles import side_style
from snipersight.cli.verdict_text import checks_for, factor_table, plan_lines, size_line
from snipersight.domain import wording as texts
from snipersight.domain.decision import Approved, Candidate, Stage
from snipersight.domain.plan import PlanId
from snipersight.domain.ports import LeaderState

if TYPE_CHECKING:
    from snipersight.engine.explain import Explanation

_TREND_WORDS = {-1: "down", 0: "none yet", 1: "up"}


def print_explanation(explanation: Explanation, heading: str, console: Console) -> None:
    """Print an explanation, the newest verdict first.

    Args:
        explanation: what the engine found.
        heading: source, time and profile in one line.
        console: where to.
    """
    console.print(Text(f"{explanation.symbol} · {heading}", style="bold"))
    console.print(Text.assemble("Verdict: ", verdict_of(explanation.candidates)))
    _section(console, "What each timeframe knows", _readings(explanation))
    if explanation.leader is not None:
        _section(console, "What BTC says", [Text(leader_line(explanation.leader))])
    newest_first = sorted(explanation.candidates, key=lambda each: each.at_ms, reverse=True)
    sizes = {decision.plan.plan_id: decision for decision in explanation.approved}
    _section(
        console,
        "What was judged",
        [_candidate(each, sizes, console.width) for each in newest_first],
    )
    _section(console, "Notes", [Text(f"• {note}") for note in explanation.notes])


def verdict_of(candidates: Iterable[Candidate]) -> Text:
    """Return the newest verdict in one line: a live plan, or why there is none."""
    newest = max(candidates, key=lambda each: each.at_ms, default=None)
    if newest is None:
        return Text("nothing was judged")
    if newest.reason is None or newest.reason.stage is Stage.APPROVED:
        side = newest.plan.direction if newest.plan else newest.direction
        style = side_style(side) if side else "bold"
        return Text(f"a {side} plan" if side else "a plan", style=style)
    text = f"{newest.reason}: {newest.detail}" if newest.detail else str(newest.reason)
    return Text(text, style="bold")


def leader_line(leader: LeaderState) -> str:
    """Return the leading market's state in words."""
    if leader.known_at_ms is None:
        return "nothing is known yet"
    regime = leader.regime.value if leader.regime else "not known yet"
    known = texts.minute_of(leader.known_at_ms)
    return f"trend {_TREND_WORDS[leader.trend]}, market state {regime}, known since {known} UTC"


def _readings(explanation: Explanation) -> list[RenderableType]:
    if not explanation.readings:
        return []
    zones = (zone_lines(role, found) for role, found in explanation.readings.items())
    return [reading_table(explanation.readings), *zones]


def _candidate(
    candidate: Candidate, sizes: Mapping[PlanId, Approved], width: int
) -> RenderableType:
    reason = "a plan" if candidate.reason is None else str(candidate.reason)
    side = candidate.direction
    title = Text.assemble(
        f"{texts.minute_of(candidate.at_ms)} UTC  ",
        (f"{side.value} " if side else "", side_style(side) if side else ""),
        (reason, "bold"),
        f"  setup {candidate.setup_id}" if candidate.setup_id else "",
    )
    parts: list[RenderableType] = [title]
    if candidate.detail:
        parts.append(Text(candidate.detail))
    if candidate.checks:
        parts.append(checks_for(candidate.checks, width))
    if candidate.plan is not None:
        decision = sizes.get(candidate.plan.plan_id)
        parts += [] if decision is None else [size_line(decision)]
        parts += [*plan_lines(candidate.plan), factor_table(candidate.plan.confluence)]
    return Padding(Group(*parts), (0, 0, 1, 0))


def _section(console: Console, title: str, parts: list[RenderableType]) -> None:
    if parts:
        console.print()
        console.print(Text(title, style="bold underline"))
        console.print(Group(*parts))
