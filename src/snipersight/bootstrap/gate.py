"""The risk gate of a command: over the account's ledger, over a copy of it, or without one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Final

from snipersight.bootstrap.settings import Settings
from snipersight.domain.account import AccountState
from snipersight.domain.decision import Check, Rejected, RiskDecision
from snipersight.domain.errors import StateUnavailable
from snipersight.domain.ledger import Origin
from snipersight.domain.observations import Observations
from snipersight.domain.plan import TradePlan
from snipersight.domain.profile import Profile
from snipersight.domain.units import Money, Symbol
from snipersight.risk.breakers.equity_marks import marked_equity
from snipersight.risk.manager import RiskManager
from snipersight.risk.registry import RiskPorts
from snipersight.risk.telling import Telling

# Who asks where plans are judged for another equity than the account has, for the audit.
WHAT_IF: Final = "what-if"
# Longer than any scan takes from its first candle to its first verdict.
_PRESENT_US: Final = 3600 * 1_000_000
_NOT_PRESENT: Final = Check(
    code="not_present",
    passed=False,
    sentence="the markets were looked at more than an hour ago: no trade is taken at their prices",
)


class LedgerGate:
    """A `RiskGate` over an account's ledger that marks the account at present prices only.

    A look at the past, or at recorded candles, says nothing about what positions are worth now:
    there plans are judged for the equity known last, beside the positions held now, and nothing
    is marked.

    Args:
        ports: account, store, clock and limits.
        equity: judge as if the account were worth this; nothing is marked.
        actor: who asks, for the audit.
        telling: how approvals at present prices are told; None: they are not. What was approved
            in the past, or for another equity, is no news.
        part: returns what tells the part of a shared scan that is being judged from the others.
    """

    def __init__(
        self,
        ports: RiskPorts,
        *,
        equity: Decimal | None = None,
        actor: str = "scan",
        telling: Telling | None = None,
        part: Callable[[], str] = lambda: "",
    ) -> None:
        self._ports = ports
        self._equity = equity
        self._actor = actor
        self._telling = telling
        self._part = part
        self._manager = self._judging(equity)
        self._seen: Observations | None = None
        self._is_what_if = equity is not None

    @property
    def observations(self) -> Observations | None:
        """Return what was observed last; None before."""
        return self._seen

    def held(self) -> tuple[tuple[str, Symbol], ...]:
        """Return venue and symbol of every live claim.

        Raises:
            StateUnavailable: the store cannot be read.
        """
        return self._manager.held()

    def observe(self, observations: Observations) -> AccountState:
        """Take note of the markets and return the account.

        Raises:
            StateUnavailable: the store cannot be read or written.
        """
        equity, source = self._equity, "--balance"
        if equity is None and not self._is_present(observations):
            equity, source = self._known_equity(), "the account as it stands now"
        self._manager = self._judging(equity)
        self._is_what_if = equity is not None
        account = self._manager.observe(observations)
        self._seen = observations
        return account if equity is None else replace(account, source=source)

    def validate_plan(self, plan: TradePlan, *, reserve: Origin | None = None) -> RiskDecision:
        """Return the recorded verdict on one plan.

        Args:
            plan: judged on what was observed last.
            reserve: who takes the trade; None: nothing is reserved. At prices of the past, or for
                another equity than the account's, nothing is: that is a refusal.
        """
        if reserve is not None and self._is_what_if:
            return Rejected(plan=plan, checks=(_NOT_PRESENT,))
        return self._manager.validate_plan(plan, reserve=reserve)

    def _judging(self, equity: Decimal | None) -> RiskManager:
        ports, telling = self._ports, self._telling
        if telling is not None:
            telling = replace(telling, part=self._part())
        return RiskManager(
            account_id=ports.account_id,
            store=ports.store,
            clock=ports.clock,
            policy=ports.policy,
            actor=self._actor,
            equity=equity,
            telling=telling if equity is None else None,
        )

    def _is_present(self, observations: Observations) -> bool:
        return abs(self._ports.clock() - observations.as_of_ms * 1000) <= _PRESENT_US

    def _known_equity(self) -> Money:
        return self._ports.store.view(
            self._ports.account_id, lambda unit: marked_equity(unit.account.standing)
        )


class NoLedger:
    """A `RiskGate` that approves nothing, because no verdict could be recorded.

    Args:
        error: why not.
    """

    def __init__(self, error: StateUnavailable) -> None:
        self._error = error

    def held(self) -> tuple[tuple[str, Symbol], ...]:
        """Raise the reason."""
        raise self._error

    def observe(self, observations: Observations) -> AccountState:
        """Raise the reason."""
        raise self._error

    def validate_plan(self, plan: TradePlan) -> RiskDecision:
        """Return a refusal with the code `audit_unwritable`."""
        check = Check(code="audit_unwritable", passed=False, sentence=str(self._error))
        return Rejected(plan=plan, checks=(check,))


def within_limit(
    profile: Profile, settings: Settings, *, wanted: Decimal | None = None
) -> tuple[Profile, tuple[str, ...]]:
    """Return the profile at the risk it may take, and a sentence if that is less than it asks.

    Args:
        profile: the profile as loaded.
        settings: `MAX_RISK_PER_TRADE`.
        wanted: the user's own risk fraction instead of the profile's, already within the limit.
    """
    asked, most = wanted or profile.sizing.risk_fraction, settings.max_risk_per_trade
    if asked == profile.sizing.risk_fraction and asked <= most:
        return profile, ()
    sizing = profile.sizing.model_copy(update={"risk_fraction": min(asked, most)})
    changed = profile.model_copy(update={"sizing": sizing})
    return changed, ((_lowered(profile.name, asked, most),) if asked > most else ())


def _lowered(name: str, asked: Decimal, most: Decimal) -> str:
    return (
        f"profile {name} asks for {asked * 100:f} % risk a trade and is sized at "
        f"{most * 100:f} %, the limit of MAX_RISK_PER_TRADE"
    )
