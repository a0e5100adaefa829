"""What a sender has done, as numbers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True, kw_only=True)
class SendCounts:
    """Outcomes so far.

    Args:
        sent: messages that arrived.
        retried: attempts that failed and will be made again.
        buried: messages given up: too old, or refused for good.
        stopped: chats and channels that were found to take nothing.
        ambiguous: failed attempts that may have arrived all the same.
    """

    sent: int = 0
    retried: int = 0
    buried: int = 0
    stopped: int = 0
    ambiguous: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SendReport:
    """What one run of a sender came to.

    Args:
        sent, retried, buried, stopped, ambiguous: see `SendCounts`.
        waiting: deliveries that are not finished, those of stopped chats included; None if the
            store could not be asked.
        is_elsewhere: another process sends from this store; this one sent nothing, or stopped.
    """

    sent: int
    retried: int
    buried: int
    stopped: int
    ambiguous: int
    waiting: int | None
    is_elsewhere: bool = False
