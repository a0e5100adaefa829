"""What breakers, cooldowns and clocks say of an entry."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from snipersight.domain.decision import Check
from snipersight.domain.ledger import LedgerEntry
from snipersight.domain.plan import TradePlan
from snipersight.domain.standing import BreakerName, Cooldown, TrippedBreaker
from snipersight.risk.inputs import GateInputs
from snipersight.risk.policy import RiskPolicy
from snipersight.risk.underlyings import underlying

# Processes of one machine may write a little out of order; more than this is a clock set back.
CLOCK_SLACK_US: Final = 1_000_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_CODES: Final = {name: name.value for name in BreakerName} | {BreakerName.OPERATOR: "halted"}
_HOLDING_NOTHING: Final = {
    name: Check(code=code, passed=True, sentence="the breaker is not tripped")
    for name, code in _CODES.items()
}
_ALL_CLEAR: Final = tuple(_HOLDING_NOTHING.values())
_CLOCK_RUNS_ON: Final = Check(
    code="clock_backwards", passed=True, sentence="the clock was not set back"
)
_NO_COOLDOWN: Final = Check(
    code="cooldown", passed=True, sentence="no stop in the asset and direction lately"
)
_CLOCKS_AGREE: Final = "the venue's clock and ours agree"


def breaker_checks(
    inputs: GateInputs, policy: RiskPolicy, *, plan: TradePlan | None = None
) -> tuple[Check, ...]:
    """Return whether clocks, breakers and cooldowns let an entry pass, in a fixed order.

    Codes: `clock_backwards`, `clock_skew`, `halted` (the operator), `daily_loss`,
    `weekly_loss`, `drawdown`, `loss_streak`, `unprotected_position`, `cooldown`.

    Args:
        inputs: breakers and cooldowns that hold now, and the times.
        policy: the limits.
        plan: the entry; without it every cooldown given counts, whatever it is of.
    """
    return (
        _clock_check(inputs),
        _skew_check(inputs.clock_skew_ms, policy.max_clock_skew_ms),
        *(_tripped_checks(inputs.tripped) if inputs.tripped else _ALL_CLEAR),
        cooldown_check(inputs.cooldowns, plan) if inputs.cooldowns else _NO_COOLDOWN,
    )


def _clock_check(inputs: GateInputs) -> Check:
    behind_us = inputs.last_us - inputs.at_us
    if behind_us <= CLOCK_SLACK_US:
        return _CLOCK_RUNS_ON
    return Check(
        code="clock_backwards",
        passed=False,
        measured=Decimal(behind_us) / 1_000_000,
        limit=Decimal(CLOCK_SLACK_US) / 1_000_000,
        sentence=f"the clock is {behind_us / 1_000_000:g} s behind what was recorded before: "
        f"it says {_moment(inputs.at_us)}. If that is right, say "
        "`snipersight risk resume --accept-clock`",
    )


def _skew_check(skew_ms: int | None, limit_ms: int) -> Check:
    if skew_ms is None:
        return Check(
            code="clock_skew",
            passed=False,
            limit=Decimal(limit_ms),
            sentence="how far the venue's clock and ours differ is unknown",
        )
    passed = abs(skew_ms) <= limit_ms
    sentence = _CLOCKS_AGREE
    if not passed:
        sentence = f"the venue's clock differs from ours by {skew_ms} ms, at most {limit_ms} ms"
    return Check("clock_skew", passed, Decimal(skew_ms), Decimal(limit_ms), sentence)


def _tripped_checks(tripped: tuple[TrippedBreaker, ...]) -> tuple[Check, ...]:
    held = {breaker.name: breaker for breaker in tripped}
    return tuple(
        _holding(code, held[name]) if name in held else _HOLDING_NOTHING[name]
        for name, code in _CODES.items()
    )


def _holding(code: str, breaker: TrippedBreaker) -> Check:
    return Check(
        code=code,
        passed=False,
        measured=breaker.measured,
        limit=breaker.limit,
        sentence=breaker.sentence or f"the breaker {breaker.name} holds",
    )


def cooldown_check(cooldowns: tuple[Cooldown, ...], trade: TradePlan | LedgerEntry | None) -> Check:
    """Return whether cooldowns that have not ended let a trade pass; None: any trade."""
    running = [one for one in cooldowns if trade is None or _concerns(one, trade)]
    if not running:
        return _NO_COOLDOWN
    last = max(running, key=lambda one: one.until_us)
    return Check(
        code="cooldown",
        passed=False,
        measured=f"{last.direction} {last.symbol}",
        limit=_moment(last.until_us),
        sentence=f"{last.direction} {last.symbol} was stopped out; no entry in that asset and "
        f"direction until {_moment(last.until_us)}",
    )


def _concerns(cooldown: Cooldown, trade: TradePlan | LedgerEntry) -> bool:
    # A stop in the perpetual says the same of the asset as one on spot.
    return cooldown.direction is trade.direction and underlying(cooldown.symbol) == underlying(
        trade.symbol
    )


def _moment(at_us: int) -> str:
    return f"{_EPOCH + timedelta(microseconds=at_us):%Y-%m-%d %H:%M:%S} UTC"
