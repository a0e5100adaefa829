"""What makes two looks at the market see the same setup."""

from __future__ import annotations

from snipersight.analysis.entry_zone import EntryZone
from snipersight.analysis.facts import Setup
from snipersight.domain.instrument import Instrument
from snipersight.domain.plan import SetupId, setup_id_of
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import exact, plain


def identify_setup(
    setup: Setup, zone: EntryZone, instrument: Instrument, timeframe: Timeframe
) -> SetupId:
    """Return the same identity for every look at one zone of one leg.

    The shift is left out on purpose: a leg that breaks a second level still has the same zone,
    and two plans for it would risk the same money twice.

    Args:
        setup: the setup.
        zone: its entry zone on the candles' prices, before any rounding to a tick.
        instrument: the market; venue and symbol belong to the identity.
        timeframe: trigger timeframe.
    """
    return setup_id_of(
        instrument.venue,
        instrument.symbol,
        setup.direction,
        timeframe,
        plain(exact(zone.near)),
        plain(exact(zone.far)),
        *zone.anchors_ms,
        setup.origin_at_ms,
    )
