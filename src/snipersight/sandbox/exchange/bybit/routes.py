"""One address of Bybit's, and a request that passed its checks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from snipersight.sandbox.exchange.accounts import SandboxAccount
from snipersight.sandbox.exchange.bybit.fields import Fields
from snipersight.sandbox.exchange.bybit.keys import bad_key
from snipersight.sandbox.exchange.calls import Call
from snipersight.sandbox.exchange.faults import RequestKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request that passed the checks of its route.

    Args:
        fields: of query or body.
        call: the request.
        account: whose; None where no key is needed.
    """

    fields: Fields
    call: Call
    account: SandboxAccount | None = None

    @property
    def known_account(self) -> SandboxAccount:
        """Return whose request it is.

        Raises:
            Refusal: the route asks for no key, so there is no account.
        """
        if self.account is None:
            raise bad_key()
        return self.account

    @property
    def account_id(self) -> str:
        """Return the account's name.

        Raises:
            Refusal: the route asks for no key, so there is no account.
        """
        return self.known_account.name


Handle = Callable[[Asked], Awaitable[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One address.

    Args:
        handle: returns the result inside the envelope; refusals are raised.
        per_second: requests of one key that pass in a second; None: only the address is counted.
        kind: what it is about, for the plan of faults.
    """

    handle: Handle
    per_second: int | None = 50
    kind: RequestKind = RequestKind.QUERY

    @property
    def is_signed(self) -> bool:
        """Return whether a request has to carry key and signature."""
        return self.kind is not RequestKind.PUBLIC


Routes = Mapping[tuple[str, str], Route]
