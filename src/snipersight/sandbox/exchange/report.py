"""What the sandbox exchange has seen, counted, for tests and campaigns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from snipersight.domain.errors import NoData
from snipersight.sandbox.exchange.faults import FaultDice, FaultKind
from snipersight.sandbox.exchange.protocol import VenueProtocol


def report_of(
    protocols: Mapping[str, VenueProtocol], dice: FaultDice, *, at_us: int
) -> dict[str, Any]:
    """Return counts as JSON values: requests, answers, faults, and each venue's accounts.

    Args:
        protocols: by the venue's name.
        dice: threw the faults.
        at_us: the venues' time, microseconds UTC.
    """
    return {
        "at_us": at_us,
        "faults": {str(kind): dice.counts[kind] for kind in FaultKind},
        "carried_out_unsaid": {str(kind): count for kind, count in dice.carried_out.items()},
        "venues": {name: _venue(protocol) for name, protocol in protocols.items()},
    }


def _venue(protocol: VenueProtocol) -> dict[str, Any]:
    world = protocol.world
    return {
        "requests": dict(sorted(protocol.requests.items())),
        "answers": {str(code): count for code, count in sorted(protocol.statuses.items())},
        "limits": protocol.limits_used(),
        "lines": {"open": len(world.lines), **world.lines.counts},
        "accounts": {name: _account(protocol, name) for name in world.accounts.by_name},
    }


def _account(protocol: VenueProtocol, name: str) -> dict[str, Any]:
    engine = protocol.world.engine
    orders = engine.orders(name, open_only=False)
    return {
        "equity": _equity(protocol, name),
        "orders": len(orders),
        "open_orders": sum(order.status.is_open for order in orders),
        "positions": len(engine.positions(name)),
    }


def _equity(protocol: VenueProtocol, name: str) -> str | None:
    """Return an account's equity in USDT; None while something it holds has no price."""
    try:
        return format(protocol.world.engine.equity(name), "f")
    except NoData:
        return None
