"""Whether an account exists: described in the configuration, or kept in the store."""

from __future__ import annotations

from snipersight.bootstrap.accounts import load_accounts, require_account
from snipersight.bootstrap.settings import Settings
from snipersight.bootstrap.store import open_store


def check_account(settings: Settings, name: str | None) -> str | None:
    """Return the name that a user wrote, None where none was written.

    An account that is configured and has never traded exists; so does one that has traded and is
    configured no more.

    Raises:
        ConfigInvalid: there is no such account, or `accounts.toml` is wrong.
        StateUnavailable: the store cannot be used.
    """
    configured = load_accounts(settings)
    if name is None or name in configured:
        return name
    with open_store(settings, account_id=None) as store:
        kept = {row.account_id for row in store.decisions.accounts()}
    return require_account(name, {*configured, *kept})
