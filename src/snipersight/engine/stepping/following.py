"""How approved plans stand at each close: followed by the model that outcomes are told by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from snipersight.domain.candles import Candles
from snipersight.domain.decision import Stage, TerminalReason
from snipersight.domain.direction import Direction
from snipersight.domain.evidence import Origin, Outcome, SignalRecord
from snipersight.domain.instrument import Instrument
from snipersight.domain.plan import PlanId, TradePlan
from snipersight.domain.profile import Profile
from snipersight.engine.evidence import Circumstances, signal_record
from snipersight.engine.outcome_following import outcomes_of

_APPROVED: Final = TerminalReason(stage=Stage.APPROVED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """One approved plan as it stands at a close.

    Args:
        plan: the plan.
        outcome: how far it has come, by bars closed then.
    """

    plan: TradePlan
    outcome: Outcome


@dataclass(slots=True)
class PlanBook:
    """Follows every plan from the close that approved it to its end.

    Args:
        profile: its management.
    """

    profile: Profile
    _records: dict[PlanId, tuple[TradePlan, SignalRecord]] = field(default_factory=dict)
    _ended: set[PlanId] = field(default_factory=set)

    def take(self, plan: TradePlan, instrument: Instrument, *, at_ms: int) -> None:
        """Follow a plan from the close at which it was first approved; again changes nothing.

        Raises:
            DataInvalid: the fees of its market are unknown.
        """
        if plan.plan_id in self._records:
            return
        shared = Circumstances(
            account_id="replay", origin=Origin.REPLAY, context_id="stepping", profile=self.profile
        )
        record = signal_record(plan, _APPROVED, shared, instrument=instrument, judged_ms=at_ms)
        self._records[plan.plan_id] = (plan, record)

    @property
    def since_ms(self) -> int | None:
        """Return when the oldest plan that lives was decided; None where none lives."""
        living = [one for name, (_, one) in self._records.items() if name not in self._ended]
        return min((one.decided_ms for one in living), default=None)

    def at(
        self,
        trigger: Candles,
        finer: Candles | None,
        shifts: Mapping[int, Direction],
        *,
        at_ms: int,
    ) -> tuple[Followed, ...]:
        """Return every plan that lived before this close, those that it ended included.

        Args:
            trigger: closed bars, from before the oldest of the plans on.
            finer: closed bars of a finer timeframe, if there are any.
            shifts: shifts of major structure by the close that revealed them.
            at_ms: the close; no later bar counts.
        """
        known = [one for one in self._records if one not in self._ended]
        if not known:
            return ()
        signals = [self._records[one][1] for one in known]
        found = outcomes_of(
            signals,
            trigger.known_at(at_ms),
            finer=None if finer is None else finer.known_at(at_ms),
            shifts=shifts,
            until_ms=at_ms,
        )
        outcomes = {one.key: one for one in found}
        followed = []
        for plan_id, signal in zip(known, signals, strict=True):
            outcome = outcomes[signal.key]
            if outcome.status.is_final:
                self._ended.add(plan_id)
            followed.append(Followed(plan=self._records[plan_id][0], outcome=outcome))
        return tuple(followed)
