"""A busy desk: what the risk gate is measured on, 50 positions and 20 reservations in 40 markets."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations
from typing import Final

from snipersight.domain.account import AccountState
from snipersight.domain.direction import Direction
from snipersight.domain.ledger import LedgerEntry
from snipersight.domain.observations import Correlations, MarketFacts
from snipersight.domain.plan import TradePlan
from snipersight.domain.units import Currency, Money, Symbol
from snipersight.risk.exposure.book import ExposureBook
from snipersight.risk.inputs import GateInputs
from snipersight.risk.policy import RiskPolicy
from tests.builders import a_plan, an_instrument
from tests.builders.contexts import DECIDED_AT_MS
from tests.builders.ledger import a_policy, an_entry, market_facts

POSITIONS: Final = 50
RESERVATIONS: Final = 20
MARKETS: Final = 40
EQUITY: Final = Decimal(1_000_000)
_HELD_IN: Final = 30  # of the markets; the plans of the others find nothing of their own asset
_DECIDED_US: Final = DECIDED_AT_MS * 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Everything that a row of decisions needs.

    Args:
        entries: the ledger.
        plans: one a market, long and short; each passes every check.
        facts: of the plans' markets.
        correlations: between all underlyings, every pair measured.
        policy: every limit on.
    """

    entries: tuple[LedgerEntry, ...]
    plans: tuple[TradePlan, ...]
    facts: dict[Symbol, MarketFacts]
    correlations: Correlations
    policy: RiskPolicy

    def inputs(self, plan: TradePlan, book: ExposureBook) -> GateInputs:
        """Return what the verdict on one plan depends on, the view of the ledger included."""
        facts = self.facts[plan.symbol]
        view = book.view(
            facts.instrument.underlying,
            plan.setup_id,
            correlations=self.correlations,
            threshold=self.policy.cluster_correlation,
        )
        return GateInputs(
            account=_ACCOUNT,
            facts=facts,
            view=view,
            tripped=(),
            cooldowns=(),
            at_us=_DECIDED_US,
            last_us=_DECIDED_US,
            as_of_ms=DECIDED_AT_MS,
            clock_skew_ms=0,
        )


_ACCOUNT: Final = AccountState(
    account_id="main", currency=Currency("USDT"), equity=Money(EQUITY), available_margin=EQUITY
)


def a_desk(**limits: str | int) -> Desk:
    """Return the desk; `limits` replaces some of its policy's."""
    values: dict[str, str | int] = {
        "risk_fraction": "0.005",
        "max_total": "0.5",
        "max_per_asset": "0.1",
        "max_cluster": "0.4",
        "max_leverage": "10",
        "max_positions": 200,
    }
    symbols = [_symbol(number) for number in range(MARKETS)]
    instruments = {name: an_instrument(name) for name in symbols}
    return Desk(
        entries=tuple(_entry(number) for number in range(POSITIONS + RESERVATIONS)),
        plans=tuple(_plan(number) for number in range(MARKETS)),
        facts={name: market_facts(one) for name, one in instruments.items()},
        correlations=_correlations(),
        policy=a_policy(**(values | limits)),
    )


def _symbol(number: int) -> Symbol:
    return Symbol(f"COIN{number:02}/USDT:USDT")


def _side(number: int) -> Direction:
    return Direction.SHORT if number % 3 == 0 else Direction.LONG


def _plan(number: int) -> TradePlan:
    return a_plan(_side(number), symbol=_symbol(number))


def _entry(number: int) -> LedgerEntry:
    """Return half a unit at the plans' own price, reserved or filled; the stop 400 away."""
    market = number % _HELD_IN
    side = _side(market)
    is_open = number < POSITIONS
    return an_entry(
        _symbol(market),
        entry_id=f"entry-{number:03}",
        direction=side,
        pending="0" if is_open else "0.5",
        filled="0.5" if is_open else "0",
        entry="42250",
        stop=str(42250 - 400 * side.sign),
        cost="31.7",
        leverage="5",
    )


def _correlations() -> Correlations:
    """Return a coefficient for every pair: a third of them bind a pair into one cluster."""
    names = [Currency(f"COIN{number:02}") for number in range(MARKETS)]
    pairs = {
        (one, other): Decimal(place * 7919 % 13_000 - 3_000) / 10_000
        for place, (one, other) in enumerate(combinations(names, 2))
    }
    return Correlations(pairs=pairs, window="180 returns of 4h")
