"""Sending at once and with patience, for who needs an answer; the outbox is the durable way."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from snipersight.bot.notifications.sending.backoff import backoff_us
from snipersight.bot.telemetry.logging import log_structured
from snipersight.domain.channels import Body, Delivered, Moved, SendOutcome, TryAgain
from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.notices import ScanSummary, Signal

_US: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a direct message is tried.

    Args:
        attempts: requests for one message at most.
        longest_wait_s: a channel that asks for more is not waited for.
        between_s: pause between the messages of one chat, of which Telegram takes one a second.
        base_s, longest_pause_s: pauses after failures double from the one up to the other, drawn
            by chance below that.
    """

    attempts: int = 5
    longest_wait_s: float = 60.0
    between_s: float = 1.1
    base_s: float = 0.5
    longest_pause_s: float = 10.0


async def send_patiently(
    send: Callable[[str, Body], Awaitable[SendOutcome]],
    address: str,
    bodies: Iterable[Body],
    *,
    patience: Patience,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
) -> str | None:
    """Send messages in order until one does not get through.

    Args:
        send: makes one request for a message to an address.
        address: of the chat.
        bodies: prepared messages.
        patience: how long each is tried.
        sleep: waits for seconds.

    Returns:
        The chat's address in the end, which changes when a group is upgraded; None if a message
        was given up, which is logged with its reason. Those before it have arrived.
    """
    for number, body in enumerate(bodies):
        if number > 0:
            await sleep(patience.between_s)
        arrived_at = await _send_one(send, address, body, patience, sleep)
        if arrived_at is None:
            return None
        address = arrived_at
    return address


async def _send_one(
    send: Callable[[str, Body], Awaitable[SendOutcome]],
    address: str,
    body: Body,
    patience: Patience,
    sleep: Callable[[float], Awaitable[object]],
) -> str | None:
    error = ""
    for failures in range(1, patience.attempts + 1):
        outcome = await send(address, body)
        if isinstance(outcome, Delivered):
            return address
        if isinstance(outcome, Moved):
            address, error = outcome.address, "the chat moved again and again"
            continue
        error = outcome.error
        wait_s = _wait_s(outcome, failures, patience)
        if wait_s is None:
            break
        if failures < patience.attempts:
            await sleep(wait_s)
    log_structured("message given up", level="WARNING", stage="notifications", reason=error)
    return None


def _wait_s(outcome: SendOutcome, failures: int, patience: Patience) -> float | None:
    """Return how long to wait for the next attempt, None if there is to be none."""
    if not isinstance(outcome, TryAgain):
        return None
    if outcome.after_s is not None:
        return outcome.after_s if outcome.after_s <= patience.longest_wait_s else None
    pause_us = backoff_us(
        failures,
        chance=random.random,
        base_us=int(patience.base_s * _US),
        longest_us=int(patience.longest_pause_s * _US),
    )
    return pause_us / _US


def summary_of(signals: Sequence[Signal]) -> ScanSummary:
    """Return signals as the summary of a scan of which nothing else is known.

    Args:
        signals: at least one, in any order.

    Raises:
        ConfigInvalid: there is none.
    """
    if not signals:
        raise ConfigInvalid(
            "a summary of no signals", next_step="give at least one, or a whole ScanSummary"
        )
    plans = [signal.decision.plan for signal in signals]
    ranked = sorted(signals, key=lambda one: one.decision.plan.confluence.score, reverse=True)
    funnel = Counter(
        "approved" if signal.decision else "rejected" for signal in signals
    ).most_common()
    return ScanSummary(
        batch=signals[0].batch,
        profile=", ".join(sorted({plan.profile for plan in plans})),
        venue=", ".join(sorted({plan.venue for plan in plans})),
        as_of_ms=max(signal.judged_ms for signal in signals),
        signals=tuple(ranked),
        funnel=tuple(funnel),
        scanned=len({plan.symbol for plan in plans}),
        regimes=Counter(plan.regime.value for plan in plans),
        is_practice=any(signal.is_practice for signal in signals),
    )
