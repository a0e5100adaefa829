"""The signals that a question is about, read once; origins are never mixed, and that is said."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from snipersight.domain.errors import StateUnavailable
from snipersight.domain.evidence import EvidenceFilter, EvidenceStore, Kind, Origin

if TYPE_CHECKING:
    from snipersight.bot.telemetry.evidence_view import EvidenceView
    from snipersight.domain.evidence_columns import EvidenceTable, FactorColumns


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What a question is about, and everything that can be said of it.

    Args:
        wanted: the question, its origin chosen where there is any signal.
        view: its signals and their statistics.
        others: how many signals of other origins would match; they play no part.
    """

    wanted: EvidenceFilter
    view: EvidenceView
    others: tuple[tuple[Origin, int], ...] = ()

    @property
    def table(self) -> EvidenceTable:
        """Return the signals, whatever their verdict."""
        return self.view.table

    @property
    def told(self) -> EvidenceTable:
        """Return the approved signals."""
        return self.view.approved


def find(store: EvidenceStore, wanted: EvidenceFilter) -> Findings:
    """Read the signals a question is about.

    Args:
        store: where they are kept.
        wanted: the question; without an origin, live signals are meant if any match, else those of
            practice, else replayed ones.

    Raises:
        StateUnavailable: the store cannot be read.
    """
    from snipersight.bot.telemetry.evidence_view import EvidenceView, of_one_origin

    everything = store.table(wanted)
    origin, table = of_one_origin(everything)
    chosen = replace(wanted, origin=wanted.origin or origin)
    view = EvidenceView(
        origin=chosen.origin,
        table=table,
        scans=store.scans(chosen),
        read_factors=lambda: _factors(store, chosen, len(table)),
        is_whole=chosen.symbol is None,
    )
    counts = everything.origin.counts()
    others = [
        (one, counts[one.value]) for one in Origin if one is not origin and one.value in counts
    ]
    return Findings(wanted=chosen, view=view, others=tuple(others))


def actual_outcomes(store: EvidenceStore, findings: Findings) -> EvidenceTable:
    """Return the same signals with what happened to real orders.

    Raises:
        StateUnavailable: the store cannot be read.
    """
    return store.table(replace(findings.wanted, kind=Kind.ACTUAL))


_AGAIN: Final = "a scan is recording signals at this moment; ask again"


def _factors(store: EvidenceStore, wanted: EvidenceFilter, signals: int) -> FactorColumns:
    found = store.factors(wanted)
    if found.names and len(found.points) != signals:
        raise StateUnavailable(
            f"{signals:,} signals were read, and factors of {len(found.points):,}",
            where="evidence",
            next_step=_AGAIN,
        )
    return found
