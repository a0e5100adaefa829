"""Whether a running bot's clock lies behind what was recorded of its account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snipersight.domain.candles import utc_text
from snipersight.risk.breakers.checks import CLOCK_SLACK_US

if TYPE_CHECKING:
    from snipersight.bootstrap.books import Books


def time_problem(books: Books) -> str | None:
    """Return why nothing may be entered now by the books' clock; None where times agree.

    Raises:
        StateUnavailable: the store cannot be read.
    """
    ports = books.ports
    last_us = ports.store.view(ports.account_id, lambda unit: unit.account.last_us)
    ahead_us = last_us - ports.clock()
    if ahead_us <= CLOCK_SLACK_US:
        return None
    return (
        f"account {ports.account_id} was written at {utc_text(last_us // 1000)}, "
        f"{ahead_us / 1_000_000:,.0f} s later than it is, by another clock; until then nothing is "
        "entered (clock_backwards). If this clock is right: "
        f"`snipersight risk resume --accept-clock --account {ports.account_id}`"
    )
