"""Factors of the event: the sweep, the leg, the shift, the hour, momentum and volume."""

from __future__ import annotations

from snipersight.analysis.factors import Evidence, Opinion, ramp
from snipersight.analysis.facts import PoolKind, ShiftKind
from snipersight.analysis.momentum import rsi_of
from snipersight.analysis.sessions import KillZone, Session, kill_zones_at, sessions_at
from snipersight.analysis.wording import price_text, side_text, times_text
from snipersight.domain.direction import Direction
from snipersight.domain.wording import counted

# How many traders keep their stops behind a level of each kind.
_POOL_WORTH = {
    PoolKind.OLD_SWING: 0.3,
    PoolKind.EQUAL: 0.5,
    PoolKind.SESSION: 0.5,
    PoolKind.DAY: 0.7,
    PoolKind.WEEK: 0.9,
    PoolKind.MONTH: 1.0,
}
_SHIFT_WORTH = {ShiftKind.INITIAL: 0.5, ShiftKind.BOS: 0.8, ShiftKind.CHOCH: 1.0}
_SHIFT_NAMES = {
    ShiftKind.INITIAL: "first break",
    ShiftKind.BOS: "BOS",
    ShiftKind.CHOCH: "CHoCH",
}
_KILL_ZONE_WORTH = {
    KillZone.LONDON_OPEN: 1.0,
    KillZone.NEW_YORK_OPEN: 1.0,
    KillZone.LONDON_CLOSE: 0.7,
}
_SESSION_WORTH = {Session.LONDON: 0.4, Session.NEW_YORK: 0.4, Session.ASIA: 0.2}
_TOO_SHORT = "too little history for momentum and volume"


def sweep_quality(evidence: Evidence) -> Opinion:
    """Judge the liquidity taken: kind and touches of the level, its age, depth of the sweep."""
    sweep = evidence.setup.sweep
    pool = sweep.pool
    value = (
        0.35 * _POOL_WORTH[pool.kind]
        + 0.15 * ramp(pool.touches, none_at=1, full_at=4)
        + 0.25 * ramp(sweep.age_bars, none_at=0, full_at=96)
        + 0.25 * ramp(sweep.depth_atr, none_at=0, full_at=1)
    )
    return Opinion(
        value=value,
        sentence=f"{pool.kind.label(pool.side)} {price_text(pool.price)} swept by "
        f"{sweep.depth_atr:.2f} ATR after {counted(sweep.age_bars, 'bar')}, "
        f"touched {times_text(pool.touches)}",
        price=pool.price,
    )


def displacement(evidence: Evidence) -> Opinion:
    """Judge the leg's speed: its range in ATR and how much of it is candle bodies."""
    leg = evidence.setup.displacement
    if leg is None:
        return Opinion(value=0.0, sentence="no displacement in the leg, only a gap")
    rules = evidence.profile.roles.trigger
    reach = ramp(
        leg.range_atr, none_at=rules.displacement_atr, full_at=2.5 * rules.displacement_atr
    )
    bodies = ramp(leg.body_ratio, none_at=0.5, full_at=0.9)
    return Opinion(
        value=0.3 + 0.4 * reach + 0.3 * bodies,
        sentence=f"{side_text(leg.direction)} displacement of {leg.range_atr:.1f} ATR, "
        f"{leg.body_ratio:.0%} bodies",
    )


def structure_shift(evidence: Evidence) -> Opinion:
    """Judge the break: its kind, whether a major swing broke, how far the close went beyond."""
    setup = evidence.setup
    shift = setup.shift
    beyond_atr = evidence.gain(setup.close, start=shift.level) / setup.atr
    value = (
        0.5 * _SHIFT_WORTH[shift.kind]
        + 0.2 * (not shift.is_internal)
        + 0.3 * ramp(beyond_atr, none_at=0, full_at=1)
    )
    strength = "internal" if shift.is_internal else "swing"
    return Opinion(
        value=value,
        sentence=f"{strength} {_SHIFT_NAMES[shift.kind]} of {price_text(shift.level)}, "
        f"closed {beyond_atr:.2f} ATR beyond",
        price=shift.level,
    )


def kill_zone(evidence: Evidence) -> Opinion:
    """Judge the hour of the decision: kill zones before sessions, sessions before the night."""
    decided = evidence.setup.known_at_ms
    zones, sessions = kill_zones_at(decided), sessions_at(decided)
    worths = [_KILL_ZONE_WORTH[zone] for zone in zones] + [_SESSION_WORTH[s] for s in sessions]
    names = sorted(f"{zone} kill zone" for zone in zones) or sorted(
        f"{session} session" for session in sessions
    )
    sentence = "decided in the " + " and ".join(names) if names else "decided outside all sessions"
    return Opinion(value=max(worths, default=0.0), sentence=sentence)


def momentum(evidence: Evidence) -> Opinion:
    """Judge a turn of momentum: from how far on the other side, and how far back it came."""
    reading = evidence.momentum
    if reading is None:
        return Opinion(value=0.0, sentence=_TOO_SHORT)
    is_long = evidence.direction is Direction.LONG
    extreme = reading.lowest if is_long else reading.highest
    stretch = ramp(-evidence.direction.sign * extreme, none_at=0, full_at=0.4)
    recovery = ramp(evidence.gain(reading.balance, start=extreme), none_at=0, full_at=0.3)
    return Opinion(
        value=stretch * recovery,
        sentence=f"RSI turned {rsi_of(extreme):.1f} → {reading.rsi:.1f}",
    )


def divergence(evidence: Evidence) -> Opinion:
    """Judge whether momentum refused to confirm the price extreme the setup came from."""
    reading = evidence.momentum
    if reading is None:
        return Opinion(value=0.0, sentence=_TOO_SHORT)
    if reading.divergence is not evidence.direction:
        return Opinion(value=0.0, sentence=f"no {side_text(evidence.direction)} RSI divergence")
    points = 50 * reading.divergence_strength
    return Opinion(
        value=ramp(reading.divergence_strength, none_at=0, full_at=0.3),
        sentence=f"{side_text(evidence.direction)} RSI divergence of {points:.1f} points",
    )


def volume_spike(evidence: Evidence) -> Opinion:
    """Judge the volume of the bar that completed the setup."""
    reading = evidence.momentum
    if reading is None:
        return Opinion(value=0.0, sentence=_TOO_SHORT)
    return Opinion(
        value=ramp(reading.volume_ratio, none_at=1, full_at=3),
        sentence=f"volume {reading.volume_ratio:.1f} times its 20-bar mean",
    )
