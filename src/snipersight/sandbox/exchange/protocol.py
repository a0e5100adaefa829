"""What a venue's protocol is to the server: the one place where another venue is added."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from typing import ClassVar

from snipersight.domain.instrument import MarketKind
from snipersight.domain.units import Symbol
from snipersight.matching import MatchEvent, MatchingRules
from snipersight.sandbox.exchange.calls import Call, FaultAnswer, Reply, html_page
from snipersight.sandbox.exchange.faults import FaultKind, RequestKind
from snipersight.sandbox.exchange.streams import Line
from snipersight.sandbox.exchange.world import VenueWorld

# These happen to the connection or the venue, whatever protocol is spoken on it.
_ANYWHERE = frozenset(
    {
        FaultKind.DELAY,
        FaultKind.DROP_BEFORE,
        FaultKind.DROP_AFTER,
        FaultKind.RESET_MID_BODY,
        FaultKind.BAD_GATEWAY,
        FaultKind.GATEWAY_TIMEOUT,
        FaultKind.RESTART,
        FaultKind.CLOCK_SKEW,
    }
)


class VenueProtocol(ABC):
    """How one venue speaks. A subclass is written once per venue and names its hosts.

    Args:
        world: what is spoken about.
    """

    name: ClassVar[str]  # of the venue, as in plans
    kind: ClassVar[MarketKind]  # of the markets that it lists
    hosts: ClassVar[frozenset[str]]  # that it answers under, REST and streams

    def __init__(self, world: VenueWorld) -> None:
        self.world = world
        self.requests: Counter[str] = Counter()
        self.statuses: Counter[int] = Counter()
        world.listen(self.on_event, self.on_price)

    @classmethod
    @abstractmethod
    def matching_rules(cls) -> MatchingRules:
        """Return how its engine differs from others."""

    @abstractmethod
    def request_kind(self, call: Call) -> RequestKind:
        """Return what a request is about, for the plan of faults."""

    @abstractmethod
    def admit(self, call: Call) -> Reply | None:
        """Count a request against the limits; the refusal if it is over one, else None."""

    @abstractmethod
    async def answer(self, call: Call) -> Reply:
        """Carry a request out and answer it, refusals included."""

    @abstractmethod
    def documented(self, kind: FaultKind, *, retry_after_s: int) -> FaultAnswer | None:
        """Return the venue's own answer in a fault; None where it knows no such fault."""

    @abstractmethod
    async def open_line(self, call: Call, line: Line) -> None:
        """Make a new line an account's or a public one, by the address it was asked for at.

        Raises:
            StreamRefused: there is no such stream, or its key is unknown.
        """

    @abstractmethod
    async def hear(self, line: Line, message: str) -> None:
        """Act on what a client says on a line: subscriptions, authentication, pings."""

    @abstractmethod
    def on_event(self, event: MatchEvent) -> None:
        """Tell the lines of an account what the engine did."""

    @abstractmethod
    def on_price(self, symbol: Symbol) -> None:
        """Tell the lines that asked for it of a new price."""

    def headers(self, call: Call) -> dict[str, str]:
        """Return the headers of every answer to a request, such as used weight."""
        return {}

    def limits_used(self) -> dict[str, int]:
        """Return the busiest window of each limit, and how often one was exceeded."""
        return {}

    def is_spared(self, kind: FaultKind, call: Call) -> bool:
        """Return whether a fault of the kind passes a request by."""
        return False

    def befalls(self, kind: FaultKind, call: Call) -> bool:
        """Return whether a kind of fault can befall a request here."""
        is_known = kind in _ANYWHERE or self.documented(kind, retry_after_s=1) is not None
        return is_known and not self.is_spared(kind, call)

    def fault_answer(self, kind: FaultKind, *, retry_after_s: int) -> FaultAnswer | None:
        """Return what is answered in a fault; None where nothing is."""
        if kind is FaultKind.BAD_GATEWAY:
            return FaultAnswer(reply=html_page(502, "Bad Gateway"), may_be_done=True)
        if kind is FaultKind.GATEWAY_TIMEOUT:
            return FaultAnswer(reply=html_page(504, "Gateway Time-out"), may_be_done=True)
        return self.documented(kind, retry_after_s=retry_after_s)


class StreamRefused(Exception):
    """A WebSocket is refused before it opens.

    Args:
        reply: what the client is told instead.
    """

    def __init__(self, reply: Reply) -> None:
        super().__init__(f"HTTP {reply.status}")
        self.reply = reply
