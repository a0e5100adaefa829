"""Everything a verdict depends on, with defaults that approve."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from snipersight.domain.account import AccountState
from snipersight.domain.instrument import Instrument
from snipersight.domain.units import Currency, Money
from snipersight.risk.inputs import ExposureView, GateInputs
from tests.builders.contexts import DECIDED_AT_MS
from tests.builders.instruments import an_instrument
from tests.builders.ledger import market_facts


def gate_inputs(
    instrument: Instrument | None = None,
    *,
    equity: str = "10000",
    margin: Decimal | None = None,
    currency: str = "USDT",
    price: str = "42250",
    quote_rate: str | None = "1",
    quote_volume: str | None = "1000000000",
    view: ExposureView | None = None,
    **overrides: Any,
) -> GateInputs:
    """Return inputs for the plan of `a_plan()`: 10,000 USDT, nothing held, everything known.

    Args:
        instrument: of the market; BTC/USDT without costs unless said.
        equity, margin, currency: of the account.
        price: reference price.
        quote_rate, quote_volume: of the market.
        view: the ledger.
        overrides: any other field of `GateInputs`.
    """
    account = AccountState(
        account_id="main",
        currency=Currency(currency),
        equity=Money(Decimal(equity)),
        available_margin=margin,
    )
    market = instrument or an_instrument(maker="0", taker="0")
    values: dict[str, Any] = {
        "account": account,
        "facts": market_facts(
            market, price=price, quote_rate=quote_rate, quote_volume=quote_volume
        ),
        "view": view or ExposureView(),
        "tripped": (),
        "cooldowns": (),
        "at_us": DECIDED_AT_MS * 1000,
        "last_us": DECIDED_AT_MS * 1000,
        "as_of_ms": DECIDED_AT_MS,
        "clock_skew_ms": 0,
    }
    return GateInputs(**(values | overrides))
