"""What a trade needs next, and all that this follows from: the border between rule and doing."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from snipersight.domain.execution import OrderIntent, Trade
from snipersight.domain.instrument import Instrument
from snipersight.domain.orders import ClientOrderId, Quote
from snipersight.domain.units import Price, Size
from snipersight.domain.venue import VenueCapabilities


@dataclass(frozen=True, slots=True, kw_only=True)
class Timings:
    """How long things may take; microseconds of the executor's clock.

    Args:
        stop_deadline_us: a position may lack its stop this long; closing it begins before that.
        retry_us: pause before the same leg is tried again after a refusal that may pass.
        cancel_retry_us: pause before a cancel that brought nothing is repeated.
        lookup_retry_us: pause between two look-ups of an order whose outcome is unknown.
        poll_us: longest pause between two looks at the venue when nothing is heard.
    """

    stop_deadline_us: int = 10_000_000
    retry_us: int = 1_000_000
    cancel_retry_us: int = 1_000_000
    lookup_retry_us: int = 1_000_000
    poll_us: int = 4_000_000

    @property
    def flatten_after_us(self) -> int:
        """Return after how long without a stop a position is closed: three fifths of the deadline.

        The rest is for closing it, where a venue that took no stop may not take that at once.
        """
        return self.stop_deadline_us * 3 // 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """Everything that decides what a trade needs next.

    Args:
        trade: as stored.
        intents: all of its orders, oldest first, with the newest evidence.
        held: base units in the position by that evidence: entries filled minus exits filled,
            fees paid in the base currency taken off.
        average_entry: of everything filled so far; None before.
        entered: base units filled by entries so far, fees paid in the base currency taken off.
        quote: the prices now; None where they are not known.
        instrument: the market's rules.
        abilities: the venue's.
        timings: how long things may take.
        now_us: the time.
        pending: base units of the budget that the ledger still keeps for entries.
        is_booked: whether every execution that evidence shows is in the ledger.
        entries_allowed: False once killed, halted, or reducing only: what rests is cancelled.
        spare: base units that the account has beyond what this trade holds, other trades' too,
            where that was asked for because of exits whose outcome is unknown, and after it a
            look-up of each found nothing; None: not asked, or not known. Spot only.
        calm_us: when the venue last showed that nothing lacked a stop, where no stream has told
            what is seen now; None: it happened just now, or nobody knows when.
    """

    trade: Trade
    intents: tuple[OrderIntent, ...]
    held: Size
    average_entry: Price | None
    entered: Size
    quote: Quote | None
    instrument: Instrument
    abilities: VenueCapabilities
    timings: Timings
    now_us: int
    pending: Size
    is_booked: bool
    entries_allowed: bool = True
    spare: Decimal | None = None
    calm_us: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Journal these intents, then send them: one order, or target and stop as one list."""

    intents: tuple[OrderIntent, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel:
    """Ask the venue to cancel an order."""

    client_id: ClientOrderId
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LookUp:
    """Ask the venue what became of an order.

    One that nobody finds has its `updated_us` set all the same: it is given up only once it was
    looked for in vain after its window.
    """

    client_id: ClientOrderId


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveUp:
    """Call an order absent: it could not have appeared any more, and nobody found it."""

    client_id: ClientOrderId


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveStop:
    """The protective stop belongs at another price from now on."""

    price: Price
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Flatten:
    """Close everything at market, from now on and for good."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """Note whether live stops cover the whole position now.

    Args:
        is_covered: whether they do.
        since_us: since when they may not; None: since now.
    """

    is_covered: bool
    since_us: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseRest:
    """No entry can be filled any more: give the unfilled part of the budget back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finish:
    """The trade holds nothing and has no order left.

    Args:
        why: how it ended.
        dust: base units left that no order can sell; written off in the ledger.
    """

    why: str
    dust: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Tell a person, once a subject."""

    subject: str
    text: str


Action = (
    Place | Cancel | LookUp | GiveUp | MoveStop | Flatten | Cover | ReleaseRest | Finish | Alarm
)
