"""The risk manager: one gate over the durable store, one transaction a verdict."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from snipersight.domain.account import AccountState
from snipersight.domain.audit import AuditKind, AuditRecord
from snipersight.domain.decision import Approved, Check, Rejected, RiskDecision
from snipersight.domain.errors import StateUnavailable
from snipersight.domain.exposure import Amounts
from snipersight.domain.ledger import LedgerEntry, Origin
from snipersight.domain.observations import Observations
from snipersight.domain.plan import TradePlan
from snipersight.domain.quick import replace
from snipersight.domain.standing import AccountStanding, TradingState
from snipersight.domain.store import AccountRow, Clock, DecisionStore, UnitOfWork
from snipersight.domain.units import Money, Symbol
from snipersight.risk.audit.codec import decision_draft, policy_draft
from snipersight.risk.breakers.equity_marks import marked_equity
from snipersight.risk.breakers.records import save_standing, watch_protection
from snipersight.risk.breakers.standing import cooldowns_of, mark, note_unprotected, settle
from snipersight.risk.breakers.trading_state import trading_state
from snipersight.risk.breakers.valuation import KeptValuation, Valuation
from snipersight.risk.compliance.plan_completeness import plan_problems
from snipersight.risk.exposure.book import Claim, ExposureBook
from snipersight.risk.gate import judge
from snipersight.risk.inputs import ExposureView, GateInputs
from snipersight.risk.ledger.records import expire_due, save_entry
from snipersight.risk.ledger.reservations import reservation
from snipersight.risk.ledger.session_claims import SessionClaims
from snipersight.risk.policy import RiskPolicy
from snipersight.risk.registry import RiskPorts, not_configured, ports_of
from snipersight.risk.telling import Telling, signal_notice
from snipersight.risk.underlyings import underlying

_UNOBSERVED: Final = Observations(venue="", as_of_ms=0, clock_skew_ms=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskStatus:
    """Where an account stands at one moment.

    Args:
        account: valued at the manager's latest observation, NaN if a position has no price; as of
            the newest recorded mark before the first observation.
        state: what it may do.
        standing: breakers and cooldowns that have ended are left out.
        total: everything the ledger claims.
        entries: the live ones, oldest reservation first.
        policy: the limits.
        at_us: the moment, microseconds UTC.
    """

    account: AccountState
    state: TradingState
    standing: AccountStanding
    total: Amounts
    entries: tuple[LedgerEntry, ...]
    policy: RiskPolicy
    at_us: int


class RiskManager:
    """Implements the port `RiskGate`: judges plans one after the other, each verdict durable.

    A scan calls `observe` once, then `validate_plan` for every plan in rank order. Approvals
    count for the plans after them, though nothing is reserved unless asked for.

    Args:
        account_id, store, clock, policy: missing ones are those that bootstrap registered;
            without them every plan is refused with `not_configured`.
        actor: who asks, for the audit.
        equity: judge as if the account were worth this; nothing is marked and nothing reserved.
        telling: how approvals are told that reserve nothing; None: they are not. What is reserved
            is told at once.
    """

    def __init__(
        self,
        *,
        account_id: str | None = None,
        store: DecisionStore | None = None,
        clock: Clock | None = None,
        policy: RiskPolicy | None = None,
        actor: str = "scan",
        equity: Decimal | None = None,
        telling: Telling | None = None,
    ) -> None:
        self._ports = ports_of(account_id=account_id, store=store, clock=clock, policy=policy)
        self._actor = actor
        self._what_if = None if equity is None else Money(equity)
        self._telling = telling
        self._seen = _UNOBSERVED
        self._claims = SessionClaims()
        self._values = KeptValuation()

    def held(self) -> tuple[tuple[str, Symbol], ...]:
        """Return venue and symbol of every live claim, sorted: markets to be observed too.

        Raises:
            StateUnavailable: the store cannot be read, or nothing is configured.
        """
        ports = self._configured()
        entries = ports.store.view(ports.account_id, lambda unit: unit.live_entries())
        return tuple(sorted({(entry.venue, entry.symbol) for entry in entries}))

    def observe(self, observations: Observations) -> AccountState:
        """Take note of the markets and of the time; return the account.

        In one transaction: reservations whose time is over are given back, equity is marked,
        breakers trip or let go. Approvals of an earlier scan are forgotten. Where a position has
        no present price, equity is unknown (NaN): nothing is marked and nothing approved. One on
        another venue counts as if it were stopped out: that is judged by, and not marked.

        Raises:
            StateUnavailable: the store cannot be written, or nothing is configured; the markets
                count as not observed.
        """
        ports = self._configured()
        self._seen = _UNOBSERVED
        self._claims.clear()
        account = ports.store.transact(
            ports.account_id, lambda unit: self._take_note(unit, ports, observations)
        )
        self._seen = observations
        return account

    def validate_plan(self, plan: TradePlan, *, reserve: Origin | None = None) -> RiskDecision:
        """Return an approval with a size, or a rejection with every failed check.

        Verdict, record, reservation and message commit together before this returns. A store
        that fails is a rejection with the code `audit_unwritable`, and nothing of it counts.

        Args:
            plan: judged on the latest observations; without any, its market is unknown.
            reserve: who takes the trade; the budget is then held in the ledger until the plan
                expires, and plan and observations must be of this moment by our clock. None:
                the approval counts within this scan only.

        Raises:
            ValueError: a reservation is asked for under a made-up equity.
        """
        if reserve is not None and self._what_if is not None:
            raise ValueError("a what-if equity reserves nothing")
        ports = self._ports
        if ports is None:
            return Rejected(plan=plan, checks=(not_configured(),))
        try:
            decision, entry = ports.store.transact(
                ports.account_id, lambda unit: self._decide(unit, ports, plan, reserve)
            )
        except StateUnavailable as error:
            return _unwritable(plan, ports.policy, error)
        if entry is not None:
            self._remember(entry, is_reserved=reserve is not None)
        return decision

    def _remember(self, entry: LedgerEntry, *, is_reserved: bool) -> None:
        claim = Claim.of(entry)
        if not is_reserved:
            self._claims.add(claim)
        elif claim.plan_id is not None:
            self._claims.drop(claim.plan_id)

    def status(self) -> RiskStatus:
        """Return where the account stands; nothing is written.

        Raises:
            StateUnavailable: the store cannot be read, or nothing is configured.
        """
        ports = self._configured()
        return ports.store.view(ports.account_id, lambda unit: self._status(unit, ports))

    def _configured(self) -> RiskPorts:
        if self._ports is None:
            raise StateUnavailable(
                not_configured().sentence, next_step="open a store before asking for risk"
            )
        return self._ports

    def _take_note(
        self, unit: UnitOfWork, ports: RiskPorts, observations: Observations
    ) -> AccountState:
        at_us, policy = ports.clock(), ports.policy
        _note_policy(unit, policy, at_us=at_us, actor=self._actor)
        expire_due(unit, at_us=at_us, actor=self._actor)
        entries = unit.live_entries()
        value = self._valued(unit.account, entries, observations, policy)
        account = value.account
        standing = settle(unit.account.standing, at_us=at_us)
        standing = note_unprotected(standing, entries, at_us=at_us, policy=policy)
        if self._what_if is None and value.is_measured:
            standing = mark(
                standing, equity=account.equity, at_us=at_us, policy=policy, prices=value.prices
            )
        save_standing(unit, standing, at_us=at_us, actor=self._actor)
        return account

    def _valued(
        self,
        row: AccountRow,
        entries: tuple[LedgerEntry, ...],
        observations: Observations,
        policy: RiskPolicy,
    ) -> Valuation:
        if self._what_if is None:
            return self._values.of(row, entries, observations, policy)
        account = AccountState(
            account_id=row.account_id,
            currency=row.currency,
            equity=self._what_if,
            source="what-if",
        )
        return Valuation(account=account)

    def _decide(
        self, unit: UnitOfWork, ports: RiskPorts, plan: TradePlan, reserve: Origin | None
    ) -> tuple[RiskDecision, LedgerEntry | None]:
        """Judge one plan within its transaction; return the verdict and what it claims."""
        at_us, policy = ports.clock(), ports.policy
        _note_policy(unit, policy, at_us=at_us, actor=self._actor)
        expire_due(unit, at_us=at_us, actor=self._actor)
        watch_protection(unit, at_us=at_us, actor=self._actor, policy=policy)
        inputs = self._inputs(unit, plan, policy, at_us, is_reserving=reserve is not None)
        decision = judge(plan, inputs, policy)
        entry = None
        if isinstance(decision, Approved):
            # Reserved or not, an approval claims what the ledger would count.
            entry = reservation(
                decision,
                inputs,
                policy,
                origin=reserve or Origin.APPROVED,
                after_seq=unit.account.head.seq,
            )
            if reserve is not None:
                decision = replace(decision, reservation_id=entry.entry_id)
        is_reserved = entry is not None and reserve is not None
        draft = decision_draft(
            plan, inputs, policy, decision, at_us=at_us, actor=self._actor, reserved=is_reserved
        )
        record = unit.append(draft)
        if entry is not None and is_reserved:
            save_entry(unit, AuditKind.RESERVED, entry, at_us=at_us, actor=self._actor)
        if entry is not None:
            self._tell(unit, plan, record, is_reserved=is_reserved)
        return decision, entry

    def _tell(
        self, unit: UnitOfWork, plan: TradePlan, record: AuditRecord, *, is_reserved: bool
    ) -> None:
        """Store the notice of an approval within its transaction."""
        if self._telling is None and not is_reserved:
            return
        telling = self._telling or Telling()
        grace_us = 0 if is_reserved else telling.grace_us
        notice = signal_notice(
            record.account_id,
            plan,
            seq=record.seq,
            as_of_ms=self._seen.as_of_ms,
            available_us=record.at_us + grace_us if grace_us else None,
            # What is reserved is executed already: nobody is asked any more.
            offers=not is_reserved and telling.offers,
            part=telling.part,
        )
        unit.enqueue(notice)

    def _inputs(
        self,
        unit: UnitOfWork,
        plan: TradePlan,
        policy: RiskPolicy,
        at_us: int,
        *,
        is_reserving: bool,
    ) -> GateInputs:
        """Return everything the verdict depends on, as the locked account is now."""
        row, entries, seen = unit.account, unit.live_entries(), self._seen
        standing = settle(row.standing, at_us=at_us)
        is_whole = not plan_problems(plan)
        return GateInputs(
            account=self._valued(row, entries, seen, policy).account,
            facts=seen.markets.get(plan.symbol) if is_whole else None,
            view=self._view(entries, plan, policy) if is_whole else ExposureView(),
            tripped=standing.tripped,
            cooldowns=cooldowns_of(standing, plan.symbol, at_us=at_us) if is_whole else (),
            at_us=at_us,
            last_us=row.last_us,
            as_of_ms=seen.as_of_ms,
            clock_skew_ms=seen.clock_skew_ms,
            is_reserving=is_reserving,
        )

    def _view(
        self, entries: tuple[LedgerEntry, ...], plan: TradePlan, policy: RiskPolicy
    ) -> ExposureView:
        book = self._claims.book(entries, besides=plan.plan_id)
        return book.view(
            underlying(plan.symbol),
            plan.setup_id,
            correlations=self._seen.correlations,
            threshold=policy.cluster_correlation,
        )

    def _status(self, unit: UnitOfWork, ports: RiskPorts) -> RiskStatus:
        at_us, entries = ports.clock(), unit.live_entries()
        standing = settle(unit.account.standing, at_us=at_us)
        return RiskStatus(
            account=self._account_now(unit.account, entries, ports.policy),
            state=trading_state(standing.tripped),
            standing=standing,
            total=ExposureBook.of(entries).total,
            entries=entries,
            policy=ports.policy,
            at_us=at_us,
        )

    def _account_now(
        self, row: AccountRow, entries: tuple[LedgerEntry, ...], policy: RiskPolicy
    ) -> AccountState:
        """Return the account at the latest observation, or at its newest mark before the first."""
        if self._what_if is not None or self._seen is not _UNOBSERVED:
            return self._valued(row, entries, self._seen, policy).account
        return AccountState(
            account_id=row.account_id,
            currency=row.currency,
            equity=marked_equity(row.standing),
            source="the newest mark" if row.standing.marks else "balance",
        )


def _note_policy(unit: UnitOfWork, policy: RiskPolicy, *, at_us: int, actor: str) -> None:
    """Record the limits in force where the chain does not hold them yet."""
    if unit.account.policy_hash != policy.hash:
        unit.append(policy_draft(policy, at_us=at_us, actor=actor))
        unit.note_policy(policy.hash)


def _unwritable(plan: TradePlan, policy: RiskPolicy, error: StateUnavailable) -> Rejected:
    check = Check(code="audit_unwritable", passed=False, sentence=str(error))
    return Rejected(plan=plan, checks=(check,), policy_hash=policy.hash)
