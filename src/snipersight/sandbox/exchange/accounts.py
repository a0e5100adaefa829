"""Accounts of the sandbox: practice keys, and what each account begins with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from snipersight.domain.errors import ConfigInvalid

_KEY_LENGTH: Final = 8


def _practice_money() -> Mapping[str, Decimal]:
    return {"USDT": Decimal(100_000)}


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxAccount:
    """An account that exists, with the same keys, at every venue of the sandbox.

    Args:
        name: also the matching engine's account id.
        api_key, secret: made-up; never real ones.
        balances: by currency, above 0, at each venue.
        is_hedged: whether it begins in hedge mode where a venue has one.
        can_withdraw: whether the keys may move money away, as no trading key should.
        is_ip_restricted: whether the keys work from one address only.
    """

    name: str = "practice"
    api_key: str = "sandbox-practice-key"
    secret: str = field(default="sandbox-practice-secret", repr=False)
    balances: Mapping[str, Decimal] = field(default_factory=_practice_money)
    is_hedged: bool = False
    can_withdraw: bool = False
    is_ip_restricted: bool = True

    def __post_init__(self) -> None:
        if min(len(self.api_key), len(self.secret)) < _KEY_LENGTH:
            raise ConfigInvalid(
                f"the keys of the sandbox account {self.name!r} are shorter than {_KEY_LENGTH}",
                next_step="use longer made-up keys",
            )


class Accounts:
    """The accounts, by name and by key.

    Raises:
        ConfigInvalid: there is none, or two have the same name or key.
    """

    def __init__(self, accounts: Iterable[SandboxAccount]) -> None:
        known = tuple(accounts)
        self._by_key = {account.api_key: account for account in known}
        self.by_name = {account.name: account for account in known}
        if not known or len(self._by_key) < len(known) or len(self.by_name) < len(known):
            raise ConfigInvalid(
                "the sandbox exchange needs accounts with different names and keys",
                next_step="give each account a name and a key of its own",
            )

    def of_key(self, api_key: str) -> SandboxAccount | None:
        """Return the account of a key."""
        return self._by_key.get(api_key)
