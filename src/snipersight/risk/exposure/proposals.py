"""A trade that somebody asks about: from the numbers at hand to a claim, or to what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

from snipersight.domain.decision import Check
from snipersight.domain.direction import Direction
from snipersight.domain.errors import DataInvalid
from snipersight.domain.exposure import Amounts
from snipersight.domain.instrument import parse_symbol
from snipersight.domain.units import Currency, Symbol
from snipersight.risk.exposure.book import Claim
from snipersight.risk.underlyings import underlying

Number = float | Decimal

_ZERO: Final = Decimal(0)
_ONE: Final = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A trade with exact numbers, not yet held to anything.

    Args:
        symbol: ccxt's unified symbol.
        size: base units.
        entry, stop: quote per base unit; a stop below the entry makes it a long.
        leverage: notional ÷ margin.
        quote_rate: account currency for one unit of the quote currency.
        cost_per_unit: fees and slippage of entry and stop, quote currency per base unit.
    """

    symbol: Symbol
    size: Decimal
    entry: Decimal
    stop: Decimal
    leverage: Decimal
    quote_rate: Decimal
    cost_per_unit: Decimal

    def problem(self) -> Check | None:
        """Return why nothing can be computed from these numbers; None: it can."""
        if self.size <= 0:
            return refusal("invalid_size", f"a size of {self.size} is no position")
        if min(self.entry, self.stop) <= 0 or self.entry == self.stop:
            text = f"entry {self.entry} and stop {self.stop} are no two prices above 0"
            return refusal("invalid_price", text)
        if self.quote_rate <= 0:
            return refusal("quote_rate", f"a quote rate of {self.quote_rate} is not above 0")
        if self.leverage < 1:
            return refusal("invalid_leverage", f"a leverage of {self.leverage} is below 1")
        if self.cost_per_unit < 0:
            return refusal("invalid_cost", f"a cost of {self.cost_per_unit} is below 0")
        return None

    def claim(self) -> Claim:
        """Return what the trade takes from the budget."""
        notional = self.size * self.entry * self.quote_rate
        loss = abs(self.entry - self.stop) + self.cost_per_unit
        return Claim(
            venue="",
            symbol=self.symbol,
            underlying=underlying(self.symbol),
            direction=Direction.LONG if self.stop < self.entry else Direction.SHORT,
            plan_id=None,
            setup_id=None,
            amounts=Amounts(
                risk=self.size * loss * self.quote_rate,
                notional=notional,
                margin=notional / self.leverage,
            ),
            is_open=False,
        )


def propose(
    symbol: str,
    position_size: Number,
    *,
    account_currency: Currency,
    entry: Number | None,
    stop: Number | None,
    leverage: Number,
    quote_rate: Number | None,
    cost_per_unit: Number,
) -> Claim | Check:
    """Return what a trade takes from the budget, or the refusal that says what is wrong.

    Codes: `price_and_stop_needed` (no amount follows from a size alone), `unknown_symbol`,
    `quote_rate`, `invalid_number`, `invalid_size`, `invalid_price`, `invalid_leverage`,
    `invalid_cost`.

    Args:
        account_currency: the rate of this quote currency is 1.
        quote_rate: of any other; nothing is assumed for it.
    """
    if entry is None or stop is None:
        trade = f"{position_size} {symbol}".rstrip()
        return refusal(
            "price_and_stop_needed",
            f"what {trade} takes follows from entry and stop: give entry= and stop= as well",
        )
    rate = quote_rate if quote_rate is not None else _own_rate(symbol, account_currency)
    if isinstance(rate, Check):
        return rate
    try:
        proposal = Proposal(
            symbol=Symbol(symbol),
            size=exact_number("position_size", position_size),
            entry=exact_number("entry", entry),
            stop=exact_number("stop", stop),
            leverage=exact_number("leverage", leverage),
            quote_rate=exact_number("quote_rate", rate),
            cost_per_unit=exact_number("cost_per_unit", cost_per_unit),
        )
    except ValueError as error:
        return refusal("invalid_number", str(error))
    problem = proposal.problem()
    return proposal.claim() if problem is None else problem


def _own_rate(symbol: str, account_currency: Currency) -> Decimal | Check:
    try:
        _, quote, _ = parse_symbol(symbol)
    except DataInvalid as error:
        return refusal("unknown_symbol", str(error))
    if quote == account_currency:
        return _ONE
    text = f"how many {account_currency} one {quote} is worth is unknown: give quote_rate="
    return refusal("quote_rate", text)


def refusal(code: str, sentence: str) -> Check:
    """Return a check that was not passed because something is missing or impossible."""
    return Check(code=code, passed=False, sentence=sentence)


def exact_number(name: str, value: Number) -> Decimal:
    """Return a number as the shortest decimal that names it.

    Raises:
        ValueError: it is NaN, infinite or no number.
    """
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise ValueError(f"{name} is {value!r}, no finite number")
    return number
