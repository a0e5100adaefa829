"""Whether each gate earns its keep: what the signals it refused would have brought."""

from __future__ import annotations

import numpy as np

from snipersight.bot.telemetry.statistics.columns import coded, is_approved, where
from snipersight.bot.telemetry.statistics.expectancies import GroupedExpectancies, expectancies_of
from snipersight.bot.telemetry.statistics.words import r_range, side_of, signed_r
from snipersight.domain.evidence_columns import EvidenceTable
from snipersight.domain.statistics import ENOUGH, Enough, Expectancy, GateWorth


def gate_worths_of(table: EvidenceTable, *, enough: Enough = ENOUGH) -> tuple[GateWorth, ...]:
    """Return what each gate's refused signals would have brought beside the approved ones.

    Every refused signal is taken alone: that it would have used up budget for others, and that
    it may have failed a second gate as well, is not in it. Each interval stands for itself: of
    twenty gates that do nothing, one will look as if it did.

    Args:
        table: signals of all verdicts with modelled outcomes.
        enough: below it a side has no average.

    Returns:
        Gates in the order of how many signals they refused, most first.
    """
    approved = is_approved(table)
    gates = coded(where(table, ~approved).reason)
    group = np.zeros(len(table), dtype=np.int64)  # 0: approved
    group[~approved] = gates.codes + 1
    found = expectancies_of(table, group, len(gates.names) + 1, enough=enough)
    refused = np.bincount(group, minlength=len(gates.names) + 1)
    worths = [
        _worth(gate, found, place, refused=int(refused[place]))
        for place, gate in enumerate(gates.names, start=1)
    ]
    return tuple(sorted(worths, key=lambda one: (-one.refused, one.gate)))


def _worth(gate: str, found: GroupedExpectancies, place: int, *, refused: int) -> GateWorth:
    its, approved = found.each[place], found.each[0]
    apart = found.difference(0, place)
    difference, low, high = apart[:3] if apart is not None else (None, None, None)
    return GateWorth(
        gate=gate,
        refused=refused,
        closed=its.n,
        refused_expectancy=its,
        approved_expectancy=approved,
        difference=difference,
        low=low,
        high=high,
        sentence=_sentence(gate, its, approved, apart),
    )


def _sentence(
    gate: str,
    its: Expectancy,
    approved: Expectancy,
    apart: tuple[float, float, float, float] | None,
) -> str:
    if apart is None or its.mean_r is None:
        side, less = ("refused", its) if its.mean_r is None else ("approved", approved)
        return f"{gate}: {less.sentence} among the {side}"
    difference, low, high, _ = apart
    would = f"what it refused would have brought {signed_r(its.mean_r)} a closed signal"
    beside = f"approved less refused {signed_r(difference)} ({r_range(low, high)})"
    lies = side_of(low, high)
    if lies > 0:
        return f"{gate} keeps out worse signals: {would}, {beside}"
    if lies < 0:
        return f"{gate} keeps out better signals: {would}, {beside}"
    return f"{gate} does nothing that chance does not explain: {would}, {beside}"
