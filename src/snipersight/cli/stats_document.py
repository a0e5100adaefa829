"""What `stats` says, as sentences and tables that a terminal and Markdown show alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from snipersight.bot.telemetry.statistics.grouping import GroupBy
from snipersight.cli.evidence_options import By
from snipersight.cli.stats_grids import (
    Grid,
    funnel_grid,
    gates_grid,
    groups_grid,
    spread_grid,
    tiers_grid,
)
from snipersight.cli.stats_words import about, heading, next_steps, reading, sentence

if TYPE_CHECKING:
    from snipersight.bootstrap.findings import Findings


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A table with its title and a sentence.

    Args:
        title: what it is about.
        says: what it shows; may be empty.
        grid: its numbers; None where there are none.
        notes: what the numbers mean, a sentence each.
    """

    title: str
    says: str = ""
    grid: Grid | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """Everything a view shows.

    Args:
        title: how many signals of which origin.
        about: lines below it: period, filters, what is left out.
        answers: questions and sentences, most important first.
        sections: tables.
        remarks: what to do next.
    """

    title: str
    about: tuple[str, ...]
    answers: tuple[tuple[str, str], ...] = ()
    sections: tuple[Section, ...] = ()
    remarks: tuple[str, ...] = ()


def overview(findings: Findings) -> Document:
    """Return the answers a trader looks for first, tiers, the spread of results, the funnel."""
    if not len(findings.table):
        return _document(findings)
    view = findings.view
    comparison, rewards, funnel = view.tier_comparison(), view.risk_rewards(), view.funnel()
    spread = rewards.realised
    return _document(
        findings,
        answers=reading(findings, comparison),
        sections=(
            Section(title="Tiers", says="", grid=tiers_grid(view.groups(GroupBy.TIER), comparison)),
            Section(
                title="Results in R, net of costs",
                says=sentence(spread.sentence),
                grid=spread_grid(spread) if spread.n else None,
            ),
            Section(title="Planned reward to risk", says=sentence(rewards.planned.sentence)),
            Section(
                title="How candidates ended",
                says=sentence(funnel.sentence),
                grid=funnel_grid(funnel) if funnel.candidates else None,
            ),
        ),
    )


def breakdown(findings: Findings, by: By) -> Document:
    """Return the signals by a property.

    Raises:
        StateUnavailable: the factors cannot be read.
    """
    if not len(findings.table):
        return _document(findings)
    view = findings.view
    title = f"By {by.value}"
    if by is By.GATE:
        gates = view.gates()
        section = Section(
            title=title,
            says="" if gates else "No refused signal is followed yet.",
            grid=gates_grid(gates) if gates else None,
            notes=tuple(one.sentence for one in gates),
        )
    else:
        groups = view.factors() if by is By.FACTOR else view.groups(GroupBy(by.value))
        section = Section(title=title, grid=groups_grid(by.value, groups))
    return _document(findings, sections=(section,))


def _document(
    findings: Findings,
    *,
    answers: tuple[tuple[str, str], ...] = (),
    sections: tuple[Section, ...] = (),
) -> Document:
    return Document(
        title=heading(findings),
        about=about(findings),
        answers=tuple((question, sentence(said)) for question, said in answers),
        sections=sections,
        remarks=tuple(map(sentence, next_steps(findings))),
    )
