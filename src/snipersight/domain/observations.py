"""What was observed of the markets when plans are judged; the gate itself looks at nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from snipersight.domain.instrument import Instrument
from snipersight.domain.quick import quick
from snipersight.domain.units import Currency, Price, Symbol


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class ReferencePrice:
    """A price to hold a plan against, read independently of the plan.

    Args:
        price: quote per base unit, above 0.
        at_ms: the moment it was true, milliseconds UTC.
        step_ms: how far apart such prices are by nature: the length of a bar; 0 for a live quote.
        source: where it comes from, for the reader.
    """

    price: Price
    at_ms: int
    step_ms: int = 0
    source: str = ""


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class MarketFacts:
    """One market at one moment; None means unknown, and unknown approves nothing.

    Args:
        instrument: the market's rules.
        quote_rate: account currency for one unit of the quote currency.
        reference: an independent price.
        quote_volume: traded value of the last 24 hours, quote currency.
    """

    instrument: Instrument
    quote_rate: Decimal | None
    reference: ReferencePrice | None
    quote_volume: Decimal | None


@dataclass(frozen=True, slots=True)
class Correlations:
    """Correlation of returns between underlyings; what was not measured is unknown.

    Args:
        pairs: `(a, b)` with a < b to a coefficient from -1 to 1, four decimals.
        window: how it was measured, for the reader: `180 returns of 4h`.
    """

    pairs: Mapping[tuple[Currency, Currency], Decimal] = field(default_factory=dict)
    window: str = ""

    def between(self, one: Currency, other: Currency) -> Decimal | None:
        """Return the coefficient, 1 for an asset with itself, None where it is unknown."""
        if one == other:
            return Decimal(1)
        return self.pairs.get((one, other) if one < other else (other, one))


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Observations:
    """The markets at one moment.

    Args:
        venue: short name of the venue observed.
        as_of_ms: the moment, milliseconds UTC.
        markets: every market that plans or positions trade in, as far as it could be observed.
        correlations: between their underlyings.
        clock_skew_ms: venue's clock minus ours; None where it could not be told.
    """

    venue: str
    as_of_ms: int
    markets: Mapping[Symbol, MarketFacts] = field(default_factory=dict)
    correlations: Correlations = field(default_factory=Correlations)
    clock_skew_ms: int | None = 0
