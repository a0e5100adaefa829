"""Every world in which an account has something going on, for commands that concern all of it."""

from __future__ import annotations

from collections.abc import Mapping

from snipersight.bootstrap.accounts import TradingAccount, environment_of, load_accounts
from snipersight.bootstrap.books import Books
from snipersight.bootstrap.settings import Settings
from snipersight.bootstrap.worlds import World, choose_world
from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.execution import Mode
from snipersight.domain.venue import Environment


def worlds_of(
    books: Books, held: Mapping[str, str], *, venue: str | None = None
) -> tuple[World, ...]:
    """Return where an account has live trades, and where `accounts.toml` or `venue` says it trades.

    What is done there only protects, reduces or compares, so that nothing has to be confirmed.

    Args:
        books: of the account.
        held: variables that keys are looked up in.
        venue: also there.

    Raises:
        ConfigInvalid: a trade lives in a world whose keys are not those of the settings.
        StateUnavailable: the store cannot be read.
    """
    settings, account_id = books.settings, books.ports.account_id
    account = load_accounts(settings).get(account_id) or TradingAccount(account_id=account_id)
    live = books.ports.store.view(account_id, lambda unit: unit.book.live_trades())
    places = {(one.venue, one.environment) for one in live}
    for named in {account.venue, venue} - {None}:
        environment = environment_of(settings, account, str(named))
        if environment is not None or venue is not None:
            places.add((str(named), environment or Environment.SIMULATED))
    return tuple(
        world_for(settings, account, name, environment, held)
        for name, environment in sorted(places)
    )


def world_for(
    settings: Settings,
    account: TradingAccount,
    venue: str,
    environment: Environment,
    held: Mapping[str, str],
) -> World:
    """Return a world in which trades live already, for looking after them.

    Raises:
        ConfigInvalid: the settings name another world, or hold no keys of it.
    """
    if environment is Environment.SIMULATED:
        return World(account=account, venue=venue, environment=environment, mode=Mode.PAPER)
    named = environment_of(settings, account, venue)
    if named is not environment:
        raise ConfigInvalid(
            f"it has trades at {venue} {environment}, but its keys are of "
            f"{named or 'no world that is named'}",
            where=f"account {account.account_id}",
            next_step=f"set EXECUTION_ENVIRONMENT={environment} and the keys of that world",
        )
    is_live = environment is Environment.LIVE
    return choose_world(
        settings,
        account,
        venue,
        mode=Mode.LIVE if is_live else Mode.PAPER,
        held=held,
        confirmed=account.account_id,
        only_manages=True,
    )
