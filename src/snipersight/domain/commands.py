"""What people tell the running bot to do: stored before it is done, done once, and answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol

from snipersight.domain.people import Role

COMMANDS: Final = "command"  # topic of the queue that commands wait in


class CommandKind(StrEnum):
    """What is to be done."""

    APPROVE = "approve"  # execute a plan
    REJECT = "reject"  # do not
    TOOK = "took"  # a person traded the plan by hand, at its near edge and the size it was given
    PAUSE = "pause"  # no entry until resume
    RESUME = "resume"
    KILL = "kill"  # pull the kill switch
    CANCEL = "cancel"  # the working entries of a plan
    FLATTEN = "flatten"  # close the trade of a plan at market

    @property
    def decides(self) -> bool:
        """Return whether it decides on a plan: the first decision on a plan is the only one."""
        return self in (CommandKind.APPROVE, CommandKind.REJECT, CommandKind.TOOK)

    @property
    def least_role(self) -> Role:
        """Return the least role that may give it."""
        is_admins = self in (CommandKind.RESUME, CommandKind.KILL, CommandKind.FLATTEN)
        return Role.ADMIN if is_admins else Role.TRADER


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One thing that a person said.

    Args:
        key: the same for the same press: a command that is delivered twice is done once.
        kind: what is to be done.
        account_id: of which account.
        subject: plan id; empty where the account as a whole is meant.
        actor: who said it, for the audit, `telegram:424242`.
        name: of that person, for people to read.
        at_us: when, microseconds UTC.
        expires_us: not done any more from here on; None: whenever.
        arguments: what the kind needs: `reason`, `flatten`, `size`, `price`; values of text and bool.
    """

    key: str
    kind: CommandKind
    account_id: str
    subject: str = ""
    actor: str
    name: str = ""
    at_us: int
    expires_us: int | None = None
    arguments: Mapping[str, str | bool] = field(default_factory=dict)


class CommandState(StrEnum):
    """What became of a command."""

    WAITING = "waiting"  # stored, and somebody will do it
    DONE = "done"
    REFUSED = "refused"  # and the sentence says why


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandAnswer:
    """What is known of a command now.

    Args:
        command: which; of two decisions on one plan, the one that came first.
        state: what became of it.
        sentence: in words, for whoever said it.
        is_first: this very command was taken, not an earlier one under its key or on its plan.
    """

    command: Command
    state: CommandState
    sentence: str
    is_first: bool = True


class CommandDesk(Protocol):
    """Takes commands and does them; never raises for what a command asks, always answers."""

    async def submit(self, command: Command) -> CommandAnswer:
        """Store a command with its audit record, do it, and answer.

        What takes long is answered as `WAITING` after a moment and told when it is done.

        Raises:
            StateUnavailable: it could not be stored; nothing was done.
        """
        ...
