"""Questions before something grave: put to one person, for a minute, and written on the buttons.

Everything a question needs stands in its buttons, signed: a restart between question and answer
changes nothing, and nothing has to be kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

VALID_S: Final = 60
_SHAPE: Final = re.compile(r"(kill|killflat|resume)\.([0-9]{1,19})\.([0-9]{1,12})\.([0-9]{1,12})")


class Grave(StrEnum):
    """What is asked about."""

    KILL = "kill"
    KILL_AND_FLATTEN = "killflat"
    RESUME = "resume"

    @property
    def stops(self) -> bool:
        """Return whether it makes trading stop."""
        return self is not Grave.RESUME


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question that waits for an answer.

    Args:
        about: what.
        user_id: who was asked; nobody else may answer.
        expires_s: until when, seconds UTC of real time.
        update_id: of the message that led to it, so that no two are the same.
    """

    about: Grave
    user_id: str
    expires_s: int
    update_id: int

    @property
    def subject(self) -> str:
        """Return it as the subject of a button."""
        return f"{self.about}.{self.user_id}.{self.expires_s}.{self.update_id}"

    @property
    def key(self) -> str:
        """Return what is the same for the same question, should it have left twice."""
        return f"{self.about}.{self.user_id}.{self.update_id}"


def read_question(subject: str) -> Question | None:
    """Return the question of a button; None: it is none."""
    shape = _SHAPE.fullmatch(subject)
    if shape is None:
        return None
    return Question(
        about=Grave(shape[1]),
        user_id=shape[2],
        expires_s=int(shape[3]),
        update_id=int(shape[4]),
    )
