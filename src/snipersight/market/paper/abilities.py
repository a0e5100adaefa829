"""What the simulated venue can do for each kind of market."""

from __future__ import annotations

from typing import Final

from snipersight.domain.instrument import Instrument, MarketKind
from snipersight.domain.venue import StopRests, VenueCapabilities

_PERPETUAL: Final = VenueCapabilities(
    stop_rests=StopRests.WITH_FILL, attaches_stop=True, lookup_us=0
)
_SPOT: Final = VenueCapabilities(
    has_reduce_only=False, pairs_exits=True, has_mark=False, lookup_us=0
)


def abilities_of(instrument: Instrument | None) -> VenueCapabilities:
    """Return what the simulated venue can do for a market; of an unknown one as of a perpetual."""
    is_spot = instrument is not None and instrument.kind is MarketKind.SPOT
    return _SPOT if is_spot else _PERPETUAL
