"""The buttons under a signal, for those who decide whether it is executed."""

from __future__ import annotations

from typing import Final

from snipersight.bootstrap.operating.decided import decisions_on
from snipersight.bot.notifications.notices.rendering import Rows
from snipersight.bot.operator.callbacks import APPROVE, REJECT, TOOK, WHY, callback_data
from snipersight.domain.channels import Button
from snipersight.domain.commands import CommandState
from snipersight.domain.notices import Signal
from snipersight.storage.database import Database

_ROWS: Final = (
    (("✅ Approve", APPROVE), ("✖️ Reject", REJECT)),
    (("✋ Took it", TOOK), ("❓ Why", WHY)),
)


class Offers:
    """Gives a signal its buttons, unless somebody has decided on its setup.

    Args:
        database: where decisions are stored.
        secret: that the buttons of the bot are signed with.
    """

    def __init__(self, database: Database, *, secret: str) -> None:
        self._database: Final = database
        self._secret: Final = secret

    def __call__(self, signal: Signal) -> Rows:
        """Return rows of buttons; none where the signal is not offered any more.

        Raises:
            StateUnavailable: the store cannot be read.
        """
        plan = signal.decision.plan
        decisions = decisions_on(self._database, signal.account_id, plan)
        if any(one.settled is None or one.settled.state is CommandState.DONE for one in decisions):
            return ()
        return buttons_of(plan.plan_id, secret=self._secret)


def buttons_of(plan_id: str, *, secret: str) -> Rows:
    """Return the buttons of a plan; none for a plan whose id no button can carry."""
    try:
        return tuple(
            tuple(
                Button(text=text, data=callback_data(action, plan_id, secret=secret))
                for text, action in row
            )
            for row in _ROWS
        )
    except ValueError:
        return ()
