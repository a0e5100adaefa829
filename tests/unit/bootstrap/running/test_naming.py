"""A run names what its source does not know before it scans, and refuses where that is all."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from snipersight.bootstrap.running.naming import unknown_markets
from snipersight.domain.errors import ConfigInvalid, SniperSightError, VenueUnavailable
from snipersight.domain.units import Symbol
from tests.builders import an_instrument


@dataclass
class Source:
    fault: SniperSightError | None = None
    venue: str = "sandbox"
    listed: tuple[str, ...] = field(default=("BTC/USDT", "ETH/USDT"))

    async def instruments(self) -> Any:
        if self.fault is not None:
            raise self.fault
        return {Symbol(name): an_instrument(name) for name in self.listed}


async def unknown(symbols: str, source: Source | None = None) -> tuple[tuple[str, str], ...]:
    request = SimpleNamespace(symbols=symbols, watchlists={"mine": ("BTC/USDT", "XXX/USDT")})
    session: Any = SimpleNamespace(request=request, source=source or Source())
    return await unknown_markets(session)


async def test_what_is_not_listed_is_named():
    assert await unknown("BTC/USDT,NOPE") == (("NOPE", "unknown symbol"),)
    assert await unknown("@mine") == (("XXX/USDT", "unknown symbol"),)
    assert await unknown("BTC/USDT") == ()


@pytest.mark.parametrize("symbols", ["NOPE", "NOPE,ALSO/NOPE"])
async def test_a_list_of_which_nothing_is_known_is_refused_by_name(symbols):
    with pytest.raises(ConfigInvalid, match="NOPE: unknown symbol") as refused:
        await unknown(symbols)
    assert refused.value.where == "--symbols"


async def test_the_largest_are_always_known_and_a_silent_source_is_asked_later():
    assert await unknown("top5", Source(listed=())) == ()
    away = VenueUnavailable("it is away")
    assert await unknown("NOPE", Source(fault=away)) == ()
