"""Faults on purpose: a seeded plan that says which request goes wrong, and how."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from snipersight.domain.errors import ConfigInvalid

SENDING: Final = frozenset(
    {
        "sendmessage",
        "sendphoto",
        "editmessagetext",
        "editmessagereplymarkup",
        "answercallbackquery",
    }
)
_STATUSES: Final = (500, 502, 503, 504)


class FaultKind(StrEnum):
    """What can go wrong with a request on its way."""

    DELAY = "delay"  # carried out late, even if the client has stopped waiting
    RESET = "reset"  # connection reset; not carried out
    DROP_BEFORE = "drop_before"  # connection closed without an answer; not carried out
    DROP_AFTER = "drop_after"  # carried out, then closed without an answer
    SERVER_ERROR = "server_error"  # 5xx with a page of HTML; not carried out
    SERVER_ERROR_AFTER = "server_error_after"  # carried out, then 5xx with a page of HTML
    FLOOD = "flood"  # 429 without a reason; not carried out


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultPlan:
    """Which share of the requests goes wrong in which way.

    Args:
        rates: share of the requests by kind, each 0 to 1, together at most 1.
        seed: the same plan and order of requests give the same faults.
        methods: which methods it is about, in small letters; empty: all of them.
        delay_s: how long `DELAY` holds a request back.
        retry_after_s: what `FLOOD` asks for.
    """

    rates: Mapping[FaultKind, float] = field(default_factory=dict)
    seed: int = 0
    methods: frozenset[str] = SENDING
    delay_s: float = 0.2
    retry_after_s: int = 1

    def __post_init__(self) -> None:
        shares = [*self.rates.values()]
        if any(not 0 <= share <= 1 for share in shares) or sum(shares) > 1 + 1e-9:
            raise ConfigInvalid(
                f"fault rates {sorted(shares)} are no shares of a whole",
                next_step="give each a rate from 0 to 1, all together at most 1",
            )
        if self.delay_s < 0 or self.retry_after_s < 1:
            raise ConfigInvalid(
                f"a delay of {self.delay_s} s, a wait of {self.retry_after_s} s",
                next_step="delay by 0 s or more and ask to wait for 1 s or more",
            )

    @classmethod
    def even(cls, rate: float, *, seed: int = 0) -> FaultPlan:
        """Return a plan in which a share of all requests goes wrong, every kind as often."""
        return cls(rates={kind: rate / len(FaultKind) for kind in FaultKind}, seed=seed)


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: what happens, and the HTTP status where it is a server error."""

    kind: FaultKind
    status: int


class FaultDice:
    """Draws from a plan, one throw for every request that the plan is about."""

    def __init__(self, plan: FaultPlan) -> None:
        self.plan = plan
        self.counts: Counter[FaultKind] = Counter()
        self._random = random.Random(plan.seed)  # noqa: S311 — repeatable faults, no secret

    def throw(self, method: str) -> Fault | None:
        """Return what goes wrong with a request, None if nothing does, and count it.

        Args:
            method: in small letters.
        """
        if self.plan.methods and method not in self.plan.methods:
            return None
        # Both numbers are always drawn, so that a rate changes no later throw.
        where, status = self._random.random(), self._random.choice(_STATUSES)
        for kind in FaultKind:
            where -= self.plan.rates.get(kind, 0.0)
            if where < 0:
                self.counts[kind] += 1
                return Fault(kind, status)
        return None
