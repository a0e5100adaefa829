"""Tells the engine what a person said, once, and shows what became of it."""

from __future__ import annotations

import asyncio
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

    `account` is whom it says it to, `accounts` are all that are known.
    """

    def __init__(self, visit: Visit, subject: str = "") -> None:
        self.account = visit.account or ""
        self.accounts: tuple[str, ...] = ()
        self._visit = visit
        self._subject = subject
        self._keys: dict[CommandKind, str] = {}

    async def say(self, wish: Wish) -> None:
        """Send a wish about the subject, and tell what became of it in a toast."""
        key = self._keys.setdefault(wish.kind, str(uuid.uuid4()))
        whole = replace(wish, subject=self._subject, account=self.account, key=key)
        if await self._give(whole):
            self._keys.pop(wish.kind, None)

    async def say_to_every(self, wish: Wish) -> None:
        """Send a wish about an account to each there is; what one refuses keeps no other from it."""
        try:
            names = await asyncio.to_thread(self._visit.reader.accounts)
        except SniperSightError:
            names = self.accounts  # a stop needs no list that is new
        await asyncio.gather(
            *(self._give(replace(wish, account=name), of=f"{name}: ") for name in names)
        )

    async def _give(self, wish: Wish, *, of: str = "") -> bool:
        """Send a wish, tell what became of it, and return whether it is stored."""
        visit = self._visit
        try:
            answer = await visit.services.commands.give(visit.caller, wish)
        except SniperSightError as error:
            visit.toast(f"{of}Nothing was done: {error}", "bad")
            return False
        told = sentence(answer.sentence) or "Stored; it is being done."
        visit.toast(f"{of}{told}", _TONES[answer.state])
        return True
