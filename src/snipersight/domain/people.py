"""Who may say what to the running bot."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import IntEnum


class Role(IntEnum):
    """What a person may do; each role may do what the ones before it may."""

    VIEWER = 1  # look
    TRADER = 2  # decide on plans, record trades by hand, pause
    ADMIN = 3  # resume, pull the kill switch


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person as a channel knows them.

    Args:
        channel: where they speak, `telegram`.
        user_id: the channel's own; what they are allowed by. Names may be anybody's.
        name: as the channel shows it, for people to read.
        role: what they may do.
    """

    channel: str
    user_id: str
    name: str
    role: Role

    @property
    def actor(self) -> str:
        """Return who the audit says it was, `telegram:424242`."""
        return f"{self.channel}:{self.user_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """Everybody who may say anything; whoever is not named may say nothing.

    Args:
        roles: what each user id may do.
    """

    roles: Mapping[str, Role] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        *,
        admins: Collection[str] = (),
        traders: Collection[str] = (),
        viewers: Collection[str] = (),
    ) -> Roster:
        """Return the roster of three lists; who is in several has the highest of their roles."""
        listed = ((Role.VIEWER, viewers), (Role.TRADER, traders), (Role.ADMIN, admins))
        return cls(roles={name: role for role, names in listed for name in names})

    def role_of(self, user_id: str) -> Role | None:
        """Return what somebody may do; None: nothing."""
        return self.roles.get(user_id)

    def has(self, least: Role) -> bool:
        """Return whether anybody has at least this role."""
        return any(role >= least for role in self.roles.values())
