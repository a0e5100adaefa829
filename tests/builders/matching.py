"""A simulated venue with two markets and one account, and orders for it."""

from decimal import Decimal
from typing import Any

from snipersight.domain.direction import Direction
from snipersight.domain.orders import ClientOrderId, OrderKind, OrderRequest, VenueOrder
from snipersight.domain.units import Currency, Price, Size, Symbol
from snipersight.domain.venue import Answer, Problem
from snipersight.matching import MatchingEngine, MatchingRules
from tests.builders.instruments import an_instrument

PERPETUAL = Symbol("BTC/USDT:USDT")
SPOT = Symbol("BTC/USDT")
USDT = Currency("USDT")
BTC = Currency("BTC")
ACCOUNT = "main"
EXACT = MatchingRules(slippage_fraction=Decimal(0))


def an_engine(
    *,
    rules: MatchingRules = EXACT,
    balances: dict[str, str] | None = None,
    last: str | None = "100",
    is_isolated: bool = True,
    is_hedged: bool = False,
    leverage: str = "10",
    perpetual: dict[str, Any] | None = None,
    spot: dict[str, Any] | None = None,
) -> MatchingEngine:
    """Return a venue with both markets at the price `last` and the account `main` open.

    The perpetual: tick 0.1, lot 0.001, fees 0.02 % and 0.05 %, maintenance 1 % of the notional
    (2.5 % from 100,000). The account: 10,000 USDT, isolated margin, leverage 10.
    """
    sizes = {"tick": "0.1", "lot": "0.001"}
    engine = MatchingEngine(
        [
            an_instrument(PERPETUAL, **(sizes | (perpetual or {}))),
            an_instrument(SPOT, **(sizes | (spot or {}))),
        ],
        rules=rules,
    )
    amounts = {Currency(k): Decimal(v) for k, v in (balances or {"USDT": "10000"}).items()}
    engine.open_account(ACCOUNT, amounts, is_hedged=is_hedged)
    engine.set_isolated(ACCOUNT, PERPETUAL, is_isolated)
    engine.set_leverage(ACCOUNT, PERPETUAL, Decimal(leverage))
    if last is not None:
        for symbol in (PERPETUAL, SPOT):
            engine.trade(symbol, price=Decimal(last), at_us=1)
    engine.drain()
    return engine


def an_order(
    client_id: str = "one",
    kind: OrderKind | str = OrderKind.LIMIT,
    *,
    size: str = "1",
    symbol: Symbol = PERPETUAL,
    direction: Direction = Direction.LONG,
    is_reducing: bool = False,
    price: str | None = None,
    trigger: str | None = None,
    attached: str | None = None,
    **overrides: Any,
) -> OrderRequest:
    """Return a request; prices as text."""
    return OrderRequest(
        client_id=ClientOrderId(client_id),
        symbol=symbol,
        direction=direction,
        is_reducing=is_reducing,
        kind=OrderKind(kind),
        size=Size(Decimal(size)),
        price=None if price is None else Price(Decimal(price)),
        trigger_price=None if trigger is None else Price(Decimal(trigger)),
        attached_stop=None if attached is None else Price(Decimal(attached)),
        **overrides,
    )


def an_exit(client_id: str, kind: OrderKind | str, **values: Any) -> OrderRequest:
    """Return a request that reduces."""
    return an_order(client_id, kind, is_reducing=True, **values)


def a_print(
    engine: MatchingEngine, price: str, *, at_us: int = 10, symbol: Symbol = PERPETUAL, **more: str
) -> None:
    """Print a trade; `size` and `mark` as text."""
    numbers = {name: Decimal(text) for name, text in more.items()}
    engine.trade(symbol, price=Decimal(price), at_us=at_us, **numbers)


def a_bar(
    engine: MatchingEngine, prices: str, *, symbol: Symbol = PERPETUAL, volume: str | None = None
) -> None:
    """Play a bar of an hour; `prices` are open, high, low, close, with blanks between."""
    first, high, low, close = (Decimal(text) for text in prices.split())
    engine.bar(
        symbol,
        open=first,
        high=high,
        low=low,
        close=close,
        at_us=3_600_000_000,
        step_us=3_600_000_000,
        volume=None if volume is None else Decimal(volume),
    )


def wallet(engine: MatchingEngine, currency: Currency = USDT) -> Decimal:
    """Return what the account holds of a currency."""
    held = {balance.currency: balance.total for balance in engine.balances(ACCOUNT)}
    return held.get(currency, Decimal(0))


def free(engine: MatchingEngine, currency: Currency = USDT) -> Decimal:
    """Return what the account has free of a currency."""
    held = {balance.currency: balance.free for balance in engine.balances(ACCOUNT)}
    return held.get(currency, Decimal(0))


def order_of(engine: MatchingEngine, client_id: str) -> VenueOrder:
    """Return an order that must be known."""
    order = engine.order(ACCOUNT, client_id=client_id)
    if order is None:
        raise AssertionError(f"no order {client_id}")
    return order


def taken(answer: Answer) -> VenueOrder:
    """Return the order of an answer that must not be a refusal."""
    if answer.problem is not None or answer.order is None:
        raise AssertionError(f"refused: {answer.problem}")
    return answer.order


def refused(answer: Answer) -> Problem:
    """Return why an order was refused that must have been."""
    if answer.problem is None:
        raise AssertionError(f"taken: {answer.order}")
    return answer.problem


def status_of(engine: MatchingEngine, client_id: str) -> str:
    """Return how an order stands."""
    return order_of(engine, client_id).status.value
