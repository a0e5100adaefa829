"""The ports that bootstrap hands to analytics: used where a caller names none.

The specification calls `Analytics()` without a store or a clock. Nothing registered means that
nothing can be kept or known: callers then get `StateUnavailable`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from snipersight.domain.evidence import EvidenceStore, Origin, SignalRecord
from snipersight.domain.plan import TradePlan

# A plan and its terminal reason as what is kept of it.
Describe = Callable[[TradePlan, str], SignalRecord]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalyticsPorts:
    """What analytics needs of the outside; all of it, so that half a set cannot exist.

    Args:
        store: keeps signals, outcomes and counts.
        clock_ms: milliseconds UTC.
        describe: tells what is kept of a plan; raises `DataInvalid` where its market is unknown.
        account_id: whose signals.
        origin: where they come from.
        venue: where they trade.
        profile: name of the profile in force.
        is_enabled: False: nothing is kept, because analytics is switched off.
    """

    store: EvidenceStore
    clock_ms: Callable[[], int]
    describe: Describe
    account_id: str
    origin: Origin
    venue: str
    profile: str
    is_enabled: bool = True


# One slot, replaced whole: a reader in another thread sees the old set or the new one.
_REGISTERED: Final[dict[str, AnalyticsPorts]] = {}
_SLOT: Final = "defaults"


def register(defaults: AnalyticsPorts) -> None:
    """Use these ports from now on wherever a caller names none."""
    _REGISTERED[_SLOT] = defaults


def defaults() -> AnalyticsPorts | None:
    """Return the registered ports; None while there are none."""
    return _REGISTERED.get(_SLOT)


def clear() -> None:
    """Forget the registered ports: callers that name none get an error again."""
    _REGISTERED.pop(_SLOT, None)
