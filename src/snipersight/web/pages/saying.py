"""Tells the engine what a person said, once, and shows what became of it."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Final

from snipersight.bootstrap.access.commanding import Wish
from snipersight.domain.commands import CommandKind, CommandState
from snipersight.domain.errors import SniperSightError
from snipersight.web.pages.visit import Visit
from snipersight.web.pages.words import sentence

_TONES: Final = {CommandState.DONE: "good", CommandState.REFUSED: "bad", CommandState.WAITING: ""}


class Saying:
    """What one control of an open page says.

    A second press while the first one is on its way has the same key, so it is done once.

    Args:
        visit: the open page.
        subject: plan id; empty for the account as a whole.
    """

    def __init__(self, visit: Visit, subject: str = "") -> None:
        self.account = visit.account or ""
        self._visit = visit
        self._subject = subject
        self._keys: dict[CommandKind, str] = {}

    async def say(self, wish: Wish) -> None:
        """Send a wish about the subject, and tell what became of it in a toast."""
        visit = self._visit
        key = self._keys.setdefault(wish.kind, str(uuid.uuid4()))
        whole = replace(wish, subject=self._subject, account=self.account, key=key)
        try:
            answer = await visit.services.commands.give(visit.caller, whole)
        except SniperSightError as error:
            visit.toast(f"Nothing was done: {error}", "bad")
            return
        self._keys.pop(wish.kind, None)
        visit.toast(sentence(answer.sentence) or "Stored; it is being done.", _TONES[answer.state])
