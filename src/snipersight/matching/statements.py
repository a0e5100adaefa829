"""What an account has: balances, equity, and the journal that both follow from."""

from __future__ import annotations

from decimal import Decimal

from snipersight.domain.errors import NoData
from snipersight.domain.orders import Balance
from snipersight.domain.units import Currency
from snipersight.matching.accounts import Account
from snipersight.matching.amounts import ONE, ZERO
from snipersight.matching.floor import Floor
from snipersight.matching.postings import Book, JournalEntry, Posting, both_sides


def balances(account: Account) -> tuple[Balance, ...]:
    """Return what the wallet holds, by currency; free is at least 0."""
    return tuple(
        Balance(currency=currency, total=total, free=max(account.free(currency), ZERO))
        for currency, total in sorted(account.wallet.items())
    )


def journal(account: Account) -> tuple[Posting, ...]:
    """Return every posting, oldest first, and last the open positions' results at the mark.

    The postings of each entry sum to zero. Those of the account's own books (`Book.is_own`) sum
    to its equity, by currency and to the last digit.
    """
    postings: list[Posting] = []
    for number, entry in enumerate(account.entries, start=1):
        postings += both_sides(number, entry)
    number = len(account.entries)
    for position in account.positions():
        number += 1
        market = position.market
        entry = JournalEntry(
            at_us=market.at_us,
            source=Book.MARKET,
            currency=market.quote,
            amount=position.result(market.mark or ZERO),
            symbol=market.symbol,
            reference="",
        )
        postings += both_sides(number, entry, own=Book.UNREALISED)
    return tuple(postings)


def equities(account: Account) -> dict[Currency, Decimal]:
    """Return wallet plus unrealised results, by currency."""
    found = dict(account.wallet)
    for position in account.positions():
        market = position.market
        result = position.result(market.mark or ZERO)
        found[market.quote] = found.get(market.quote, ZERO) + result
    return found


def equity(floor: Floor, account: Account, currency: Currency) -> Decimal:
    """Return everything the account has, valued in one currency at the last prices.

    Raises:
        NoData: a currency is held whose price in that one is not known.
    """
    return sum(
        (
            amount * _rate(floor, held, currency)
            for held, amount in equities(account).items()
            if amount
        ),
        ZERO,
    )


def _rate(floor: Floor, held: Currency, currency: Currency) -> Decimal:
    if held == currency:
        return ONE
    for market in floor.markets.values():
        if market.last is None or not market.is_spot:
            continue
        if market.base == held and market.quote == currency:
            return market.last
    raise NoData(f"no spot market of {held} in {currency} has a price: equity is unknown")
