"""One account over many markets, moment after moment: trades first, then what is judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from snipersight.domain.audit import AuditKind
from snipersight.domain.decision import (
    Approved,
    Candidate,
    Check,
    Rejected,
    RiskDecision,
    Stage,
)
from snipersight.domain.direction import Direction
from snipersight.domain.ledger import EntryId, LedgerEntry, Origin
from snipersight.domain.plan import SetupId, TradePlan
from snipersight.domain.standing import BreakerName, TradingState
from snipersight.domain.store import UnitOfWork
from snipersight.domain.units import Symbol
from snipersight.engine.backtesting.agenda import Agenda, Due, Moment
from snipersight.engine.backtesting.arena import Arena
from snipersight.engine.backtesting.leeway import Leeway
from snipersight.engine.backtesting.marking import telling_moments
from snipersight.engine.backtesting.store import BacktestStore
from snipersight.engine.backtesting.trading import Trading
from snipersight.engine.core import BarClosed, Decided, EngineState, Judged, Step, ranked, step
from snipersight.engine.judging_stage import recorded
from snipersight.planner.voids import bars_of
from snipersight.risk.breakers.records import save_standing
from snipersight.risk.breakers.standing import resume
from snipersight.risk.breakers.trading_state import trading_state
from snipersight.risk.ledger.moves import release
from snipersight.risk.ledger.records import save_entry
from snipersight.risk.ledger.work import Clerk
from snipersight.risk.manager import RiskManager
from snipersight.risk.policy import RiskPolicy

ACTOR: Final = "backtest"
SCAN: Final = "scan"  # who asks the gate, as in a run
EXECUTOR: Final = "executor"
OPERATOR: Final = "operator"
WAITING: Final = "waiting"  # in the funnel: neither refused nor sent when the period ended
_BY_HAND: Final = frozenset({BreakerName.DRAWDOWN})  # breakers that a person alone lifts
_NEVER: Final = 2**62
_FIRED_MS: Final = 15 * 60_000  # a market and side is entered once in it, as the executor has it


@dataclass(slots=True)
class _Clock:
    """Time as the backtest has it, microseconds UTC."""

    now_us: int

    def __call__(self) -> int:
        return self.now_us


class Portfolio:
    """Lives through the moments of an agenda.

    Args:
        arena: the markets.
        shifts: of major structure in each.
        policy: the limits.
        store: the account.
        agenda: what is to come.
        trading: the trades.
        rearm_after_ms: when the operator lifts a breaker that does not let go by itself; 0: never.

    Attributes:
        refused: candidates that ended with a plan that was not sent, in the order of time.
        funnel: how all of them ended.
        rearmed_ms: when the operator lifted a breaker.
    """

    def __init__(
        self,
        arena: Arena,
        shifts: Mapping[Symbol, Mapping[int, Direction]],
        *,
        policy: RiskPolicy,
        store: BacktestStore,
        agenda: Agenda,
        trading: Trading,
        rearm_after_ms: int,
    ) -> None:
        self._arena, self._shifts = arena, shifts
        self._policy, self._store = policy, store
        self._agenda, self._trading = agenda, trading
        self._observer, self._closes = arena.observer, arena.closes
        self._clock = _Clock(store.row.last_us)
        self._seen = self._observer.at(store.row.last_us // 1000, (), is_judging=False)
        self._scan_gate, self._gate = self._manager(SCAN), self._manager(EXECUTOR)
        self._state = EngineState()
        self._sent: set[SetupId] = set()
        self._refusals: dict[SetupId, Candidate] = {}
        self._looked_ms: dict[Symbol, int] = {}
        self._fired: dict[tuple[Symbol, Direction], int] = {}
        self._was_active = True
        self._rearm_after_ms = rearm_after_ms
        self.rearmed_ms: list[int] = []
        self.refused: list[Candidate] = []
        self.funnel: Counter[str] = Counter()

    def live_through(self, *, until_ms: int) -> None:
        """Let everything happen up to a moment, in the order of time."""
        now_ms = self._clock.now_us // 1000
        while now_ms <= until_ms:
            due_ms = min(self._next_ms, until_ms + 1)
            now_ms = self._mark_between(now_ms, due_ms)
            if now_ms == due_ms <= until_ms:
                self._live(self._agenda.pop(due_ms))
        for candidate in self._unsent():
            if candidate.setup_id in self._refusals:
                self._end(candidate)
            else:
                self.funnel[WAITING] += 1

    def _live(self, moment: Moment) -> None:
        """Bring the trades to a moment; where it is a close of the trigger, look and act."""
        at_ms = moment.at_ms
        self._clock.now_us = at_ms * 1000
        self._book(moment.due)
        self._heed(at_ms)
        self._decide(moment)
        is_close = at_ms % self._closes.step_ms == 0
        plans = self._seen_plans(at_ms) if is_close else ()
        if plans or (is_close and moment.due) or at_ms >= self._rearm_ms:
            self._observe(at_ms, plans)
        if plans:
            self._act(self._approved(plans), at_ms)
        self._heed(at_ms)
        self._look_again(at_ms)

    def _seen_plans(self, at_ms: int) -> tuple[TradePlan, ...]:
        """Return the plans that a scan shows, best first; none where no new one is among them."""
        unsent = {one.setup_id for one in self._unsent() if self._arena.looks_at(one.symbol, at_ms)}
        if not unsent:
            return ()
        plans = ranked(self._state)
        return tuple(one for one in plans if self._arena.looks_at(one.symbol, at_ms))

    def _book(self, due: Sequence[Due]) -> None:
        for one in due:
            self._trading.book(one, self._clerk())

    def _heed(self, at_ms: int) -> None:
        """End every entry that waits, should a breaker have stopped the account since."""
        is_active = trading_state(self._store.row.standing.tripped) is TradingState.ACTIVE
        if self._was_active and not is_active:
            self._trading.end_waiting(self._clerk(), at_ms=at_ms)
            if self._agenda.next_ms == at_ms:
                self._book(self._agenda.pop(at_ms).due)
        self._was_active = is_active

    def _decide(self, moment: Moment) -> None:
        """Hold waiting plans against the bars that closed, then take up what was decided."""
        waiting = [one.symbol for one in self._state.waiting.values()]
        for symbol in dict.fromkeys((*moment.looks, *waiting)):
            self._follow(symbol, moment.at_ms)
        for candidate in moment.candidates:
            self._looked_ms[candidate.symbol] = moment.at_ms
            self._take(step(self._state, Decided(candidate=candidate)))

    def _follow(self, symbol: Symbol, at_ms: int) -> None:
        """Hold a market's plans against every bar since they were last."""
        trigger = self._closes.candles[symbol]
        before_ms = at_ms - trigger.timeframe.duration_ms
        bars = bars_of(
            trigger,
            after_ms=min(self._looked_ms.get(symbol, before_ms), before_ms),
            until_ms=at_ms,
            shifts=self._shifts[symbol],
        )
        self._looked_ms[symbol] = at_ms
        for bar in bars:
            self._state, commands = step(self._state, BarClosed(symbol=symbol, bar=bar))
            for candidate in recorded(commands):
                self._end(candidate)

    def _take(self, answer: Step) -> None:
        self._state, commands = answer
        for candidate in recorded(commands):
            self._count(candidate)

    def _end(self, candidate: Candidate) -> None:
        """Count a plan that is not alive any more, unless it was sent.

        What the gate refused for as long as it lived has ended by that.
        """
        if candidate.setup_id is None or candidate.setup_id not in self._sent:
            self._count(self._refusals.pop(candidate.setup_id or SetupId(""), candidate))

    def _count(self, candidate: Candidate) -> None:
        self.funnel[str(candidate.reason)] += 1
        if candidate.plan is not None:
            self.refused.append(candidate)

    def _observe(self, at_ms: int, plans: Sequence[TradePlan]) -> None:
        """Tell the gate of the markets, which marks the account."""
        held = {one.symbol for one in self._store.live}
        symbols = held | {plan.symbol for plan in plans}
        self._seen = self._observer.at(at_ms, symbols, is_judging=bool(plans))
        self._scan_gate.observe(self._seen)
        if at_ms >= self._rearm_ms:
            self._rearm(at_ms)

    @property
    def _next_ms(self) -> int:
        """Return when something happens next that is known of."""
        due_ms = self._agenda.next_ms
        return self._rearm_ms if due_ms is None else min(due_ms, self._rearm_ms)

    @property
    def _rearm_ms(self) -> int:
        """Return the close at which the operator lifts what only a person lifts; else `_NEVER`."""
        standing = self._store.row.standing
        if not standing.tripped:
            return _NEVER
        tripped_us = [one.tripped_us for one in standing.tripped if one.name in _BY_HAND]
        if not tripped_us or not self._rearm_after_ms:
            return _NEVER
        tripped_ms, step_ms = -(-min(tripped_us) // 1000), self._closes.step_ms
        return -(-(tripped_ms + self._rearm_after_ms) // step_ms) * step_ms

    def _rearm(self, at_ms: int) -> None:
        """Lift what only a person lifts; losses count from the value that was marked just now."""
        self.rearmed_ms.append(at_ms)
        at_us = at_ms * 1000
        after = resume(self._store.row.standing, at_us=at_us, rearm=True)
        self._store.transact(
            self._store.row.account_id,
            lambda unit: save_standing(unit, after, at_us=at_us, actor=OPERATOR),
        )

    def _mark_between(self, start_ms: int, end_ms: int) -> int:
        """Mark the account after one moment and before another; return how far that got.

        A breaker that trips makes entries end, which comes before anything later.
        """
        live = self._store.live
        leeway = Leeway.of(self._store.row.standing, self._policy) if live else None
        moments = telling_moments(
            live, self._closes, start_ms=start_ms, end_ms=end_ms, leeway=leeway
        )
        for at_ms in moments:
            self._clock.now_us = at_ms * 1000
            self._observe(at_ms, ())
            self._heed(at_ms)
            if self._next_ms < end_ms:
                return at_ms
        return end_ms

    def _approved(self, plans: Sequence[TradePlan]) -> list[TradePlan]:
        """Judge plans as a scan does, each beside the approvals before it; return what may be sent.

        A plan that was sent before is judged again where its trade is over and a worse one waits:
        while it lives its approval counts, as in a scan, which knows of no trades.
        """
        live = {one.setup_id for one in self._store.live}
        waiting = {one.setup_id for one in self._unsent()}
        last = max(place for place, plan in enumerate(plans) if plan.setup_id in waiting)
        approved = []
        for plan in plans[: last + 1]:
            if plan.setup_id in waiting:
                approved += [plan] if self._judge(plan) else []
            elif plan.setup_id not in live:
                self._scan_gate.validate_plan(plan)
        return approved

    def _judge(self, plan: TradePlan) -> bool:
        decision = self._scan_gate.validate_plan(plan)
        self._note(decision)
        return isinstance(decision, Approved)

    def _note(self, decision: RiskDecision) -> None:
        """Remember by what a plan was refused; it waits, and is judged again at the next close."""
        setup_id = decision.plan.setup_id
        self._refusals.pop(setup_id, None)
        if isinstance(decision, Rejected):
            _, commands = step(self._state, Judged(decision=decision))
            for candidate in recorded(commands):
                self._refusals[setup_id] = candidate

    def _act(self, plans: Sequence[TradePlan], at_ms: int) -> None:
        """Let the gate reserve for each plan that nothing keeps back, and send it."""
        free = [plan for plan in plans if not self._is_blocked(plan, at_ms)]
        if not free:
            return
        self._gate.observe(self._seen)
        for plan in free:
            if self._is_blocked(plan, at_ms):
                continue  # by one that was sent just now
            decision = self._gate.validate_plan(plan, reserve=Origin.EXECUTED)
            self._note(decision)
            if isinstance(decision, Approved):
                self._execute(decision, at_ms)

    def _is_blocked(self, plan: TradePlan, at_ms: int) -> bool:
        """Return whether one of the executor's safeguards keeps a plan from being sent now."""
        fired_ms = self._fired.get((plan.symbol, plan.direction))
        was_fired = fired_ms is not None and at_ms - fired_ms < _FIRED_MS
        return was_fired or self._trading.is_taken(plan.symbol)

    def _execute(self, approved: Approved, at_ms: int) -> None:
        plan = approved.plan
        entry_id = EntryId(str(approved.reservation_id))
        entry = next(one for one in self._store.live if one.entry_id == entry_id)
        refused = self._trading.begin(approved, entry, at_ms=at_ms)
        if refused is not None:
            self._give_back(entry, refused)
            return
        self._fired[plan.symbol, plan.direction] = at_ms
        self.funnel[Stage.APPROVED.value] += 1
        self._sent.add(plan.setup_id)

    def _give_back(self, entry: LedgerEntry, refused: Check) -> None:
        clerk = self._clerk()
        at_us = clerk.now_us

        def work(unit: UnitOfWork) -> None:
            after = release(entry, at_us=at_us)
            save_entry(
                unit, AuditKind.RELEASED, after, at_us=at_us, actor=ACTOR, reason=refused.code
            )

        self._store.transact(self._store.row.account_id, work)

    def _look_again(self, at_ms: int) -> None:
        """Look at the next close again where something waits, its bar missing or not.

        Nobody knows at a moment whether the market will have another bar.
        """
        next_ms = (at_ms // self._closes.step_ms + 1) * self._closes.step_ms
        for symbol in sorted({one.symbol for one in self._unsent()}):
            self._agenda.look(symbol, next_ms)

    def _unsent(self) -> list[Candidate]:
        waiting = self._state.waiting
        return [one for setup_id, one in waiting.items() if setup_id not in self._sent]

    def _manager(self, actor: str) -> RiskManager:
        return RiskManager(
            account_id=self._store.row.account_id,
            store=self._store,
            clock=self._clock,
            policy=self._policy,
            actor=actor,
        )

    def _clerk(self) -> Clerk:
        return Clerk(now_us=self._clock.now_us, actor=ACTOR, policy=self._policy)
