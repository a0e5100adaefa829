"""The life of an executed plan: the trade, its order intents, and what is stored of them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NewType, Protocol

from snipersight.domain.direction import Direction
from snipersight.domain.instrument import MarketKind
from snipersight.domain.ledger import EntryId
from snipersight.domain.orders import (
    ClientOrderId,
    Fill,
    FundingPayment,
    OrderRequest,
    TriggerSource,
)
from snipersight.domain.plan import PlanId, SetupId
from snipersight.domain.quick import quick
from snipersight.domain.units import Price, Size, Symbol
from snipersight.domain.venue import Environment, Reason

if TYPE_CHECKING:
    from snipersight.domain.store import UnitOfWork

_NOTHING: Final = Size(Decimal(0))

TradeId = NewType("TradeId", str)  # the same text as the ledger entry that holds its budget


class Mode(StrEnum):
    """How far an order goes."""

    DRY_RUN = "dry-run"  # it is written to the log, and nothing else happens
    PAPER = "paper"  # a venue's testnet or demo, or our simulated venue
    LIVE = "live"  # real money


class Leg(StrEnum):
    """What an order is for; the letter stands in its client id."""

    ENTRY = "E"
    STOP = "S"
    TARGET = "T"
    FLATTEN = "X"


class IntentState(StrEnum):
    """What is known of an order of ours."""

    JOURNALED = "journaled"  # stored; its request may have left, or not
    UNKNOWN = "unknown"  # the request left and nothing sure came back
    WORKING = "working"  # the venue has it
    FILLED = "filled"
    CANCELLED = "cancelled"
    EXPIRED = "expired"  # ended by the venue
    REFUSED = "refused"  # the venue never took it
    ABSENT = "absent"  # nobody found it until long after it could have arrived

    @property
    def is_open(self) -> bool:
        """Return whether it may still be, or become, an order in the book."""
        return self in (IntentState.JOURNALED, IntentState.UNKNOWN, IntentState.WORKING)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderIntent:
    """One order of ours, stored before its request leaves.

    A fill after a cancel is legal: `filled_size` may grow in any state.

    Args:
        client_id: a function of account, plan, leg, index and generation.
        trade_id, account_id: whose.
        leg, index: what it is for: the slice of the zone, the number of the target, from 0.
        generation: 0, 1, 2 … of leg and index; every replacement has the next.
        request: what was asked.
        pair_id: of target and stop placed as one list, the other one; None: it stands alone.
        state: what is known of it.
        filled_size: the most that any evidence showed executed.
        average_price: of that; None before.
        venue_id: the venue's id; empty until it is known.
        created_us: when it was journaled, microseconds UTC.
        sent_us: when its request was about to leave; None: not yet.
        cancel_us: when its cancel was last asked for; None: never.
        updated_us: when anything of it changed.
        problem: how it was refused or ended, in the venue's words; empty if there is nothing.
        reason: why it was refused; None where it was not.
        may_retry: the refusal passes: the same may be asked again after a while.
    """

    client_id: ClientOrderId
    trade_id: TradeId
    account_id: str
    leg: Leg
    index: int
    generation: int
    request: OrderRequest
    pair_id: ClientOrderId | None = None
    state: IntentState = IntentState.JOURNALED
    filled_size: Size = _NOTHING
    average_price: Price | None = None
    venue_id: str = ""
    created_us: int = 0
    sent_us: int | None = None
    cancel_us: int | None = None
    updated_us: int = 0
    problem: str = ""
    reason: Reason | None = None
    may_retry: bool = False

    @property
    def rest(self) -> Size:
        """Return what of it may still be filled: nothing once it has ended."""
        size = self.request.size - self.filled_size
        return Size(max(size, Decimal(0)) if self.state.is_open else Decimal(0))


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class ManagementRules:
    """How a trade is managed once it is on; a profile's section `management`.

    Args:
        entry_fractions: shares of the size at the near edge, the middle and the far edge of the
            zone; they sum to 1, a share of 0 places nothing there.
        break_even: after the first target's fill the stop goes to average entry plus costs.
        trailing_atr: the stop then follows the best price at this many ATR; None: it does not.
        time_stop_us: a trade that has lasted this long is closed; None: it may last.
        trigger: what protective stops watch.
        min_rr: net reward to risk that what was filled must still have.
    """

    entry_fractions: tuple[Decimal, Decimal, Decimal] = (
        Decimal("0.5"),
        Decimal("0.3"),
        Decimal("0.2"),
    )
    break_even: bool = True
    trailing_atr: Decimal | None = None
    time_stop_us: int | None = None
    trigger: TriggerSource = TriggerSource.MARK
    min_rr: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exit:
    """A target of a trade: price, and the share of the position that leaves there."""

    price: Price
    fraction: Decimal


class TradeState(StrEnum):
    """Where a trade is."""

    ENTERING = "entering"  # nothing filled yet
    OPEN = "open"  # holds a position
    EXITING = "exiting"  # everything is being closed; nothing brings it back
    DONE = "done"  # holds nothing, has no order left, the ledger entry has ended
    QUARANTINED = "quarantined"  # the venue says what we cannot explain: a person must look

    @property
    def is_live(self) -> bool:
        """Return whether it needs looking after."""
        return self is not TradeState.DONE


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """A plan that is executed; its facts are fixed when it is staged, the last block changes.

    Args:
        trade_id: also the ledger entry's id.
        account_id, plan_id, setup_id, venue, environment, mode: whose, what and where.
        symbol, market, direction: what is traded.
        size: base units approved.
        leverage: of the approval.
        entry_near, entry_mid, entry_far: of the zone.
        initial_stop: of the plan.
        exits: targets, nearest first; fractions sum to 1.
        valid_until_us: entries end here, microseconds UTC.
        cost_per_unit: fees and slippage of entry and stop, quote currency per base unit.
        risk_quote: loss at the stop that was approved, quote currency, costs included.
        atr: of the plan, quote currency.
        rules: how it is managed.
        created_us: when it was staged.
        state: where it is.
        stop_price: where the protective stop belongs now.
        opened_us: first fill; None before it.
        uncovered_since_us: since when part of the position has no live stop; None: it is covered.
        best_price: best price since the first fill, for trailing; None before.
        exit_reason: why everything is closed; empty while it is not. Latched.
        ended_us: None while it is live.
        note: what a person should know, `quarantined: …`; empty if nothing.
    """

    trade_id: TradeId
    account_id: str
    plan_id: PlanId
    setup_id: SetupId
    venue: str
    environment: Environment
    mode: Mode
    symbol: Symbol
    market: MarketKind
    direction: Direction
    size: Size
    leverage: Decimal
    entry_near: Price
    entry_mid: Price
    entry_far: Price
    initial_stop: Price
    exits: tuple[Exit, ...]
    valid_until_us: int
    cost_per_unit: Decimal
    risk_quote: Decimal
    atr: Decimal
    rules: ManagementRules
    created_us: int
    state: TradeState = TradeState.ENTERING
    stop_price: Price
    opened_us: int | None = None
    uncovered_since_us: int | None = None
    best_price: Price | None = None
    exit_reason: str = ""
    ended_us: int | None = None
    note: str = ""

    @property
    def entry_id(self) -> EntryId:
        """Return the ledger entry that holds its budget."""
        return EntryId(self.trade_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedFill:
    """A fill of one of our orders, as it went into the ledger.

    Args:
        trade_id, client_id, leg: whose order.
        fill: as the venue told it.
        net_size: what it changed the position by, base units: less than the fill's size where the
            fee of a spot buy was paid in the base currency.
        fee_quote: the fee in quote currency; 0 where `net_size` bears it.
    """

    trade_id: TradeId
    client_id: ClientOrderId
    leg: Leg
    fill: Fill
    net_size: Size
    fee_quote: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class KillSwitch:
    """The latched end of all entries of an account, until a person re-arms it.

    Args:
        flatten: close every position of ours too.
        since_us, actor, reason: when, by whom, why.
        done_us: when the venue had confirmed all of it; None while that is not so.
    """

    flatten: bool
    since_us: int
    actor: str
    reason: str = ""
    done_us: int | None = None


class TradeBook(Protocol):
    """Trades, intents and fills of one account within one unit of work."""

    def trade(self, trade_id: TradeId) -> Trade | None:
        """Return one trade, live or done."""
        ...

    def trades(self, *, limit: int = 100) -> tuple[Trade, ...]:
        """Return trades, newest first, live and done."""
        ...

    def live_trades(self) -> tuple[Trade, ...]:
        """Return every trade that needs looking after, oldest first."""
        ...

    def save_trade(self, trade: Trade) -> None:
        """Insert or replace one trade.

        Raises:
            ValueError: another live trade of the account is in the same market of the venue, or
                the trade is another account's.
        """
        ...

    def intent(self, client_id: str) -> OrderIntent | None:
        """Return one intent."""
        ...

    def intents(self, trade_id: TradeId) -> tuple[OrderIntent, ...]:
        """Return every intent of a trade, oldest first."""
        ...

    def open_intents(self) -> tuple[OrderIntent, ...]:
        """Return every intent of the account that may be an order in the book, oldest first."""
        ...

    def save_intent(self, intent: OrderIntent) -> None:
        """Insert or replace one intent.

        Raises:
            ValueError: the account has no such trade.
        """
        ...

    def book_fill(self, booked: BookedFill) -> bool:
        """Store a fill; False, and nothing is changed, if it was stored before.

        A fill is known by venue, environment, symbol, its id and its side: an order of ours that
        is filled by another one of ours makes two fills of one id.

        Raises:
            ValueError: the account has no such trade.
        """
        ...

    def fills(self, trade_id: TradeId) -> tuple[BookedFill, ...]:
        """Return the fills of a trade, oldest first."""
        ...

    def book_funding(self, trade_id: TradeId, payment: FundingPayment) -> bool:
        """Store a funding payment of a trade; False if it was stored before, of whatever trade.

        Raises:
            ValueError: the account has no such trade.
        """
        ...

    def funding(self, trade_id: TradeId) -> tuple[FundingPayment, ...]:
        """Return the funding payments of a trade, oldest first."""
        ...

    def kill_switch(self) -> KillSwitch | None:
        """Return the kill switch; None while it is armed and not pulled."""
        ...

    def save_kill_switch(self, switch: KillSwitch | None) -> None:
        """Pull it, note that it is done, or with None re-arm it."""
        ...


class RecentSignals(Protocol):
    """Remembers, across processes, which signals were fired lately."""

    def claim(
        self,
        account_id: str,
        symbol: str,
        direction: Direction,
        *,
        window_us: int,
        by: str,
        unit: UnitOfWork | None = None,
    ) -> bool:
        """Return whether nobody has fired there within the window, and count this one if so.

        However many ask at once, one is told True. Whoever has claimed asks no second time.

        Args:
            account_id, symbol, direction: where.
            window_us: how far back another one counts, microseconds, above 0.
            by: who fires, for whoever looks into the store.
            unit: the transaction that it is part of, so that it counts with what is journaled
                there, or not at all; None: it has one of its own.

        Raises:
            StateUnavailable: it could not be asked or noted; nothing is claimed.
            ValueError: the window is not above 0, or a name is too long.
        """
        ...
