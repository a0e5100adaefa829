"""The account of a command that looks at no market, with what the user should know on stderr."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from snipersight.bootstrap.account_names import PRACTICE
from snipersight.cli.guard import after_answer, say
from snipersight.domain import wording as texts

if TYPE_CHECKING:
    from snipersight.bootstrap.books import Books
    from snipersight.bootstrap.settings import Settings
    from snipersight.bootstrap.store import Store
    from snipersight.bootstrap.told_time import AccountTime


@contextmanager
def open_account(
    env_file: Path | None,
    *,
    account: str | None = None,
    plan: str | None = None,
    signs: bool = False,
    follows_balance: bool = False,
) -> Iterator[tuple[Books, Settings]]:
    """Yield the open account and the settings; close it afterwards.

    Args:
        env_file: settings file to read instead of the one in the home folder.
        account: which one; None: `main` where it exists, else `practice`.
        plan: without an account, open the one that knows this plan or entry.
        follows_balance: whether a changed DEFAULT_ACCOUNT_BALANCE is recorded, or only told of.
        signs: whether the audit is signed, and events are told, once the command has ended well.

    Raises:
        ConfigInvalid: the settings are wrong, there is no such account, it is kept in another
            currency, several accounts know the plan, or a balance that is followed takes out
            more than there is.
        StateUnavailable: the store cannot be used.
    """
    from snipersight.bootstrap.books import open_books
    from snipersight.bootstrap.known_accounts import check_account
    from snipersight.bootstrap.plan_accounts import account_of_plan
    from snipersight.bootstrap.session import (
        moved_sentence,
        open_surroundings,
        unfollowed_sentence,
    )
    from snipersight.bootstrap.told_time import AccountTime

    surroundings = open_surroundings(env_file)
    for warning in surroundings.warnings:
        say(f"warning: {warning}")
    account = check_account(surroundings.settings, account)
    if account is None and plan is not None:
        account = account_of_plan(surroundings.settings, plan)
    time = AccountTime()
    with open_books(
        surroundings.settings, account_id=account, clock=time, follows_balance=follows_balance
    ) as books:
        follow_time(time, books)
        if books.moved:
            say(f"warning: {moved_sentence(books)}")
        if books.unfollowed:
            say(f"warning: {unfollowed_sentence(books)}")
        yield books, books.settings
        if signs:
            sign_audit(books)
            tell_events(books)


def follow_time(time: AccountTime, books: Books, *, is_again: bool = False) -> None:
    """Record by the time that a running bot lives by, and say so where it is not ours.

    Args:
        time: of the command.
        books: of the account.
        is_again: it was said before.

    Raises:
        StateUnavailable: the store cannot be read.
    """
    account_id = books.ports.account_id
    is_sandbox = account_id == PRACTICE or books.settings.exchange_gateway is not None
    if time.follow(books.store.database, account_id, is_sandbox=is_sandbox) and not is_again:
        moment = texts.minute_of(time() // 1000)
        say(f"The bot that runs on account {account_id} lives by a sandbox's time, {moment} UTC.")


def sign_audit(books: Books) -> None:
    """Sign what was recorded, and say so where that cannot be done."""
    problem = books.sign(warn=lambda text: say(f"warning: {text}"))
    if problem is not None:
        say(
            f"warning: the audit of account {books.ports.account_id} could not be signed: {problem}"
        )


def tell_events(books: Books) -> None:
    """Bring what was recorded to telemetry and on to its exporters, once the user has the answer.

    It may take some seconds, and nothing that matters waits for it: neither the next account nor
    what is printed.
    """
    settings = books.settings

    def tell() -> None:
        from snipersight.bootstrap.derived_events import tell_events as tell_all

        tell_all(settings, tell=say)  # of every account

    after_answer("events", tell)


def accounts_meant(env_file: Path | None, account: str | None) -> tuple[str, ...]:
    """Return the named account, or the names of all there are; the practice one where none is.

    Raises:
        ConfigInvalid: the settings are wrong, or an account is kept in another currency.
        StateUnavailable: the store cannot be used.
    """
    if account is not None:
        return (account,)  # whoever opens it refuses an unknown one
    with open_all_accounts(env_file) as store:
        return tuple(row.account_id for row in store.decisions.accounts())


def open_all_accounts(env_file: Path | None) -> Store:
    """Return the open store for what concerns every account; the caller closes it.

    Raises:
        ConfigInvalid: the settings are wrong, or an account is kept in another currency.
        StateUnavailable: the store cannot be used.
    """
    from snipersight.bootstrap.settings import load_settings
    from snipersight.bootstrap.store import open_store

    return open_store(load_settings(env_file)[0], account_id=None)
