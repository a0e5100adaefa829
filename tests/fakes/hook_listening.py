"""Somebody who is told of a scan as plug-ins are."""

from collections.abc import Collection

from snipersight.bot.hooks.spec import EVENTS
from snipersight.domain.hooks import HookEvent
from snipersight.engine.report import ScanReport
from tests.fakes.scanning import a_lively_profile, scan, synthetic_table

SYMBOLS = ("BTC/USDT:USDT", "ETH/USDT:USDT", "SOL/USDT:USDT", "XRP/USDT:USDT")


class Listener:
    """Keeps what plug-ins that want some events would be told."""

    def __init__(self, wanted: Collection[str] = EVENTS) -> None:
        self.events: list[HookEvent] = []
        self._wanted = wanted

    def tell(self, event: HookEvent) -> None:
        """Keep it."""
        self.events.append(event)

    def wants(self, name: str) -> bool:
        """Return whether it is wanted."""
        return name in self._wanted

    def named(self, name: str) -> list[HookEvent]:
        """Return the events of a name."""
        return [event for event in self.events if event.name == name]


def listened(listener: Listener) -> ScanReport:
    """Scan four symbols while somebody listens."""
    return scan(synthetic_table(SYMBOLS), a_lively_profile(), hooks=listener)
