"""Settings of execution: keys, the world orders go to, and how long protection may take."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import BeforeValidator, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings

from snipersight.bootstrap.environment import absolute
from snipersight.bootstrap.setting_forms import Words
from snipersight.domain.orders import TriggerSource
from snipersight.domain.venue import Environment

ACCOUNT_NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_GATEWAY: Final = re.compile(r"(127\.0\.0\.1|localhost):(\d{1,5})")
_LAST_PORT: Final = 65_535
_SECOND_US: Final = 1_000_000

EnvironmentName = Literal["testnet", "demo", "live"]


def _lower(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


class ExecutionSettings(BaseSettings):
    """Every variable of execution; a part of `Settings`."""

    binance_api_key: SecretStr | None = None
    binance_api_secret: SecretStr | None = None
    binance_testnet: bool = True
    bybit_api_key: SecretStr | None = None
    bybit_api_secret: SecretStr | None = None

    execution_environment: Annotated[EnvironmentName | None, BeforeValidator(_lower)] = None
    live_account: Words = ()
    exchange_gateway: str | None = None
    exchange_gateway_ca: Path | None = None

    stop_trigger: Annotated[TriggerSource, BeforeValidator(_lower)] = TriggerSource.MARK
    stop_deadline_seconds: Decimal = Field(default=Decimal(10), ge=1, le=300)
    double_fire_minutes: int = Field(default=15, ge=1, le=10_080)

    @field_validator("live_account", mode="after")
    @classmethod
    def _account_names(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        strange = [name for name in names if not ACCOUNT_NAME.fullmatch(name)]
        if strange:
            raise ValueError(f"{', '.join(strange)} is no name of an account such as main")
        return names

    @field_validator("exchange_gateway", mode="after")
    @classmethod
    def _loopback(cls, value: str | None) -> str | None:
        if value is None:
            return None
        match = _GATEWAY.fullmatch(value.strip())
        if match is None or not 0 < int(match[2]) <= _LAST_PORT:
            raise ValueError("is no address on this machine such as 127.0.0.1:8443")
        return value.strip()

    @field_validator("exchange_gateway_ca", mode="after")
    @classmethod
    def _absolute_path(cls, value: Path | None) -> Path | None:
        return None if value is None else absolute(value)

    @model_validator(mode="after")
    def _one_world(self) -> Self:
        problems = world_contradictions(self)
        if problems:
            raise ValueError("; ".join(problems))
        return self

    @property
    def environment(self) -> Environment | None:
        """Return what `EXECUTION_ENVIRONMENT` names; None where it is empty."""
        named = self.execution_environment
        return None if named is None else Environment(named)

    @property
    def gateway_address(self) -> tuple[str, int] | None:
        """Return host and port of the stand-in that requests go to; None without one."""
        if self.exchange_gateway is None:
            return None
        host, _, port = self.exchange_gateway.partition(":")
        return host, int(port)

    @property
    def stop_deadline_us(self) -> int:
        """Return how long a position may lack its stop, microseconds."""
        return int(self.stop_deadline_seconds * _SECOND_US)

    def execution_secrets(self) -> tuple[str, ...]:
        """Return the values of execution that no log may show."""
        held = (
            self.binance_api_key,
            self.binance_api_secret,
            self.bybit_api_key,
            self.bybit_api_secret,
        )
        return tuple(secret.get_secret_value() for secret in held if secret is not None)


def world_contradictions(settings: ExecutionSettings) -> tuple[str, ...]:
    """Return what the settings say against each other about where orders go."""
    named, testnet = settings.execution_environment, settings.binance_testnet
    found = []
    if named == "live" and testnet and "binance_testnet" in settings.model_fields_set:
        found.append(
            "EXECUTION_ENVIRONMENT=live contradicts BINANCE_TESTNET=true: "
            "set BINANCE_TESTNET=false to trade real money"
        )
    if named in ("testnet", "demo") and not testnet:
        found.append(
            f"EXECUTION_ENVIRONMENT={named} contradicts BINANCE_TESTNET=false: remove one of them"
        )
    if named == "live" and settings.exchange_gateway is not None:
        found.append(
            "EXCHANGE_GATEWAY is for practice and EXECUTION_ENVIRONMENT=live is not: remove one"
        )
    if (settings.exchange_gateway is None) is not (settings.exchange_gateway_ca is None):
        found.append("EXCHANGE_GATEWAY and EXCHANGE_GATEWAY_CA belong together: set both or none")
    return tuple(found)
