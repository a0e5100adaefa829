"""One look at the evidence: every statistic of the same signals, each computed when asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from snipersight.bot.telemetry.statistics.alarms import alarms_of
from snipersight.bot.telemetry.statistics.calibration import calibration_of
from snipersight.bot.telemetry.statistics.columns import is_approved, where
from snipersight.bot.telemetry.statistics.drift import RECENT_DAYS, drifts_of
from snipersight.bot.telemetry.statistics.expectancies import expectancy_of
from snipersight.bot.telemetry.statistics.factors import factor_groups_of
from snipersight.bot.telemetry.statistics.funnels import funnel_of
from snipersight.bot.telemetry.statistics.gates import gate_worths_of
from snipersight.bot.telemetry.statistics.grouping import GroupBy
from snipersight.bot.telemetry.statistics.groups import groups_of
from snipersight.bot.telemetry.statistics.hit_rates import hit_rate_of
from snipersight.bot.telemetry.statistics.spreads import risk_rewards_of
from snipersight.bot.telemetry.statistics.tiers import compare_tiers
from snipersight.domain.evidence import Origin, ScanCount
from snipersight.domain.evidence_columns import EvidenceTable, FactorColumns
from snipersight.domain.statistics import (
    ENOUGH,
    Alarm,
    Calibration,
    Drift,
    Enough,
    Expectancy,
    Funnel,
    GateWorth,
    GroupStats,
    HitRate,
    RiskRewards,
    TierComparison,
)

# Present prices say most, a replay says least about what is to come.
_PREFERRED: Final = (Origin.LIVE, Origin.PRACTICE, Origin.REPLAY)


_NO_FUNNEL: Final = Funnel(
    scans=0,
    candidates=0,
    stages=(),
    sentence="candidates are counted by scan, over all its symbols; ask without a symbol",
)


@dataclass(frozen=True, kw_only=True)
class EvidenceView:
    """Signals of one origin, read once, and everything that can be said of them.

    Rates and results are of the approved signals: what a trader was told. What the refused ones
    would have brought is told by `gates`.

    Args:
        origin: of the signals; None without any.
        table: signals of every verdict, oldest decision first.
        scans: counts of the scans they came from.
        read_factors: returns what the factors added, in the order of `table`.
        is_whole: False: the signals are of one symbol, which scans are not counted by.
        enough: below it nothing is estimated.
    """

    origin: Origin | None
    table: EvidenceTable
    scans: Sequence[ScanCount] = ()
    read_factors: Callable[[], FactorColumns] = field(default=FactorColumns)
    is_whole: bool = True
    enough: Enough = ENOUGH

    @cached_property
    def approved(self) -> EvidenceTable:
        """Return the approved signals."""
        return where(self.table, is_approved(self.table))

    def hit_rate(self) -> HitRate:
        """Return how many signals hit, with those beside it that neither hit nor missed."""
        return hit_rate_of(self.approved, enough=self.enough)

    def expectancy(self) -> Expectancy:
        """Return what a closed signal brings on average, net of costs."""
        return expectancy_of(self.approved, enough=self.enough)

    def risk_rewards(self) -> RiskRewards:
        """Return the spread of planned reward to risk, and of what came of it."""
        return risk_rewards_of(self.approved, enough=self.enough)

    def groups(self, by: GroupBy) -> tuple[GroupStats, ...]:
        """Return how groups of signals do."""
        return groups_of(self.table, by, enough=self.enough)

    def factors(self) -> tuple[GroupStats, ...]:
        """Return how signals do with and without each factor.

        Raises:
            StateUnavailable: the factors cannot be read.
        """
        return factor_groups_of(self.table, self.read_factors(), enough=self.enough)

    def funnel(self) -> Funnel:
        """Return how the candidates of the scans ended, with how many came as far."""
        if not self.is_whole:
            return _NO_FUNNEL
        return funnel_of(scans_of_one_origin(self.scans))

    @cached_property
    def calibration(self) -> Calibration:
        """Return what scores have meant."""
        return calibration_of(self.approved, enough=self.enough)

    def gates(self) -> tuple[GateWorth, ...]:
        """Return what each gate's refused signals would have brought."""
        return gate_worths_of(self.table, enough=self.enough)

    def tier_comparison(self, better: str = "A", worse: str = "C") -> TierComparison:
        """Return whether one tier does better than another, and how sure that is."""
        return compare_tiers(self.table, better=better, worse=worse, enough=self.enough)

    def alarms(self) -> tuple[Alarm, ...]:
        """Return the properties of signals that are stuck or vary too little."""
        return alarms_of(self.table)

    def drifts(self, *, recent_days: int = RECENT_DAYS) -> tuple[Drift, ...]:
        """Return whether recent signals differ from all before them."""
        return drifts_of(self.table, recent_days=recent_days, enough=self.enough)


def of_one_origin(table: EvidenceTable) -> tuple[Origin | None, EvidenceTable]:
    """Return the signals of one origin: live ones if there are any, else practice, else replay."""
    present = table.origin.counts()
    origin = next((one for one in _PREFERRED if one.value in present), None)
    if origin is None or len(present) == 1:
        return origin, table
    return origin, where(table, table.origin.equal(origin.value))


def scans_of_one_origin(scans: Sequence[ScanCount]) -> Sequence[ScanCount]:
    """Return the scans of one origin, chosen as that of signals is; most often all of them."""
    present = {one.origin for one in scans}
    origin = next((one for one in _PREFERRED if one in present), None)
    return scans if len(present) < 2 else [one for one in scans if one.origin is origin]
