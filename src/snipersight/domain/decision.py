"""Verdicts: what was checked, what was measured, and how every candidate ended."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from snipersight.domain.confluence import Confluence
from snipersight.domain.direction import Direction
from snipersight.domain.ledger import EntryId
from snipersight.domain.plan import SetupId, TradePlan
from snipersight.domain.quick import quick
from snipersight.domain.units import Money, Size, Symbol


@dataclass(frozen=True, slots=True, kw_only=True, init=False)
class Check:
    """One question that was asked, truthy if it was passed.

    Args:
        code: stable reason code, `min_rr`, `max_leverage`.
        passed: the answer.
        measured: what was found, as text or number; None where nothing could be measured.
        limit: what it was held against; None where there is no threshold.
        sentence: both in plain words.
    """

    code: str
    passed: bool
    measured: float | str | Decimal | None = None
    limit: float | str | Decimal | None = None
    sentence: str = ""

    def __init__(
        self,
        code: str,
        passed: bool,
        measured: float | str | Decimal | None = None,
        limit: float | str | Decimal | None = None,
        sentence: str = "",
    ) -> None:
        # Two dozen are made for every plan. A frozen dataclass's own way takes half as long again
        # as these setters; so do arguments by name, which the gate therefore leaves out.
        _set_code(self, code)
        _set_passed(self, passed)
        _set_measured(self, measured)
        _set_limit(self, limit)
        _set_sentence(self, sentence)

    def __bool__(self) -> bool:
        """Return whether the check was passed."""
        return self.passed


_set_code, _set_passed, _set_measured, _set_limit, _set_sentence = (
    vars(Check)[name].__set__ for name in ("code", "passed", "measured", "limit", "sentence")
)


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Approved:
    """A plan that may be traded, with its size.

    Args:
        plan: the plan.
        size: base units, a multiple of the lot.
        notional: size × entry_near in quote currency.
        margin: notional ÷ leverage in quote currency.
        leverage: lowest that fits; 1 on spot.
        risk: loss if the stop fills, costs included, in account currency.
        risk_fraction: that loss as a fraction of equity.
        checks: everything that was asked.
        reservation_id: entry of the ledger that holds its budget; None where nothing was
            reserved, as in a scan that only informs.
        policy_hash: of the limits it was held to.
    """

    plan: TradePlan
    size: Size
    notional: Decimal
    margin: Decimal
    leverage: Decimal
    risk: Money
    risk_fraction: Decimal
    checks: tuple[Check, ...]
    reservation_id: EntryId | None = None
    policy_hash: str = ""

    def __bool__(self) -> bool:
        """Return True: an approval."""
        return True


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """A plan that may not be traded.

    Args:
        plan: the plan.
        checks: everything that was asked; at least one was not passed.
        policy_hash: of the limits it was held to.
    """

    plan: TradePlan
    checks: tuple[Check, ...]
    policy_hash: str = ""

    def __bool__(self) -> bool:
        """Return False: a refusal."""
        return False

    @property
    def failed(self) -> tuple[Check, ...]:
        """Return the checks that were not passed, in the order they were asked."""
        return tuple(check for check in self.checks if not check.passed)


RiskDecision = Approved | Rejected


class Stage(StrEnum):
    """Where a candidate's way ended."""

    NO_DATA = "no_data"
    STALE = "stale"
    NO_SETUP = "no_setup"
    GATED = "gated"
    DECLINED = "declined"
    REJECTED = "rejected"
    APPROVED = "approved"


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class TerminalReason:
    """The one way a candidate ended: a stage and, for three of them, a name.

    `gated:<name>` (a hard gate), `declined:<name>` (no sound plan), `rejected:<code>` (the risk
    gate); the other stages stand alone.
    """

    stage: Stage
    name: str = ""

    def __post_init__(self) -> None:
        """Refuse a nameless refusal."""
        needs_name = self.stage in (Stage.GATED, Stage.DECLINED, Stage.REJECTED)
        if needs_name is not bool(self.name):
            raise ValueError(f"{self.stage} with name {self.name!r}")

    def __str__(self) -> str:
        """Return `stage` or `stage:name`."""
        return f"{self.stage}:{self.name}" if self.name else self.stage.value


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One thing a scan looked at and how it ended so far; every symbol has at least one.

    Args:
        symbol: what was looked at.
        at_ms: close of the bar of the decision, milliseconds UTC.
        reason: None while the candidate is alive (it has a plan that may still be approved).
        detail: the reason in plain words with its numbers.
        setup_id, direction: known once there is a setup.
        plan: known once there is a plan; it stays when the plan is refused later.
        confluence: known once the setup was scored.
        checks: every gate that was asked, in order.
        shadow: what the planner would have made of a setup that a gate or the score refused. It is
            never judged, told or traded; evidence follows it, to see whether the gate earns its
            keep. None where there is none or nobody asked for it.
    """

    symbol: Symbol
    at_ms: int
    reason: TerminalReason | None
    detail: str = ""
    setup_id: SetupId | None = None
    direction: Direction | None = None
    plan: TradePlan | None = None
    confluence: Confluence | None = None
    checks: tuple[Check, ...] = ()
    shadow: TradePlan | None = None

    def __post_init__(self) -> None:
        """Refuse a candidate that is alive without a plan."""
        if self.reason is None and self.plan is None:
            raise ValueError(f"{self.symbol}: neither a plan nor a terminal reason")
