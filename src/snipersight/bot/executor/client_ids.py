"""Client order ids: a function of account, plan, leg, index and generation; ours by their form."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from typing import Final

from snipersight.domain.execution import Leg
from snipersight.domain.orders import ClientOrderId
from snipersight.domain.plan import PlanId

LONGEST: Final = 36  # what every venue accepts
_KEY_LETTERS: Final = 16
_NUMBER: Final = r"(0|[1-9][0-9]{0,%d})"
_FORM: Final = re.compile(
    rf"ss-([a-z2-7]{{{_KEY_LETTERS}}})-([{''.join(Leg)}]){_NUMBER % 2}-{_NUMBER % 9}", re.ASCII
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientIdParts:
    """What a client id of ours says.

    Args:
        plan_key: of account and plan, one way: the same for every order of a trade.
        leg, index, generation: as in the intent.
    """

    plan_key: str
    leg: Leg
    index: int
    generation: int


def plan_key(account_id: str, plan_id: PlanId) -> str:
    """Return the part of a client id that all orders of one plan in one account share."""
    digest = hashlib.sha256(f"{account_id}|{plan_id}".encode()).digest()
    return base64.b32encode(digest).decode("ascii").lower()[:_KEY_LETTERS]


def client_order_id(
    account_id: str, plan_id: PlanId, leg: Leg, *, index: int, generation: int
) -> ClientOrderId:
    """Return the id of an order: `ss-<plan key>-S0-2` is the third stop of a plan.

    Args:
        account_id, plan_id: whose.
        leg: what it is for.
        index: the slice of the zone or the number of the target, 0 to 999.
        generation: 0 for the first, one more for every replacement, at most 9,999,999,999.

    Raises:
        ValueError: index or generation is out of range.
    """
    text = f"ss-{plan_key(account_id, plan_id)}-{leg.value}{index}-{generation}"
    if parse_client_id(text) is None:
        raise ValueError(f"no order has the index {index} and the generation {generation}")
    return ClientOrderId(text)


def parse_client_id(client_id: str) -> ClientIdParts | None:
    """Return what a client id says; None if it is not one of ours."""
    match = _FORM.fullmatch(client_id)
    if match is None:
        return None
    return ClientIdParts(
        plan_key=match[1], leg=Leg(match[2]), index=int(match[3]), generation=int(match[4])
    )


def is_ours(client_id: str) -> bool:
    """Return whether an order with this id was placed by SniperSight, for whatever account."""
    return parse_client_id(client_id) is not None
