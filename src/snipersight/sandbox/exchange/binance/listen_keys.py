"""Listen keys: tickets for the stream of an account, good for an hour after the last renewal."""

from __future__ import annotations

import secrets
from typing import Final

from snipersight.sandbox.exchange.binance.refusals import Refusal

_GOOD_US: Final = 60 * 60 * 1_000_000


class ListenKeys:
    """The keys that were given out, one for an account at a time."""

    def __init__(self) -> None:
        self._keys: dict[str, str] = {}
        self._until_us: dict[str, int] = {}

    def give(self, account: str, *, at_us: int) -> str:
        """Return the account's key, a new one if it has none that is good."""
        if self._until_us.get(account, 0) <= at_us:
            self._keys[account] = secrets.token_urlsafe(48)
        self._until_us[account] = at_us + _GOOD_US
        return self._keys[account]

    def renew(self, account: str, *, at_us: int) -> str:
        """Return the account's key, good for another hour.

        Raises:
            Refusal: it has none, or it is over.
        """
        if self._until_us.get(account, 0) <= at_us:
            raise Refusal(-1125, "This listenKey does not exist.")
        return self.give(account, at_us=at_us)

    def end(self, account: str) -> None:
        """Forget the account's key."""
        self._keys.pop(account, None)
        self._until_us.pop(account, None)

    def account_of(self, key: str, *, at_us: int) -> str | None:
        """Return whose a key is; None for an unknown one and for one that is over."""
        for account, known in self._keys.items():
            if secrets.compare_digest(known, key) and self._until_us[account] > at_us:
                return account
        return None
