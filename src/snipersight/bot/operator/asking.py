"""Questions that change nothing: looked up in a thread, and answered in words."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from snipersight.bot.notifications.wording.escaping import Markdown, escape
from snipersight.bot.operator.facts import Unfound
from snipersight.bot.operator.ports import Answers
from snipersight.bot.operator.wording.signals_text import signals_text, stats_text, why_text
from snipersight.bot.operator.wording.status_text import risk_text, status_text
from snipersight.bot.operator.wording.trade_text import orders_text, positions_text
from snipersight.bot.telemetry.logging import log_structured
from snipersight.domain.errors import SniperSightError


class Asking:
    """Answers the commands that only look.

    Args:
        answers: what is looked up.
    """

    def __init__(self, answers: Answers) -> None:
        self._answers: Final = answers
        self._looks: Final[dict[str, Callable[[], Markdown]]] = {
            "status": lambda: status_text(answers.status()),
            "positions": lambda: positions_text(answers.positions()),
            "orders": lambda: orders_text(answers.orders()),
            "signals": lambda: signals_text(answers.signals()),
            "risk": lambda: risk_text(answers.risk()),
            "stats": lambda: stats_text(answers.stats()),
        }

    def knows(self, name: str) -> bool:
        """Return whether a command only looks, and needs nothing but its name."""
        return name in self._looks

    async def look(self, name: str) -> Markdown:
        """Return the answer to such a command, or why there is none."""
        return await self._told(self._looks[name])

    async def why(self, plan: str) -> Markdown:
        """Return a verdict with everything behind it.

        Args:
            plan: its id, or the beginning.
        """
        return await self._told(lambda: self._why(plan))

    async def plan_id(self, plan: str) -> str | Unfound:
        """Return the whole id of a plan that was judged."""
        try:
            return await asyncio.to_thread(self._answers.plan_id, plan)
        except SniperSightError as error:
            return Unfound(sentence=_failed(error))

    def _why(self, plan: str) -> Markdown:
        found = self._answers.why(plan)
        return escape(found.sentence) if isinstance(found, Unfound) else why_text(found)

    async def _told(self, look: Callable[[], Markdown]) -> Markdown:
        try:
            return await asyncio.to_thread(look)
        except SniperSightError as error:
            return escape(_failed(error))


def _failed(error: SniperSightError) -> str:
    log_structured(f"nothing could be looked up: {error}", level="WARNING", stage="operator")
    return f"That cannot be looked up now: {error.what}"
