"""Plans for the execution campaign: zone, stop and targets around the present price of a market."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from snipersight.domain.direction import Direction
from snipersight.domain.instrument import Instrument
from snipersight.domain.plan import PlanId, SetupId, TradePlan
from snipersight.domain.units import Price, Rounding, on_step
from tests.builders import a_plan

_VALID: Final = timedelta(minutes=2)
_DECIDED: Final = timedelta(seconds=5)  # a plan is of the bar before
_ZONE: Final = (Decimal("0.0010"), Decimal("0.0030"))  # near and far edge, from the price
_STOP: Final = Decimal("0.0095")
_TARGETS: Final = (Decimal("0.0110"), Decimal("0.0160"), Decimal("0.0240"))
_COST: Final = Decimal("0.0014")  # of the price


def a_plan_now(
    instrument: Instrument, price: Decimal, *, chance: random.Random, now: datetime | None = None
) -> TradePlan:
    """Return a plan that is entered soon, or never; long on spot, either side elsewhere.

    Args:
        instrument: of the market.
        price: now, quote per base unit.
        chance: decides side and id.
        now: when it is made; the present if None.
    """
    sides = (Direction.LONG, Direction.SHORT) if instrument.allows_short else (Direction.LONG,)
    side, made = chance.choice(sides), (now or datetime.now(UTC)) - _DECIDED
    name = f"{chance.getrandbits(64):016x}"

    def at(share: Decimal) -> str:
        tick = instrument.tick or Decimal(1)
        rounding = Rounding.DOWN if side is Direction.LONG else Rounding.UP
        return str(on_step(price * (1 + side.sign * share), tick, rounding))

    return a_plan(
        side,
        symbol=instrument.symbol,
        near=at(-_ZONE[0]),
        far=at(-_ZONE[1]),
        stop=at(-_STOP),
        targets=[at(share) for share in _TARGETS],
        cost=str(price * _COST),
        venue=instrument.venue,
        created_at=made,
        valid_until=made + _VALID,
        atr=Price(price * Decimal("0.006")),
        last_price=Price(price),
        setup_id=SetupId(name),
        plan_id=PlanId(f"{name}-{name[:8]}"),
    )
