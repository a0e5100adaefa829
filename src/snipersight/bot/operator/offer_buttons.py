"""The buttons by which people decide on a plan."""

from __future__ import annotations

from typing import Final

from snipersight.bot.operator.callbacks import APPROVE, REJECT, TOOK, WHY, callback_data
from snipersight.domain.channels import Button

_ROWS: Final = (
    (("✅ Approve", APPROVE), ("✖️ Reject", REJECT)),
    (("✋ Took it", TOOK), ("❓ Why", WHY)),
)


def buttons_of(plan_id: str, *, secret: str) -> tuple[tuple[Button, ...], ...]:
    """Return rows of buttons about a plan; none for a plan whose id no button can carry.

    Args:
        plan_id: whole.
        secret: that the buttons of the bot are signed with.
    """
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
