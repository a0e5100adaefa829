"""The buttons under a signal, for those who decide whether it is executed."""

from __future__ import annotations

from typing import Final

from snipersight.bootstrap.operating.decided import decisions_on
from snipersight.bot.notifications.notices.rendering import Rows
from snipersight.bot.operator.offer_buttons import buttons_of
from snipersight.domain.commands import CommandState
from snipersight.domain.notices import Signal
from snipersight.storage.database import Database


class Offers:
    """Gives a signal its buttons, unless somebody has decided on its setup.

    Args:
        database: where decisions are stored.
        secret: that the buttons of the bot are signed with.
        rehearses: whether decisions of rehearsals count, too.
    """

    def __init__(self, database: Database, *, secret: str, rehearses: bool = False) -> None:
        self._database: Final = database
        self._rehearses: Final = rehearses
        self._secret: Final = secret

    def __call__(self, signal: Signal) -> Rows:
        """Return rows of buttons; none where the signal is not offered any more.

        Raises:
            StateUnavailable: the store cannot be read.
        """
        plan = signal.decision.plan
        decisions = decisions_on(self._database, signal.account_id, plan, rehearses=self._rehearses)
        if any(one.settled is None or one.settled.state is CommandState.DONE for one in decisions):
            return ()
        return buttons_of(plan.plan_id, secret=self._secret)
