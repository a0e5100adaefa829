"""Which world an order of an account goes to, and every reason why it must not go to the live one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from snipersight.bootstrap.account_names import PRACTICE
from snipersight.bootstrap.accounts import (
    VENUES,
    Keys,
    TradingAccount,
    environment_of,
    keys_of,
)
from snipersight.bootstrap.settings import Settings
from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.execution import Mode
from snipersight.domain.venue import Environment
from snipersight.domain.venues import BUILT_IN_VENUE

_DOCS: Final = "docs/execution.md tells how"


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Where the orders of an account go.

    Args:
        account: whose.
        venue: short name, as in plans.
        environment: which of its worlds; `SIMULATED` is our own venue in this process.
        mode: how far an order goes.
        keys: None where the venue is simulated or nothing is sent.
    """

    account: TradingAccount
    venue: str
    environment: Environment
    mode: Mode
    keys: Keys | None = None


def choose_world(
    settings: Settings,
    account: TradingAccount,
    venue: str,
    *,
    mode: Mode,
    held: Mapping[str, str],
    confirmed: str | None = None,
    only_manages: bool = False,
) -> World:
    """Return where orders go, or refuse; nothing leads to the live world but its own name.

    Args:
        settings: keys, world, accounts that may trade live.
        account: whose orders.
        venue: that a plan is for.
        mode: how far they go.
        held: variables that keys are looked up in.
        confirmed: what `--confirm` named; live asks for the account's name.
        only_manages: nothing new is entered: LIVE_ACCOUNT need not name the account any more.

    Raises:
        ConfigInvalid: the account does not trade there, or not in that mode.
    """
    _require_own_venue(account, venue)
    if not only_manages:
        _require_meant(mode, confirmed)
    if mode is Mode.DRY_RUN:
        return World(account=account, venue=venue, environment=Environment.SIMULATED, mode=mode)
    environment = environment_of(settings, account, venue)
    if mode is Mode.LIVE and not only_manages:
        _require_live(settings, account, venue, environment, confirmed)
    elif environment is Environment.LIVE and mode is not Mode.LIVE:
        raise _refused(
            account,
            "paper orders never go to the live world, which EXECUTION_ENVIRONMENT names",
            "set EXECUTION_ENVIRONMENT to testnet or demo, or empty it for the simulated venue",
        )
    if environment is None:
        environment = Environment.SIMULATED
    if environment is Environment.SIMULATED:
        return World(account=account, venue=venue, environment=environment, mode=mode)
    return World(
        account=account,
        venue=venue,
        environment=environment,
        mode=mode,
        keys=_keys(settings, account, venue, environment, held),
    )


def _require_meant(mode: Mode, confirmed: str | None) -> None:
    """Refuse a confirmation of real orders where none are asked for: one of the two is a slip."""
    if confirmed is not None and mode is not Mode.LIVE:
        raise ConfigInvalid(
            f"--confirm {confirmed} is for real orders, and this is {mode.value}",
            where="--confirm",
            next_step="add --mode live, or leave --confirm out",
        )


def _require_own_venue(account: TradingAccount, venue: str) -> None:
    is_practice = account.account_id == PRACTICE
    if is_practice is not (venue == BUILT_IN_VENUE):
        raise _refused(
            account,
            f"it trades the built-in market alone, and this is {venue}"
            if is_practice
            else "the built-in market is traded by the account practice alone",
            "name the other account with --account, or leave it out",
        )
    if account.venue is not None and account.venue != venue:
        raise _refused(
            account,
            f"accounts.toml lets it trade at {account.venue}, and this is {venue}",
            "name another account with --account",
        )


def _require_live(
    settings: Settings,
    account: TradingAccount,
    venue: str,
    environment: Environment | None,
    confirmed: str | None,
) -> None:
    name = account.account_id
    if venue not in VENUES:
        raise _refused(account, f"{venue} has no live world", f"live is for {', '.join(VENUES)}")
    if environment is None:
        raise _refused(
            account,
            "live orders need EXECUTION_ENVIRONMENT=live, and it is empty",
            _DOCS,
        )
    if environment is not Environment.LIVE:
        raise _refused(
            account,
            f"its keys are those of the {environment} world, where nothing is live",
            f"trade there with --mode paper; {_DOCS} to go live",
        )
    if name not in settings.live_account:
        raise _refused(
            account,
            f"LIVE_ACCOUNT does not name it (it is {', '.join(settings.live_account) or 'empty'})",
            f"set LIVE_ACCOUNT={name} if its real money may be traded",
        )
    if confirmed != name:
        raise ConfigInvalid(
            f"live orders of account {name} are not confirmed"
            if confirmed is None
            else f"{confirmed!r} is not the account whose orders are live, {name}",
            where="--confirm",
            next_step=f"add --confirm {name} to trade its real money",
        )


def _keys(
    settings: Settings,
    account: TradingAccount,
    venue: str,
    environment: Environment,
    held: Mapping[str, str],
) -> Keys:
    if venue not in VENUES:
        raise _refused(
            account,
            f"no orders can be sent to {venue}; they can to {', '.join(VENUES)}",
            "empty EXECUTION_ENVIRONMENT to trade its prices on the simulated venue",
        )
    keys = keys_of(settings, account, venue, held)
    if keys is not None:
        return keys
    name = "BYBIT" if venue == "bybit" else "BINANCE"
    raise _refused(
        account,
        f"it has no keys for {venue} {environment}: {name}_API_KEY and {name}_API_SECRET are not set",
        f"set both to keys of the {environment} world; {_DOCS}",
    )


def _refused(account: TradingAccount, what: str, next_step: str) -> ConfigInvalid:
    return ConfigInvalid(what, where=f"account {account.account_id}", next_step=next_step)
