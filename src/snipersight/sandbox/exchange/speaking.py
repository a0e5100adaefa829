"""Every protocol that the sandbox speaks; a new venue is added here and nowhere else."""

from __future__ import annotations

from typing import Final

from snipersight.sandbox.exchange.bybit import BybitProtocol
from snipersight.sandbox.exchange.protocol import VenueProtocol
from snipersight.sandbox.exchange.spot import SpotProtocol
from snipersight.sandbox.exchange.usdm import UsdmProtocol

PROTOCOLS: Final[tuple[type[VenueProtocol], ...]] = (UsdmProtocol, BybitProtocol, SpotProtocol)
