"""Faults on purpose: a seeded plan that says which request or event goes wrong, and how."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from snipersight.domain.errors import ConfigInvalid


class FaultKind(StrEnum):
    """What can go wrong."""

    # On the way of a request, at any venue.
    DELAY = "delay"  # carried out late, even if the client has stopped waiting
    DROP_BEFORE = "drop_before"  # connection closed; not carried out
    DROP_AFTER = "drop_after"  # carried out, then closed without an answer
    RESET_MID_BODY = "reset_mid_body"  # carried out, connection reset in the middle of the answer
    BAD_GATEWAY = "bad_gateway"  # 502 with a page of HTML; carried out or not
    GATEWAY_TIMEOUT = "gateway_timeout"  # 504 with a page of HTML; carried out or not
    # Answers that a venue documents.
    OUTCOME_UNKNOWN = "outcome_unknown"  # 503 "Unknown error"; carried out or not
    UNAVAILABLE = "unavailable"  # 503 "Service Unavailable"; not carried out
    OVERLOADED = "overloaded"  # -1008; not carried out, reducing orders are spared
    BACKEND_TIMEOUT = "backend_timeout"  # -1007 or 10000; carried out or not
    SYSTEM_ERROR = "system_error"  # 10016; carried out or not
    RATE_LIMITED = "rate_limited"  # 429 or 10006 though no limit is reached; not carried out
    CLOCK_SKEW = "clock_skew"  # the venue's clock is off for this request; refused
    RESTART = "restart"  # the venue is gone for a while, streams end; not carried out
    # On the way of an event.
    EVENT_DUPLICATE = "event_duplicate"  # comes twice
    EVENT_REORDER = "event_reorder"  # comes after the next one
    STREAM_SILENCE = "stream_silence"  # it and what follows for a while never come
    STREAM_DISCONNECT = "stream_disconnect"  # the line is cut, it never comes


EVENT_FAULTS: Final = frozenset(
    {
        FaultKind.EVENT_DUPLICATE,
        FaultKind.EVENT_REORDER,
        FaultKind.STREAM_SILENCE,
        FaultKind.STREAM_DISCONNECT,
    }
)


_EVENT_FAULTS: Final = tuple(kind for kind in FaultKind if kind in EVENT_FAULTS)
_REQUEST_FAULTS: Final = tuple(kind for kind in FaultKind if kind not in EVENT_FAULTS)
Befalls = Callable[[FaultKind], bool]


class RequestKind(StrEnum):
    """What a request is about."""

    ORDER = "order"  # places one
    CANCEL = "cancel"
    SETTING = "setting"  # leverage, margin, position mode
    QUERY = "query"  # of the account
    PUBLIC = "public"  # without keys


ACCOUNT_REQUESTS: Final = frozenset(RequestKind) - {RequestKind.PUBLIC}


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultPlan:
    """Which share of requests and events goes wrong in which way.

    Args:
        rates: share by kind, each 0 to 1; those of requests together at most 1, and those of
            events too. A venue that does not know a kind leaves it out.
        seed: the same plan and order of requests give the same faults.
        requests: which requests it is about.
        delay_s: how long `DELAY` holds a request back, real seconds.
        silence_s: how long `STREAM_SILENCE` lasts, real seconds.
        restart_s: how long `RESTART` lasts, real seconds.
        retry_after_s: what `RATE_LIMITED` asks for, seconds.
        skew_ms: how far the venue's clock is off in `CLOCK_SKEW`; above 0 it is ahead.
        spoils_public_events: whether candles, trades and books go wrong like an account's events.
    """

    rates: Mapping[FaultKind, float] = field(default_factory=dict)
    seed: int = 0
    requests: frozenset[RequestKind] = ACCOUNT_REQUESTS
    delay_s: float = 0.2
    silence_s: float = 1.0
    restart_s: float = 0.3
    retry_after_s: int = 1
    skew_ms: int = 120_000
    spoils_public_events: bool = False

    def __post_init__(self) -> None:
        for kinds in (frozenset(FaultKind) - EVENT_FAULTS, EVENT_FAULTS):
            shares = [share for kind, share in self.rates.items() if kind in kinds]
            if any(not 0 <= share <= 1 for share in shares) or sum(shares) > 1 + 1e-9:
                raise ConfigInvalid(
                    f"fault rates {sorted(shares)} are no shares of a whole",
                    next_step="give each a rate from 0 to 1, all together at most 1",
                )
        if min(self.delay_s, self.silence_s, self.restart_s) < 0 or self.retry_after_s < 1:
            raise ConfigInvalid(
                "a fault lasts less than no time",
                next_step="use 0 s or more, and ask to wait for 1 s or more",
            )

    @classmethod
    def even(cls, rate: float, *, seed: int = 0) -> FaultPlan:
        """Return a plan in which a share of all account requests and of all events goes wrong."""
        requests = frozenset(FaultKind) - EVENT_FAULTS
        rates = dict.fromkeys(requests, rate / len(requests))
        return cls(rates=rates | dict.fromkeys(EVENT_FAULTS, rate / len(EVENT_FAULTS)), seed=seed)


class FaultDice:
    """Draws from a plan and counts what was applied: one dice for requests and one for events."""

    def __init__(self, plan: FaultPlan) -> None:
        self.counts: Counter[FaultKind] = Counter()
        self.carried_out: Counter[FaultKind] = Counter()
        self.follow(plan)

    def follow(self, plan: FaultPlan) -> None:
        """Draw from another plan from now on; what was counted stays."""
        self.plan = plan
        # Apart, so that the number of events changes no request's fault.
        self._requests = random.Random(f"{plan.seed} requests")  # noqa: S311 — repeatable faults
        self._events = random.Random(f"{plan.seed} events")  # noqa: S311 — repeatable faults

    def throw(self, request: RequestKind, *, befalls: Befalls) -> FaultKind | None:
        """Return what goes wrong with a request, None if nothing does, and count it.

        Args:
            request: what it is about.
            befalls: whether its venue can show a kind of fault for this request.
        """
        if request not in self.plan.requests:
            return None
        return self._draw(self._requests, _REQUEST_FAULTS, befalls)

    def throw_event(self) -> FaultKind | None:
        """Return what goes wrong with an event, None if nothing does, and count it."""
        return self._draw(self._events, _EVENT_FAULTS, lambda kind: True)

    def is_carried_out(self, kind: FaultKind) -> bool:
        """Return whether a request with an unknown outcome is carried out: every other one."""
        is_done = self._requests.random() < 0.5
        self.carried_out[kind] += is_done
        return is_done

    def _draw(
        self, dice: random.Random, kinds: Sequence[FaultKind], befalls: Befalls
    ) -> FaultKind | None:
        # Always drawn, and over all kinds, so that what a venue knows changes no later throw.
        where = dice.random()
        for kind in kinds:
            where -= self.plan.rates.get(kind, 0.0)
            if where < 0:
                if not befalls(kind):
                    return None
                self.counts[kind] += 1
                return kind
        return None
