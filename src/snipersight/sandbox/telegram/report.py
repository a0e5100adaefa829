"""What the sandbox has seen, counted, for tests and benchmarks."""

from __future__ import annotations

from collections import Counter
from typing import Any

from snipersight.sandbox.telegram.faults import FaultDice, FaultKind
from snipersight.sandbox.telegram.world import World


def report_of(
    world: World, dice: FaultDice, *, with_messages: bool = True, after: int = 0
) -> dict[str, Any]:
    """Return counts, chats and messages as JSON values.

    Args:
        world: that was written to.
        dice: that threw the faults.
        with_messages: whether to list the messages; they are counted all the same.
        after: list only messages delivered after this number.
    """
    messages = world.messages
    per_chat = Counter(message.chat_id for message in messages)
    over = world.gate.over_limit
    report: dict[str, Any] = {
        "requests": dict(sorted(world.requests.items())),
        "answers": {str(code): count for code, count in sorted(world.codes.items())},
        "delivered": sum(not message.is_users for message in messages),
        "over_limit": {
            "total": over.total(),
            **{name: over[name] for name in ("overall", "chat", "group")},
        },
        "busiest": world.gate.busiest,
        "faults": {str(kind): dice.counts[kind] for kind in FaultKind},
        "pending_updates": len(world.updates),
        "chats": [
            {**chat.as_json(), "standing": str(chat.standing), "messages": per_chat[chat.id]}
            for chat in world.chats
        ],
    }
    if with_messages:
        report["messages"] = [message.as_json() for message in messages[after:]]
    return report
