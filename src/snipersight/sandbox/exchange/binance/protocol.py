"""How Binance's venues answer over HTTP: routes with weight and security, one table per venue."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto

from snipersight.domain.errors import DataInvalid
from snipersight.sandbox.exchange.accounts import SandboxAccount
from snipersight.sandbox.exchange.binance.fields import Fields
from snipersight.sandbox.exchange.binance.keys import account_of_key, account_of_signed
from snipersight.sandbox.exchange.binance.meter import Limits, Meter
from snipersight.sandbox.exchange.binance.refusals import Refusal, documented_fault
from snipersight.sandbox.exchange.calls import Call, FaultAnswer, Reply
from snipersight.sandbox.exchange.faults import FaultKind, RequestKind
from snipersight.sandbox.exchange.protocol import VenueProtocol
from snipersight.sandbox.exchange.world import VenueWorld


class Security(Enum):
    """What a request has to carry."""

    NONE = auto()
    KEY = auto()
    SIGNED = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request that passed the checks of its route.

    Args:
        fields: of query and body.
        call: the request.
        account: whose; None where no key is needed.
    """

    fields: Fields
    call: Call
    account: SandboxAccount | None = None

    @property
    def account_id(self) -> str:
        """Return the account's name.

        Raises:
            Refusal: the route asks for no key, so there is no account.
        """
        if self.account is None:
            raise Refusal(-2014, "API-key format invalid.", status=401)
        return self.account.name


Handle = Callable[[Asked], Awaitable[object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One address.

    Args:
        handle: returns the body of the answer; refusals are raised.
        weight: counted against the limit per minute.
        weight_of_all: in place of it where no `symbol` is given.
        security: what has to come with a request.
        kind: what it is about, for the plan of faults.
        orders: that it places, if it places any.
    """

    handle: Handle
    weight: int = 1
    weight_of_all: int | None = None
    security: Security = Security.SIGNED
    kind: RequestKind = RequestKind.QUERY
    orders: int = 1


Routes = Mapping[tuple[str, str], Route]


class BinanceProtocol(VenueProtocol):
    """One of Binance's venues; a subclass lists its routes and limits and speaks its streams."""

    def __init__(self, world: VenueWorld) -> None:
        super().__init__(world)
        self.meter = Meter(self.limits().times(world.limit_factor))
        self._routes = self.routes()

    @abstractmethod
    def routes(self) -> Routes:
        """Return every address, by method and path."""

    @abstractmethod
    def limits(self) -> Limits:
        """Return what passes within a minute."""

    def request_kind(self, call: Call) -> RequestKind:
        """Return what a request is about; an unknown address is public."""
        route = self._route(call)
        return RequestKind.PUBLIC if route is None else route.kind

    def admit(self, call: Call) -> Reply | None:
        """Count the weight of a request; 429 or 418 over the limit."""
        route = self._route(call)
        weight = 1 if route is None else route.weight
        if route is not None and route.weight_of_all and "symbol" not in Fields(call.parameters()):
            weight = route.weight_of_all
        orders = route.orders if route is not None and route.kind is RequestKind.ORDER else 0
        try:
            self.meter.count(weight, orders=orders, at_us=call.at_us)
        except Refusal as refusal:
            return refusal.reply()
        return None

    async def answer(self, call: Call) -> Reply:
        """Carry a request out and answer it."""
        route = self._route(call)
        if route is None:
            return Reply(status=404, body="<html><body><h2>404 Not found</h2></body></html>")
        try:
            asked = self._asked(route, call)
            return Reply(body=await route.handle(asked))
        except Refusal as refusal:
            return refusal.reply()
        except DataInvalid as error:  # a market that was never priced
            return Refusal(-1000, str(error)).reply()
        finally:
            self.world.tell()

    def documented(self, kind: FaultKind, *, retry_after_s: int) -> FaultAnswer | None:
        """Return Binance's answer in a fault."""
        most = self.meter.limits.weight_per_minute
        return documented_fault(kind, retry_after_s=retry_after_s, most_weight=most)

    def is_spared(self, kind: FaultKind, call: Call) -> bool:
        """Return whether a fault passes a request by: only what is signed has a time."""
        route = self._route(call)
        is_signed = route is not None and route.security is Security.SIGNED
        return kind is FaultKind.CLOCK_SKEW and not is_signed

    def headers(self, call: Call) -> dict[str, str]:
        """Return the used weight and order counts."""
        return self.meter.headers()

    def limits_used(self) -> dict[str, int]:
        """Return the busiest window of each limit, and how often one was exceeded."""
        return self.meter.used()

    def _route(self, call: Call) -> Route | None:
        return self._routes.get((call.method, call.path))

    def _asked(self, route: Route, call: Call) -> Asked:
        account = None
        if route.security is Security.SIGNED:
            account = account_of_signed(call, self.world.accounts)
        elif route.security is Security.KEY:
            account = account_of_key(call, self.world.accounts)
        return Asked(fields=Fields(call.parameters()), call=call, account=account)
