"""Who asks the dashboard for something, and how far their token reaches."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from snipersight.domain.errors import SniperSightError
from snipersight.domain.people import Role

CHANNEL: Final = "dashboard"  # where these callers speak, as the audit names it


class Scope(StrEnum):
    """How far a token reaches; each scope covers the ones before it."""

    READ = "read"  # look
    TRADE = "trade"  # decide on plans, record trades by hand, cancel, pause
    ADMIN = "admin"  # pull the kill switch

    @property
    def role(self) -> Role:
        """Return the role of a person who holds such a token."""
        return _ROLES[self]

    def covers(self, least: Scope) -> bool:
        """Return whether whoever has this scope may do what needs `least`."""
        return self.role >= least.role


_ROLES: Final = {Scope.READ: Role.VIEWER, Scope.TRADE: Role.TRADER, Scope.ADMIN: Role.ADMIN}


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Somebody who has shown a token that is valid.

    Args:
        name: of the token, for people and for the audit; never the token itself.
        scope: how far it reaches.
        token_id: which token; names can be given again once a token is revoked.
    """

    name: str
    scope: Scope
    token_id: str = ""

    @property
    def actor(self) -> str:
        """Return who the audit says it was, `dashboard:laptop`."""
        return f"{CHANNEL}:{self.name}"

    def may(self, least: Scope) -> bool:
        """Return whether this caller may do what needs `least`."""
        return self.scope.covers(least)


class AccessRefused(SniperSightError):
    """The caller is not known, not any more, or may not do this: nothing was done."""
