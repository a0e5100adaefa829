"""The operator of a running bot: hears what people say, as long as it runs."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.channels import load_chats
from snipersight.bootstrap.operating.answer_prices import RunPrices
from snipersight.bootstrap.operating.answers import AnswerSources
from snipersight.bootstrap.operating.operator_opening import open_operator

if TYPE_CHECKING:
    from snipersight.bootstrap.operating.trading import Trading
    from snipersight.bootstrap.running.opening import OpenRun
    from snipersight.bootstrap.running.vitals import Vitals
    from snipersight.bot.operator.facts import RunFacts
    from snipersight.bot.operator.operator import Operator
    from snipersight.domain.commands import CommandDesk

OPERATOR: Final = "operator"  # the part, as vitals know it


class OperatorHealth:
    """Passes on how the operator is.

    Args:
        vitals: told.
    """

    def __init__(self, vitals: Vitals) -> None:
        self._vitals: Final = vitals

    def beat(self) -> None:
        """Take note that it goes on."""
        self._vitals.beat(OPERATOR)

    def trouble(self, sentence: str) -> None:
        """Take note of what is wrong."""
        self._vitals.trouble(OPERATOR, sentence)

    def well(self) -> None:
        """Take note that nothing is wrong."""
        self._vitals.well(OPERATOR)


def operator_of(
    run: OpenRun, desk: CommandDesk, trading: Trading, *, facts: Callable[[], RunFacts]
) -> Operator | None:
    """Return the operator of a run, not begun yet; None where nobody may talk to a bot.

    It is made in the event loop that the run's source and venue belong to.

    Args:
        run: open.
        desk: does what people say.
        trading: sends the account's orders, and knows their prices.
        facts: what the process is doing.
    """
    telemetry = run.session.events.telemetry
    sources = AnswerSources(
        books=run.books,
        evidence=None if telemetry is None else telemetry.evidence,
        run=facts,
        prices=RunPrices(run.session.source, trading).from_threads(asyncio.get_running_loop()),
    )
    return open_operator(
        sources,
        chats=load_chats(run.session.surroundings.settings),
        desk=desk,
        health=OperatorHealth(run.vitals),
        owner=f"{socket.gethostname()[:24]}:{os.getpid()}:{secrets.token_hex(4)}",
        limiter=None if run.notifying is None else run.notifying.limiter,
    )
