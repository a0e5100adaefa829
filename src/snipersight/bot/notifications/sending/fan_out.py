"""Fan-out: from what is to be told to the messages that tell it, one for each chat."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from snipersight.bot.telemetry.logging import log_structured
from snipersight.bot.telemetry.masking import mask
from snipersight.domain.errors import SniperSightError, StateUnavailable
from snipersight.domain.outbox import DeliveryDraft, Outbox, StoredNotice

_AT_ONCE: Final = 10
_FOR_US: Final = 10_000_000  # one that is killed silences all others for so long, at most


def fan_out_due(
    outbox: Outbox,
    owner: str,
    *,
    word: Callable[[StoredNotice], Sequence[DeliveryDraft]],
    stored: Callable[[], object] = lambda: None,
) -> int:
    """Word every notice that is due, and store its deliveries; return how many are new.

    A notice is finished in the transaction that stores its deliveries, so that each is worded once
    however often this is broken off. One that cannot be worded is given up and keeps no other
    waiting. One words at a time: while another one does, the rest is left to it.

    Args:
        outbox: what to look through.
        owner: who words, unique to a process.
        word: the messages that a notice becomes, for every chat that wants it.
        stored: called when those of a notice can be sent.

    Raises:
        StateUnavailable: the store cannot be read or written; what was not worded still waits.
    """
    new = 0
    while notices := outbox.claim_notices(owner, limit=_AT_ONCE, for_us=_FOR_US):
        for notice in notices:
            new += _fan_out(outbox, notice, word)
            stored()
    return new


def _fan_out(
    outbox: Outbox,
    notice: StoredNotice,
    word: Callable[[StoredNotice], Sequence[DeliveryDraft]],
) -> int:
    try:
        return outbox.fan_out([notice], word(notice)) or 0
    except StateUnavailable:
        raise
    except SniperSightError as error:
        _give_up(outbox, notice, str(error))
    except Exception as bug:  # noqa: BLE001  one notice's trouble must not silence all others
        _give_up(outbox, notice, f"it cannot be worded: {type(bug).__name__}: {bug}")
    return 0


def _give_up(outbox: Outbox, notice: StoredNotice, error: str) -> None:
    """Keep a notice for a person to look at, and say so: nobody else would."""
    told = mask(error.encode(errors="replace").decode())
    if outbox.refuse_notice(notice, error=told):
        log_structured(
            f"notice {notice.key} is given up, see `snipersight notify queue`: {told}",
            level="ERROR",
            stage="notifications",
        )
