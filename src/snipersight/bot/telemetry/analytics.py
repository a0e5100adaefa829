"""Signals into the evidence, and what the evidence says."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from snipersight.bot.telemetry.registry import AnalyticsPorts, defaults
from snipersight.bot.telemetry.statistics.grouping import GroupBy
from snipersight.domain.decision import Stage, TerminalReason
from snipersight.domain.errors import StateUnavailable
from snipersight.domain.evidence import (
    EvidenceFilter,
    EvidenceStore,
    ScanCount,
    SignalKey,
    SignalRecord,
)
from snipersight.domain.plan import TradePlan
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

if TYPE_CHECKING:  # numpy and the statistics are loaded by whoever asks for one
    from snipersight.bot.telemetry.evidence_view import EvidenceView
    from snipersight.domain.evidence_columns import FactorColumns

_ALL: Final = EvidenceFilter()
_STAGES: Final = frozenset(stage.value for stage in Stage)
_AFTER_PLANNING: Final = frozenset({Stage.GATED.value, Stage.DECLINED.value, Stage.REJECTED.value})


class Analytics:
    """Keeps signals and says what they were worth.

    What bootstrap registered is used where no store is named; where nothing was, every method
    raises `StateUnavailable`. Statistics never mix origins: where the filter names none, they
    are of the live signals if there are any, else of practice, else of replays.

    Args:
        store: of signals and outcomes; None: the registered one.
        clock_ms: milliseconds UTC; None: the registered one.
        enough: below it nothing is estimated.
    """

    def __init__(
        self,
        *,
        store: EvidenceStore | None = None,
        clock_ms: Callable[[], int] | None = None,
        enough: Enough = ENOUGH,
    ) -> None:
        self._store = store
        self._clock_ms = clock_ms
        self._enough = enough

    def track_signal_generated(self, plan: TradePlan) -> SignalKey | None:
        """Keep an approved plan, so that it is followed; the same plan again changes nothing.

        A scan keeps its own signals; this is for code that makes plans another way.

        Returns:
            The key of the signal; None where analytics is switched off.

        Raises:
            StateUnavailable: nothing is registered, or the store cannot be used.
            DataInvalid: the market of the plan is unknown.
        """
        return self._track(plan, Stage.APPROVED.value)

    def track_signal_rejected(
        self, rejection_reason: TerminalReason | str, *, plan: TradePlan | None = None
    ) -> SignalKey | None:
        """Count a refused signal by its reason; with its plan it is also followed.

        Args:
            rejection_reason: terminal reason, `rejected:max_total`; a text that names no stage is
                taken for one of the risk gate's.
            plan: what was refused; None where only the reason is known.

        Returns:
            The key of the signal; None without a plan, or where analytics is switched off.

        Raises:
            StateUnavailable: nothing is registered, or the store cannot be used.
            DataInvalid: the market of the plan is unknown.
            ValueError: the reason is empty or an approval, or one that no plan can have.
        """
        reason = _refusal(str(rejection_reason))
        if plan is not None:
            if reason.partition(":")[0] not in _AFTER_PLANNING:
                raise ValueError(f"{reason!r} ends a candidate before it has a plan")
            return self._track(plan, reason)
        ports = self._ports()
        if ports.is_enabled:
            self._evidence().record(
                self._count(ports, f"tracked:{secrets.token_hex(8)}", reason), ()
            )
        return None

    def view(self, wanted: EvidenceFilter = _ALL) -> EvidenceView:
        """Return one look at the evidence, for whoever asks for more than one statistic.

        Raises:
            StateUnavailable: there is no store, or it cannot be used.
        """
        from snipersight.bot.telemetry.evidence_view import EvidenceView, of_one_origin

        store = self._evidence()
        origin, table = of_one_origin(store.table(wanted))
        one = replace(wanted, origin=wanted.origin or origin)
        return EvidenceView(
            origin=one.origin,
            table=table,
            scans=store.scans(one),
            read_factors=lambda: _factors(store, one, len(table)),
            is_whole=one.symbol is None,
            enough=self._enough,
        )

    def calculate_hit_rate(self, wanted: EvidenceFilter = _ALL) -> HitRate:
        """Return how many approved signals hit, of those that were entered and closed."""
        return self.view(wanted).hit_rate()

    def get_rr_distribution(self, wanted: EvidenceFilter = _ALL) -> RiskRewards:
        """Return the spread of planned reward to risk, and of what came of it."""
        return self.view(wanted).risk_rewards()

    def get_regime_performance(self, wanted: EvidenceFilter = _ALL) -> tuple[GroupStats, ...]:
        """Return how signals do in each regime of the market."""
        return self.view(wanted).groups(GroupBy.REGIME)

    def tiers(self, wanted: EvidenceFilter = _ALL) -> tuple[GroupStats, ...]:
        """Return how signals of each quality tier do."""
        return self.view(wanted).groups(GroupBy.TIER)

    def tier_comparison(
        self, better: str = "A", worse: str = "C", *, wanted: EvidenceFilter = _ALL
    ) -> TierComparison:
        """Return whether one tier does better than another, net of costs, and how sure that is."""
        return self.view(wanted).tier_comparison(better, worse)

    def rejections(self, wanted: EvidenceFilter = _ALL) -> Funnel:
        """Return how candidates ended by stage, each with how many came as far."""
        return self.view(wanted).funnel()

    def expectancy(self, wanted: EvidenceFilter = _ALL) -> Expectancy:
        """Return what a closed signal brings on average, R net of costs."""
        return self.view(wanted).expectancy()

    def groups(self, by: GroupBy, wanted: EvidenceFilter = _ALL) -> tuple[GroupStats, ...]:
        """Return how groups of signals do, by what they have in common."""
        return self.view(wanted).groups(by)

    def factors(self, wanted: EvidenceFilter = _ALL) -> tuple[GroupStats, ...]:
        """Return how signals do with and without each factor."""
        return self.view(wanted).factors()

    def calibration(self, wanted: EvidenceFilter = _ALL) -> Calibration:
        """Return what scores have meant."""
        return self.view(wanted).calibration

    def gates(self, wanted: EvidenceFilter = _ALL) -> tuple[GateWorth, ...]:
        """Return what each gate's refused signals would have brought."""
        return self.view(wanted).gates()

    def alarms(self, wanted: EvidenceFilter = _ALL) -> tuple[Alarm, ...]:
        """Return the properties of signals that are stuck or vary too little."""
        return self.view(wanted).alarms()

    def drift(self, wanted: EvidenceFilter = _ALL) -> tuple[Drift, ...]:
        """Return whether recent signals of a profile differ from its own history."""
        return self.view(wanted).drifts()

    def _track(self, plan: TradePlan, reason: str) -> SignalKey | None:
        ports = self._ports()
        if not ports.is_enabled:
            return None
        record = ports.describe(plan, reason)
        self._evidence().record(_count_of(record), [record])
        return record.key

    def _count(self, ports: AnalyticsPorts, context_id: str, reason: str) -> ScanCount:
        clock_ms = ports.clock_ms if self._clock_ms is None else self._clock_ms
        return ScanCount(
            context_id=context_id,
            account_id=ports.account_id,
            origin=ports.origin,
            profile=ports.profile,
            venue=ports.venue,
            at_ms=clock_ms(),
            symbols=1,
            funnel={reason: 1},
        )

    def _ports(self) -> AnalyticsPorts:
        known = defaults()
        if known is None:
            raise _unregistered("whose signals are tracked was not registered")
        return known

    def _evidence(self) -> EvidenceStore:
        if self._store is not None:
            return self._store
        known = defaults()
        if known is None:
            raise _unregistered("no store of signals was registered")
        return known.store


def _unregistered(what: str) -> StateUnavailable:
    return StateUnavailable(
        what, where="Analytics", next_step="open the telemetry first, or hand a store in"
    )


def _refusal(text: str) -> str:
    """Return a refusal as a terminal reason."""
    stage, _, _ = text.partition(":")
    if not text.strip() or stage == Stage.APPROVED.value:
        raise ValueError(f"{text!r} is no reason to refuse a signal")
    return text if stage in _STAGES else f"{Stage.REJECTED.value}:{text}"


def _count_of(record: SignalRecord) -> ScanCount:
    """Return the count of a single signal; told again it replaces itself."""
    return ScanCount(
        context_id=f"tracked:{record.key}",
        account_id=record.account_id,
        origin=record.origin,
        profile=record.profile,
        venue=record.venue,
        at_ms=record.judged_ms,
        symbols=1,
        funnel={record.reason: 1},
    )


def _factors(store: EvidenceStore, wanted: EvidenceFilter, signals: int) -> FactorColumns:
    found = store.factors(wanted)
    if found.names and len(found.points) != signals:
        raise StateUnavailable(
            f"{len(found.points):,} signals have factors and {signals:,} were read",
            where="evidence",
            next_step="a scan is recording signals; ask again",
        )
    return found
