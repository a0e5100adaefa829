"""What the answers of the bot are made of: values as they are, worded elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from snipersight.domain.decision import RiskDecision
from snipersight.domain.direction import Direction
from snipersight.domain.evidence import Outcome
from snipersight.domain.execution import KillSwitch
from snipersight.domain.ledger import LedgerEntry
from snipersight.domain.plan import TradePlan
from snipersight.domain.units import Price, Size, Symbol
from snipersight.risk.manager import RiskStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """What the process is doing.

    Args:
        mode: `dry-run`, `paper`, `live`.
        profile, venue: what is scanned by and where.
        symbols: how many this process scans.
        asks: nothing is executed without a press.
        scanned_to_ms: the close up to which everything was scanned; None: nothing yet.
        next_ms: the next close; None where it is not known.
        troubles: what is wrong just now, one sentence each.
    """

    mode: str
    profile: str
    venue: str
    symbols: int
    asks: bool = False
    scanned_to_ms: int | None = None
    next_ms: int | None = None
    troubles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusFacts:
    """Where everything stands.

    Args:
        risk: the account and what it may do.
        switch: the kill switch if it is pulled.
        positions: how many trades hold something.
        waiting: how many have orders and hold nothing yet.
        unprotected: how many positions of ours have no stop for all of it.
        orders: how many orders of ours wait at the venue.
        run: what the process is doing; None where nobody knows.
    """

    risk: RiskStatus
    switch: KillSwitch | None
    positions: int
    waiting: int
    unprotected: int
    orders: int
    run: RunFacts | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetFacts:
    """A target of a trade: price, share of the position, and whether it was filled."""

    price: Price
    fraction: Decimal
    is_hit: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionFacts:
    """One live trade.

    Args:
        symbol, direction, plan_id: which; the plan is empty where nobody knows one.
        state: `entering`, `open`, `exiting`; `by hand` for a trade that a person made.
        where: mode and environment; empty for a trade by hand.
        size, held: base units approved, and held now.
        entry_near, entry_far: of the zone.
        average: average entry price; None before.
        stop: where the protective stop is, or belongs.
        is_protected: stops cover everything that is held; None where nobody can know, or nothing
            is held.
        targets: nearest first.
        last: newest price; None where it is not known.
        unrealised: at that price, quote currency, before costs.
        realised: so far, account currency, net of costs.
        r_multiple: of both, in units of the approved loss; None where it cannot be told.
        note: what a person should know; empty if nothing.
    """

    symbol: Symbol
    direction: Direction
    plan_id: str
    state: str
    where: str
    size: Size
    held: Size
    entry_near: Price
    entry_far: Price
    average: Price | None
    stop: Price
    is_protected: bool | None
    targets: tuple[TargetFacts, ...] = ()
    last: Price | None = None
    unrealised: Decimal | None = None
    realised: Decimal = Decimal(0)
    r_multiple: Decimal | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFacts:
    """One order of ours that waits.

    Args:
        symbol: its market.
        purpose: `entry 1`, `stop`, `target 2`, `close`.
        side, kind: `buy`, `limit`.
        size, filled: base units.
        prices: trigger and limit, as far as it has them.
        state: what is known of it.
        problem: in the venue's words; empty if nothing.
    """

    symbol: Symbol
    purpose: str
    side: str
    kind: str
    size: Size
    filled: Size
    prices: tuple[Price, ...]
    state: str
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalFacts:
    """One approved plan and what became of it.

    Args:
        plan: it.
        judged_us: when it was approved last, microseconds UTC.
        entry: of the ledger, the newest of the plan; None: nobody traded it.
        modelled: how far it is by candles; None where nobody has looked.
        is_over: its time to enter has passed.
    """

    plan: TradePlan
    judged_us: int
    entry: LedgerEntry | None = None
    modelled: Outcome | None = None
    is_over: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LossFacts:
    """One loss against its limit, both as fractions of equity."""

    name: str
    now: Decimal
    limit: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetFacts:
    """One limit that adds trades up, and what is taken of it.

    Args:
        name: what it counts, in words.
        amount, limit: account currency, or numbers of trades.
        is_count: whether they are numbers of trades.
    """

    name: str
    amount: Decimal
    limit: Decimal
    is_count: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskFacts:
    """Losses and budget against their limits."""

    status: RiskStatus
    losses: tuple[LossFacts, ...]
    budgets: tuple[BudgetFacts, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatsFacts:
    """What signals have been worth.

    Args:
        signals: how many were approved.
        refused: how many the risk gate refused.
        origin: `live`, `practice`, `replayed`; empty where there is none.
        became: what they came to in a word, and how many; those of 0 are left out.
        sentences: what they say, most important first.
    """

    signals: int
    refused: int = 0
    origin: str = ""
    became: tuple[tuple[str, int], ...] = ()
    sentences: tuple[str, ...] = ()


NO_STATS: Final = StatsFacts(signals=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyFacts:
    """A verdict with everything behind it.

    Args:
        decision: with plan and checks.
        judged_us: when it fell, microseconds UTC.
        is_reserved: budget was taken for it.
        became: what came of the plan; None where nothing was approved.
    """

    decision: RiskDecision
    judged_us: int
    is_reserved: bool = False
    became: SignalFacts | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfound:
    """No plan, or no single one, goes by a name.

    Args:
        sentence: why, in words.
    """

    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stranger:
    """An attempt of somebody who may say nothing, or a press that is none of ours.

    Args:
        actor: for the audit, `telegram:424242`.
        name: as they call themselves, cleaned.
        chat: address of the chat; empty where it is not told.
        what: `message` or `button`.
    """

    actor: str
    name: str
    chat: str
    what: str
