"""What a fault run proves: lost, doubled, marked, in order, within the limits."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from benchmarks.notify_run import Told

AFTER_DELIVERY = ("drop_after", "server_error_after")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A run held against what was stored.

    Args:
        lost: messages that never arrived.
        over_limit: messages the server refused for a rate limit.
        doubled: arrivals beyond the first of each message.
        unmarked: of these, messages that the outbox did not mark.
        out_of_order: messages whose first arrival came after a later one's of their chat.
        cut_off: messages that arrived without an answer, on purpose.
        kills: senders killed.
        attempts: requests that sent something.
    """

    lost: int
    over_limit: int
    doubled: int
    unmarked: int
    out_of_order: int
    cut_off: int
    kills: int
    attempts: int


def prove(told: Told) -> Proof:
    """Hold a run against what was stored."""
    arrived = [message["text"].split()[0] for message in told.report["messages"]]
    times = Counter(arrived)
    firsts = list(dict.fromkeys(arrived))
    twice = {key for key, number in times.items() if number > 1}
    stored = {key for keys in told.keys.values() for key in keys}
    return Proof(
        lost=len(stored - set(times)),
        over_limit=told.report["over_limit"]["total"],
        doubled=sum(times.values()) - len(times),
        unmarked=len(twice - told.ambiguous),
        out_of_order=sum(_disorder(firsts, keys) for keys in told.keys.values()),
        cut_off=sum(message["fault"] in AFTER_DELIVERY for message in told.report["messages"]),
        kills=told.kills,
        attempts=told.report["requests"].get("sendmessage", 0),
    )


def _disorder(firsts: list[str], keys: list[str]) -> int:
    """Return how many messages of a chat came first after one that was stored later."""
    place = {key: number for number, key in enumerate(keys)}
    newest = wrong = 0
    for key in firsts:
        if key in place:
            wrong += place[key] < newest
            newest = max(newest, place[key])
    return wrong
