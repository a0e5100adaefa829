"""Accounts that trade: whose keys, at which venue, in which world, under which limits.

`main` and `practice` need no word; `accounts.toml` in the home folder names others, or says more
of these two:

    [accounts.desk]
    venue = "binanceusdm"
    environment = "demo"
    key = "DESK_API_KEY"        # names of the variables that hold its keys, never the keys
    secret = "DESK_API_SECRET"

    [accounts.desk.limits]      # instead of the settings' own
    MAX_RISK_PER_TRADE = "0.005"
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from dotenv import dotenv_values
from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError

from snipersight.bootstrap.account_names import MAIN, PRACTICE
from snipersight.bootstrap.environment import home_path
from snipersight.bootstrap.execution_settings import ACCOUNT_NAME, EnvironmentName
from snipersight.bootstrap.risk_settings import VARIABLES_OF_LIMITS
from snipersight.bootstrap.settings import Settings
from snipersight.bootstrap.toml_files import read_toml
from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.venue import Environment

FILE: Final = "accounts.toml"
VENUES: Final = ("binance", "binanceusdm", "bybit")
# Limits are the account's own; so is what it began with.
_OWN: Final = frozenset((*VARIABLES_OF_LIMITS, "DEFAULT_ACCOUNT_BALANCE"))


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    venue: str | None = None
    environment: EnvironmentName | None = None
    key: str | None = None
    secret: str | None = None
    limits: dict[str, str | int | float] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """API keys of one account; never shown.

    Args:
        key, secret: as the venue gave them.
        key_name, secret_name: variables they were read from, for messages.
    """

    key: SecretStr
    secret: SecretStr
    key_name: str
    secret_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TradingAccount:
    """One account as settings and `accounts.toml` describe it.

    Args:
        account_id: its name.
        venue: where alone it trades; None: wherever a plan is for.
        environment: which world; None: none is named, so paper trades on the simulated venue.
        key_name, secret_name: variables with its own keys; None: those of the settings.
        limits: variables of the settings that differ for it.
    """

    account_id: str
    venue: str | None = None
    environment: Environment | None = None
    key_name: str | None = None
    secret_name: str | None = None
    limits: Mapping[str, str] = field(default_factory=dict)


def load_accounts(settings: Settings) -> dict[str, TradingAccount]:
    """Return every account that the configuration names, `main` and `practice` always.

    Args:
        settings: home folder, and the environment of accounts that name none.

    Raises:
        ConfigInvalid: the file is wrong; the message names the key.
    """
    tables = _tables(settings.snipersight_home / FILE)
    named = {name: _account(name, table, settings) for name, table in tables.items()}
    for name in (MAIN, PRACTICE):
        named.setdefault(name, _account(name, _Table(), settings))
    return named


def variables(env_file: Path | None = None) -> Mapping[str, str]:
    """Return the variables that names of keys are looked up in: the process's win.

    Args:
        env_file: settings file; the one in the home folder by default.
    """
    path = env_file if env_file is not None else home_path() / ".env"
    written = dotenv_values(path) if path.is_file() else {}
    return {**{name: value for name, value in written.items() if value}, **os.environ}


def require_account(name: str, known: Collection[str]) -> str:
    """Return the name of an account that exists.

    Raises:
        ConfigInvalid: there is no such account; those that exist are named.
    """
    if name in known:
        return name
    raise ConfigInvalid(
        f"there is no account {name!r}",
        where="--account",
        next_step=f"write {', '.join(sorted(known))}, or describe it in {FILE} of the home folder",
    )


def own_settings(settings: Settings, account_id: str) -> Settings:
    """Return the settings with an account's own limits instead of the general ones.

    Raises:
        ConfigInvalid: `accounts.toml` is wrong, or limits contradict each other.
    """
    account = load_accounts(settings).get(account_id)
    if account is None or not account.limits:
        return settings
    held = settings.model_dump(exclude_unset=True)
    changed = {name.lower(): value for name, value in account.limits.items()}
    try:
        return Settings(_env_file=None, **{**held, **changed})
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, item['loc'])).upper()} {item['msg']}".strip()
            for item in error.errors()
        )
        raise ConfigInvalid(
            problems.replace("Value error, ", ""),
            where=f"{FILE} [accounts.{account.account_id}.limits]",
            next_step="correct the limit; .env.example explains each one",
        ) from error


def keys_of(
    settings: Settings, account: TradingAccount, venue: str, held: Mapping[str, str]
) -> Keys | None:
    """Return the keys an account uses at a venue; None where there are none, or only half.

    Args:
        settings: the general keys.
        account: whose.
        venue: `binance`, `binanceusdm`, `bybit`.
        held: see `variables`.

    Raises:
        ConfigInvalid: the account names variables of its own, and one is not set.
    """
    if account.key_name is not None and account.secret_name is not None:
        return _own_keys(account.account_id, account.key_name, account.secret_name, held)
    name = "bybit" if venue == "bybit" else "binance"
    key = getattr(settings, f"{name}_api_key")
    secret = getattr(settings, f"{name}_api_secret")
    if key is None or secret is None:
        return None
    return Keys(
        key=key,
        secret=secret,
        key_name=f"{name.upper()}_API_KEY",
        secret_name=f"{name.upper()}_API_SECRET",
    )


def environment_of(settings: Settings, account: TradingAccount, venue: str) -> Environment | None:
    """Return the world an account trades in at a venue; None: none is named, never live.

    `BINANCE_TESTNET=true` with Binance keys selects Binance's demo environment.
    """
    if account.environment is not None or account.account_id == PRACTICE:
        return account.environment
    has_keys = account.key_name is not None or (
        settings.binance_api_key is not None and settings.binance_api_secret is not None
    )
    is_binance = venue in ("binance", "binanceusdm")
    return Environment.DEMO if is_binance and settings.binance_testnet and has_keys else None


def account_secrets(
    accounts: Mapping[str, TradingAccount], held: Mapping[str, str]
) -> tuple[str, ...]:
    """Return the keys of `accounts.toml` that no log may show, as far as they are set."""
    names = [name for one in accounts.values() for name in (one.key_name, one.secret_name)]
    return tuple(held[name] for name in names if name is not None and held.get(name))


def _tables(path: Path) -> dict[str, _Table]:
    if not path.exists():
        return {}
    document = read_toml(path)
    strange = sorted(set(document) - {"accounts"})
    if strange or not isinstance(document.get("accounts", {}), dict):
        raise _wrong(path, f"unknown key {strange[0]}" if strange else "accounts is no table")
    return {
        name: _table(name, values, path) for name, values in document.get("accounts", {}).items()
    }


def _table(name: str, values: object, path: Path) -> _Table:
    if not ACCOUNT_NAME.fullmatch(name):
        raise _wrong(path, f"{name!r} is no name of an account such as desk")
    try:
        table = _Table.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(("accounts", name, *map(str, first["loc"])))
        raise _wrong(path, f"{key}: {first['msg']}") from error
    problem = _problem(name, table)
    if problem:
        raise _wrong(path, f"accounts.{name}: {problem}")
    return table


def _problem(name: str, table: _Table) -> str:
    strange = sorted(set(table.limits) - _OWN)
    if strange:
        return f"{strange[0]} is no limit of an account"
    if table.venue is not None and table.venue not in VENUES:
        return f"venue {table.venue!r} takes no orders from here: {', '.join(VENUES)} do"
    if (table.key is None) is not (table.secret is None):
        return "key and secret belong together"
    if table.environment is not None and table.venue is None:
        return "an environment needs the venue it belongs to"
    if name == PRACTICE and (table.environment is not None or table.key is not None):
        return "it trades the built-in market alone, where there are no keys"
    return ""


def _account(name: str, table: _Table, settings: Settings) -> TradingAccount:
    named = None if table.environment is None else Environment(table.environment)
    if named is Environment.LIVE and table.venue != "bybit":
        _require_no_testnet(settings, name)
    is_general = named is None and name != PRACTICE
    return TradingAccount(
        account_id=name,
        venue=table.venue,
        environment=settings.environment if is_general else named,
        key_name=table.key,
        secret_name=table.secret,
        limits={key: str(value) for key, value in table.limits.items()},
    )


def _own_keys(account: str, key_name: str, secret_name: str, held: Mapping[str, str]) -> Keys:
    key, secret = held.get(key_name, ""), held.get(secret_name, "")
    missing = [name for name, value in ((key_name, key), (secret_name, secret)) if not value]
    if missing:
        raise ConfigInvalid(
            f"accounts.{account}: {' and '.join(missing)} is not set",
            where=FILE,
            next_step="key and secret name variables of the environment or .env: set them there",
        )
    return Keys(
        key=SecretStr(key),
        secret=SecretStr(secret),
        key_name=key_name,
        secret_name=secret_name,
    )


def _require_no_testnet(settings: Settings, name: str) -> None:
    if settings.binance_testnet and "binance_testnet" in settings.model_fields_set:
        raise ConfigInvalid(
            f'accounts.{name}: environment = "live" contradicts BINANCE_TESTNET=true',
            where=FILE,
            next_step="set BINANCE_TESTNET=false to trade real money",
        )


def _wrong(path: Path, what: str) -> ConfigInvalid:
    return ConfigInvalid(what, where=str(path), next_step="docs/execution.md shows an example")
