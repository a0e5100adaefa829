"""Hard gates: what must hold before a setup is worth a score.

The gates are asked in the order of `judge_gates`; all of them, so that `explain` shows every
answer. The first that fails names the refusal, `gated:<code>`. What cannot be measured fails.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from snipersight.analysis.entry_zone import EntryZone, depth_in_range, entry_zone
from snipersight.analysis.facts import SetupContext
from snipersight.analysis.wording import place_text, price_text, side_text, trend_text
from snipersight.domain.candles import utc_text
from snipersight.domain.confluence import Confluence
from snipersight.domain.decision import Check
from snipersight.domain.direction import Direction
from snipersight.domain.ports import LeaderState
from snipersight.domain.profile import Profile
from snipersight.domain.regime import Regime

_LEADER_STALE_BARS: Final = 2  # a running bias bar is one bar old at most; two means a hole


def judge_gates(
    context: SetupContext, *, leader: LeaderState | None, profile: Profile
) -> tuple[Check, ...]:
    """Return the answer of every hard gate but the score, in the order they count.

    Args:
        context: the setup with everything known at its decision.
        leader: BTC's state then; None for BTC itself, which has no leader.
        profile: whose gates are asked.

    Codes: `entry_zone`, `bias_alignment`, then `leader_alignment`, `leader_unknown` or
    `leader_regime`, then `regime` and `range_position`.
    """
    zone = entry_zone(context.setup, profile.setup.zone_from)
    return (
        _entry_zone(zone, profile),
        _bias_alignment(context, profile),
        _leader(context, leader, profile),
        _regime(context, profile),
        _range_position(context, zone, profile),
    )


def judge_score(confluence: Confluence, *, profile: Profile) -> Check:
    """Return whether a score reaches the profile's lowest, with the code `score`."""
    floor = profile.gates.min_score
    return Check(
        code="score",
        passed=confluence.score >= floor,
        measured=confluence.score,
        limit=floor,
        sentence=f"score {confluence.score:.1f}, at least {floor:g} is asked for",
    )


def first_failed(checks: Iterable[Check]) -> Check | None:
    """Return the check that names a refusal: the first that was not passed, or None."""
    return next((check for check in checks if not check), None)


def _entry_zone(zone: EntryZone | None, profile: Profile) -> Check:
    wanted = " or ".join(profile.setup.zone_from).replace("_", " ")
    found = zone.kind if zone else None
    sentence = f"entry zone: {found or 'none'}; {wanted} may serve"
    return Check(
        code="entry_zone", passed=zone is not None, measured=found, limit=wanted, sentence=sentence
    )


def _bias_alignment(context: SetupContext, profile: Profile) -> Check:
    rule, trend = profile.gates.bias_alignment, context.bias.swing_trend
    side = context.setup.direction
    return Check(
        code="bias_alignment",
        passed=_is_aligned(trend, side, rule),
        measured=trend * side.sign,
        limit=rule,
        sentence=f"{context.bias.timeframe} structure is {trend_text(trend)} "
        f"for a {side_text(side)} setup; {_RULES[rule]}",
    )


_RULES: Final = {
    "with": "it must agree",
    "not_against": "it must not oppose",
    "off": "it is not asked to agree",
}


def _is_aligned(trend: int, side: Direction, rule: str) -> bool:
    """Return whether a trend of -1, 0 or +1 satisfies a rule; 0 opposes nobody."""
    lowest = {"with": 1, "not_against": 0, "off": -1}[rule]
    return trend * side.sign >= lowest


def _leader(context: SetupContext, leader: LeaderState | None, profile: Profile) -> Check:
    rule = profile.gates.leader_alignment
    if leader is None:
        return Check(
            code="leader_alignment", passed=True, limit=rule, sentence="this is the leading market"
        )
    # Its regime gates whatever its trend may do: a wild BTC takes every other market along.
    unknown = _leader_unknown(context, leader)  # a failed check is falsy: `or` would drop it
    return unknown if unknown is not None else _leader_known(context, leader, profile)


def _leader_unknown(context: SetupContext, leader: LeaderState) -> Check | None:
    """Return a failed check where BTC's state is missing, too old, or from the future."""
    known, decided = leader.known_at_ms, context.setup.known_at_ms
    oldest = decided - _LEADER_STALE_BARS * context.bias.timeframe.duration_ms
    if known is not None and oldest <= known <= decided and leader.regime is not None:
        return None
    seen = "never" if known is None else utc_text(known)
    return Check(
        code="leader_unknown",
        passed=False,
        measured=seen,
        limit=utc_text(oldest),
        sentence=f"the leading market's state is unknown (last known: {seen})",
    )


def _leader_known(context: SetupContext, leader: LeaderState, profile: Profile) -> Check:
    if leader.regime is Regime.VOLATILE and Regime.VOLATILE not in profile.gates.regimes:
        return Check(
            code="leader_regime",
            passed=False,
            measured=leader.regime.value,
            limit=_regimes(profile),
            sentence=f"the leading market is volatile; {_regimes(profile)} is asked for",
        )
    rule, side = profile.gates.leader_alignment, context.setup.direction
    return Check(
        code="leader_alignment",
        passed=_is_aligned(leader.trend, side, rule),
        measured=leader.trend * side.sign,
        limit=rule,
        sentence=f"the leading market is {trend_text(leader.trend)} "
        f"for a {side_text(side)} setup; {_RULES[rule]}",
    )


def _regime(context: SetupContext, profile: Profile) -> Check:
    reading = context.zone
    found = reading.regime.value if reading.regime else None
    return Check(
        code="regime",
        passed=reading.regime in profile.gates.regimes,
        measured=found,
        limit=_regimes(profile),
        sentence=f"{reading.timeframe} regime is {found or 'not known yet'} "
        f"(ADX {reading.adx:.0f}); {_regimes(profile)} is asked for",
    )


def _regimes(profile: Profile) -> str:
    return " or ".join(regime.value for regime in profile.gates.regimes) or "nothing"


def _range_position(context: SetupContext, zone: EntryZone | None, profile: Profile) -> Check:
    """Ask whether the entry is bought cheap enough; unmeasurable is not cheap."""
    reading, limit = context.zone, profile.gates.max_range_position
    depth = depth_in_range(reading, zone.near, zone.direction) if zone else None
    if zone is None or depth is None:
        sentence = f"no {reading.timeframe} dealing range, so cheap cannot be told from dear"
        return Check(code="range_position", passed=False, limit=limit, sentence=sentence)
    return Check(
        code="range_position",
        passed=depth <= limit,
        measured=depth,
        limit=limit,
        sentence=f"entry {price_text(zone.near)} lies {place_text(depth, zone.direction)} of the "
        f"{reading.timeframe} dealing range; at most {limit:.0%} is asked for",
    )
