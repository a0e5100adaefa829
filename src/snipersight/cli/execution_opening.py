"""The account of a command that looks after trades, with its worlds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from snipersight.cli.account_opening import follow_time, sign_audit, tell_events
from snipersight.cli.guard import say

if TYPE_CHECKING:
    from snipersight.bootstrap.books import Books
    from snipersight.bootstrap.execution import Execution
    from snipersight.bootstrap.session import Surroundings
    from snipersight.bootstrap.worlds import World
    from snipersight.domain.venue import Venue


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAccount:
    """An open account and where it may be traded from.

    Args:
        surroundings: settings and home.
        books: of the account.
        env_file: settings file that keys are looked up in.
    """

    surroundings: Surroundings
    books: Books
    env_file: Path | None

    def worlds(self, *, venue: str | None = None) -> tuple[World, ...]:
        """Return every world in which the account has something going on.

        Raises:
            ConfigInvalid: the settings do not fit the trades.
            StateUnavailable: the store cannot be read.
        """
        from snipersight.bootstrap.account_worlds import worlds_of
        from snipersight.bootstrap.accounts import variables

        return worlds_of(self.books, variables(self.env_file), venue=venue)

    def execution(
        self, world: World, *, is_beside: bool = False
    ) -> AbstractAsyncContextManager[Execution]:
        """Return the executor in one world, to be entered."""
        from snipersight.bootstrap.account_executions import execution_in

        return execution_in(self.surroundings, self.books, world, say=say, is_beside=is_beside)

    def venue(self, world: World) -> AbstractAsyncContextManager[Venue]:
        """Return the venue of one world for looking at it, to be entered."""
        from snipersight.bootstrap.account_executions import venue_in

        return venue_in(self.surroundings, self.books, world, say=say)


@contextmanager
def open_for_execution(
    env_file: Path | None,
    account: str | None,
    *,
    plan: str | None = None,
    signs: bool = False,
    is_again: bool = False,
) -> Iterator[OpenAccount]:
    """Yield the account of a command; close it afterwards.

    Args:
        env_file: settings file to read instead of the one in the home folder.
        account: which one; None: that of the plan, else `main` where it exists, else `practice`.
        plan: a plan that the account knows.
        signs: whether the audit is signed, and events are told, once the command has ended well.
        is_again: the command has opened it before: what there is to know of it was said.

    Raises:
        ConfigInvalid: the settings are wrong, or there is no such account.
        StateUnavailable: the store cannot be used.
    """
    from snipersight.bootstrap.books import open_books
    from snipersight.bootstrap.compile_cache import configure_compile_cache
    from snipersight.bootstrap.known_accounts import check_account
    from snipersight.bootstrap.plan_accounts import account_of_plan
    from snipersight.bootstrap.session import open_surroundings
    from snipersight.bootstrap.told_time import AccountTime

    surroundings = open_surroundings(env_file)
    for warning in () if is_again else surroundings.warnings:
        say(f"warning: {warning}")
    configure_compile_cache(surroundings.home.path)
    name = check_account(surroundings.settings, account)
    if name is None and plan is not None:
        name = account_of_plan(surroundings.settings, plan)
    time = AccountTime()
    with open_books(
        surroundings.settings, account_id=name, clock=time, follows_balance=False
    ) as books:
        follow_time(time, books, is_again=is_again)
        yield OpenAccount(surroundings=surroundings, books=books, env_file=env_file)
        if signs:
            sign_audit(books)
            tell_events(books)
