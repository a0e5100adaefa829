"""How a person asked for the bot to run, understood and checked against the settings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from snipersight.bootstrap.run_clock import RunClock
from snipersight.bootstrap.settings import Settings
from snipersight.bootstrap.sources import SourceChoice
from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.execution import Mode

LARGEST_SCALE: Final = 3600.0  # a bar of an hour closes every second


@dataclass(frozen=True, slots=True, kw_only=True)
class RunAsked:
    """What is to run.

    Args:
        source: where candles come from.
        profile: name of the profile.
        symbols: `top20`, a list or `@watchlist`.
        account: whose limits and equity; None: `practice` on the built-in market, else `main`.
        mode: how far an order goes.
        confirmed: the account whose real money may be traded.
        unproven: the profile that may trade real money without a shown edge.
        tells: whether the chats are told.
        approves: whether a person has to approve each plan before it is executed.
        workers: symbols looked at side by side.
        env_file: settings file, in which keys are looked up too; None: that of the home.
        time_scale: seconds of the bot's time in a real one.
        at_ms: what the bot's clock shows at the beginning, milliseconds UTC; None: the present.
        until_ms: the bot ends once this close was scanned, milliseconds UTC; None: never.
    """

    source: SourceChoice
    profile: str = "balanced"
    symbols: str = "top20"
    account: str | None = None
    mode: Mode = Mode.DRY_RUN
    confirmed: str | None = None
    unproven: str | None = None
    tells: bool = False
    approves: bool = False
    workers: int = 1
    env_file: Path | None = None
    time_scale: float = 1.0
    at_ms: int | None = None
    until_ms: int | None = None

    @property
    def is_sandbox_time(self) -> bool:
        """Return whether the bot lives by another time than ours."""
        return self.time_scale != 1.0 or self.at_ms is not None


def clock_of(asked: RunAsked, settings: Settings) -> RunClock:
    """Return the clock that the bot lives by.

    Raises:
        ConfigInvalid: a recording was named, or another time than ours for a real market.
    """
    if asked.source.data is not None:
        raise ConfigInvalid(
            "a recording has come to its end, and nothing closes in it any more",
            where="--data",
            next_step="`snipersight replay` goes through it; run an exchange or the built-in market",
        )
    if not asked.is_sandbox_time:
        return RunClock()
    _require_sandbox(asked, settings)
    start_us = None if asked.at_ms is None else asked.at_ms * 1000
    return RunClock(scale=asked.time_scale, start_us=start_us)


def _require_sandbox(asked: RunAsked, settings: Settings) -> None:
    named = "--time-scale" if asked.time_scale != 1.0 else "--at"
    if not asked.source.is_built_in and settings.exchange_gateway is None:
        raise ConfigInvalid(
            f"{asked.source.exchange} lives by the present",
            where=named,
            next_step="leave it out; the built-in market and EXCHANGE_GATEWAY know other times",
        )
    if not 0 < asked.time_scale <= LARGEST_SCALE:
        raise ConfigInvalid(
            f"a time scale of {asked.time_scale:g}",
            where="--time-scale",
            next_step=f"use a number above 0 and up to {LARGEST_SCALE:g}, such as 60",
        )
