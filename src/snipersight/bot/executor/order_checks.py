"""The last look at an order before it is sent: could the venue take it, and does it do what it says.

Every question is answered by a `Check`, falsy with a stable code where the answer is no. What is
unknown is refused. Exits are asked fewer questions than entries: whatever gets out should pass.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from snipersight.bot.executor.managing.amounts import has_passed
from snipersight.domain.decision import Check
from snipersight.domain.direction import Direction
from snipersight.domain.execution import Trade
from snipersight.domain.instrument import Instrument, MarketKind
from snipersight.domain.orders import OrderKind, OrderRequest, Quote
from snipersight.risk.policy import RiskPolicy

_ZERO: Final = Decimal(0)
_ONE: Final = Decimal(1)
_MARKET_KINDS: Final = (
    OrderKind.MARKET,
    OrderKind.STOP_MARKET,
    OrderKind.TAKE_PROFIT_MARKET,
)
DEFAULT_BAND: Final = Decimal("0.20")


def validate_order_parameters(
    request: OrderRequest,
    instrument: Instrument,
    quote: Quote | None,
    *,
    price_band: Decimal = DEFAULT_BAND,
) -> Check:
    """Return whether an order is one that the venue can take and that does what it is meant to.

    Asked in this order; the first that fails is named: `wrong_market`, `unknown_rules`,
    `no_short`, `off_lot`, `off_tick`, `below_minimum`, `above_maximum`, `unknown_price`,
    `price_band`, `wrong_side`. Minimums do not count for what reduces a perpetual, the price band
    for no exit: targets lie far away.

    Args:
        request: what is about to be asked.
        instrument: rules of its market.
        quote: prices now; an entry is refused without them.
        price_band: furthest that an entry may lie from the last price, as a fraction of it.

    Returns:
        A truthy check `order_parameters`, or the falsy one that failed.
    """
    for found in _questions(request, instrument, quote, price_band):
        if found is not None:
            return found
    return Check(code="order_parameters", passed=True, sentence="the order keeps every rule")


def enforce_max_position_risk(
    trade: Trade,
    *,
    equity: Decimal,
    policy: RiskPolicy,
    instrument: Instrument,
    quote_rate: Decimal = _ONE,
) -> Check:
    """Return whether a trade loses no more at its stop than one trade may, costs included.

    The whole size is measured as if it was filled at the near edge, where a unit loses most; its
    costs are the larger of the trade's own and the venue's fees with slippage. Leverage is left
    out because it changes margin alone: a size that was multiplied by it loses that much more,
    and is refused here (docs/adr/0001).

    Args:
        trade: staged, not yet sent.
        equity: of the account, in account currency.
        policy: the limits; `max_risk_per_trade` and `slippage_fraction` are read.
        instrument: of the trade.
        quote_rate: account currency for one unit of the quote currency.

    Returns:
        A check `max_position_risk` with the fraction of equity at risk and the most allowed;
        `unknown_risk` where a number is missing, not finite or not above 0.
    """
    loss = _loss_per_unit(trade, policy, instrument)
    numbers = (equity, quote_rate, trade.size, _ZERO if loss is None else loss)
    if any(not value.is_finite() or value <= 0 for value in numbers):
        sentence = f"size {trade.size}, equity {equity}, rate {quote_rate} or fees are no measure"
        return Check(code="unknown_risk", passed=False, sentence=sentence)
    risk = trade.size * numbers[-1] * quote_rate
    limit = policy.max_risk_per_trade
    share = f"{risk / equity:.4%} of {equity:.2f}"
    return Check(
        code="max_position_risk",
        # Multiplied out: a quotient's last digit must not decide.
        passed=risk <= equity * limit,
        measured=risk / equity,
        limit=limit,
        sentence=f"the stop would lose {risk:.2f}, {share}; at most {limit:.4%} is allowed",
    )


def _questions(
    request: OrderRequest, instrument: Instrument, quote: Quote | None, band: Decimal
) -> Iterator[Check | None]:
    yield _market(request, instrument)
    yield _steps(request, instrument)
    yield _bounds(request, instrument)
    yield _notional(request, instrument, quote)
    yield _band(request, quote, band)
    yield _own_sides(request)
    yield _trigger_side(request, quote)


def _market(request: OrderRequest, instrument: Instrument) -> Check | None:
    if request.symbol != instrument.symbol:
        return _failed("wrong_market", request.symbol, instrument.symbol, "belongs to")
    if instrument.tick is None or instrument.lot is None:
        return _failed("unknown_rules", request.symbol, "known", "has a tick or lot not")
    if request.direction is Direction.SHORT and not instrument.allows_short:
        return _failed("no_short", request.symbol, None, "allows no short")
    return None


def _steps(request: OrderRequest, instrument: Instrument) -> Check | None:
    if instrument.lot is not None and request.size % instrument.lot != 0:
        return _failed("off_lot", request.size, instrument.lot, "is no multiple of the lot")
    for price in (request.price, request.trigger_price, request.attached_stop):
        if price is not None and instrument.tick is not None and price % instrument.tick != 0:
            return _failed("off_tick", price, instrument.tick, "is no multiple of the tick")
    return None


def _bounds(request: OrderRequest, instrument: Instrument) -> Check | None:
    least = instrument.min_size
    if least is not None and request.size < least and not _is_exempt(request, instrument):
        return _failed("below_minimum", request.size, least, "is below the least size")
    largest = [instrument.max_size]
    if request.kind in _MARKET_KINDS:
        largest.append(instrument.max_market_size)
    most = min((one for one in largest if one is not None), default=None)
    if most is not None and request.size > most:
        return _failed("above_maximum", request.size, most, "is above the largest size")
    return None


def _is_exempt(request: OrderRequest, instrument: Instrument) -> bool:
    return request.is_reducing and instrument.kind is MarketKind.PERPETUAL


def _notional(request: OrderRequest, instrument: Instrument, quote: Quote | None) -> Check | None:
    least = instrument.min_notional
    if least is None or _is_exempt(request, instrument):
        return None
    price = request.price or request.trigger_price or (None if quote is None else quote.last)
    if price is None:
        # A market exit on spot goes out unpriced: the venue knows the price.
        return None if request.is_reducing else _unpriced(request)
    worth = request.size * price
    return _failed("below_minimum", worth, least, "is worth less than") if worth < least else None


def _band(request: OrderRequest, quote: Quote | None, band: Decimal) -> Check | None:
    if request.is_reducing:
        return None
    if quote is None:
        return _unpriced(request)
    price = request.price or request.trigger_price or quote.last
    gap = abs(price - quote.last)
    if gap <= band * quote.last:
        return None
    return _failed("price_band", gap / quote.last, band, f"of {quote.last} away: {price}; at most")


def _own_sides(request: OrderRequest) -> Check | None:
    """Ask whether the prices of one order lie on the right side of each other."""
    direction, price, trigger = request.direction, request.price, request.trigger_price
    stop, reference = request.attached_stop, price or trigger
    if stop and reference and not direction.is_losing(stop, entry=reference):
        return _failed("wrong_side", stop, reference, "is no stop of an entry at")
    is_stop_limit = request.kind is OrderKind.STOP_LIMIT
    if is_stop_limit and price and trigger and direction.is_winning(price, entry=trigger):
        return _failed("wrong_side", price, trigger, "would not fill once it triggers at")
    return None


def _trigger_side(request: OrderRequest, quote: Quote | None) -> Check | None:
    """Ask whether a conditional exit would trigger at once."""
    trigger = request.trigger_price
    if trigger is None or quote is None or not request.is_reducing:
        return None
    now = quote.of(request.trigger_source)
    direction = request.direction if request.kind.is_stop else request.direction.opposite
    if has_passed(now, trigger, direction):
        return _failed("wrong_side", trigger, now, "would trigger at once at")
    return None


def _loss_per_unit(trade: Trade, policy: RiskPolicy, instrument: Instrument) -> Decimal | None:
    fees = instrument.fees
    if fees is None or not trade.direction.is_losing(trade.initial_stop, entry=trade.entry_near):
        return None
    exit_fraction = max(fees.taker, _ZERO) + policy.slippage_fraction
    ours = trade.entry_near * max(fees.maker, _ZERO) + trade.initial_stop * exit_fraction
    return abs(trade.entry_near - trade.initial_stop) + max(ours, trade.cost_per_unit)


def _unpriced(request: OrderRequest) -> Check:
    return _failed("unknown_price", request.symbol, None, "has no price to hold the entry against")


def _failed(code: str, measured: Decimal | str, limit: Decimal | str | None, how: str) -> Check:
    sentence = f"{measured} {how}" if limit is None else f"{measured} {how} {limit}"
    return Check(code=code, passed=False, measured=measured, limit=limit, sentence=sentence)
