"""The exposure limits: what each leaves for a trade, and whether a claim keeps it.

Shared by the gate, which sizes within the room, and by `ExposureManager`, which reserves in it.
Everything is compared exactly; a claim that reaches a limit to the last digit keeps it.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Context, Decimal, localcontext
from typing import Final, NamedTuple

from snipersight.domain.decision import Check
from snipersight.domain.direction import Direction
from snipersight.domain.exposure import Amounts, Basis
from snipersight.risk.exposure.book import EXACT
from snipersight.risk.inputs import ClusterLoad, ExposureView
from snipersight.risk.policy import RiskPolicy

_ZERO: Final = Decimal(0)
# Looked up once: a member takes longer to find than to compare.
_RISK: Final = Basis.RISK
_NOTIONAL: Final = Basis.NOTIONAL
_MARGIN: Final = Basis.MARGIN
_LONG: Final = Direction.LONG
_CENT: Final = Decimal("0.01")
_ROOT: Final = Context(prec=34)

MAX_PER_ASSET: Final = "max_per_asset"
MAX_CLUSTER: Final = "max_cluster"
MAX_TOTAL: Final = "max_total"
MAX_GROSS_NOTIONAL: Final = "max_gross_notional"
MAX_MARGIN: Final = "max_margin"
MAX_POSITIONS: Final = "max_positions"

_OF_WHAT: Final = {
    MAX_PER_ASSET: "in this asset",
    MAX_CLUSTER: "in its correlated cluster",
    MAX_TOTAL: "in all trades",
    MAX_GROSS_NOTIONAL: "in all trades",
    MAX_MARGIN: "in all trades",
}
_KEPT: Final = {code: f"within {code}: {of_what}" for code, of_what in _OF_WHAT.items()}


class Headroom(NamedTuple):
    """What one limit leaves for a further trade; account currency.

    Args:
        code: of the limit.
        basis: which amount it counts.
        direction: side of the trade it leaves room for.
        held: already claimed.
        limit: most that may be claimed; 0 where equity is unknown, zero or negative.
        left: largest claim of the trade that keeps the limit, never negative, never rounded up.
    """

    code: str
    basis: Basis
    direction: Direction
    held: Decimal
    limit: Decimal
    left: Decimal


def headrooms(
    view: ExposureView, *, direction: Direction, equity: Decimal | None, policy: RiskPolicy
) -> tuple[Headroom, ...]:
    """Return what every exposure limit leaves for a trade of one side, in a fixed order.

    Args:
        view: the ledger as the trade sees it.
        direction: of the trade; the cluster's room depends on it.
        equity: of the account; None, zero, negative or not finite leaves no room anywhere.
        policy: the limits.
    """
    base = equity if equity is not None and equity.is_finite() and equity > 0 else _ZERO
    basis = policy.basis
    with localcontext(EXACT):
        held_limits = (
            (MAX_PER_ASSET, basis, view.asset.on(basis), policy.max_per_asset),
            (MAX_TOTAL, basis, view.total.on(basis), policy.max_total),
            (MAX_GROSS_NOTIONAL, _NOTIONAL, view.total.notional, policy.max_leverage),
            (MAX_MARGIN, _MARGIN, view.total.margin, policy.max_margin),
        )
        asset, *others = [
            _linear(code, counted, direction, held, fraction * base)
            for code, counted, held, fraction in held_limits
        ]
        return (asset, _cluster(view.cluster, direction, policy.max_cluster * base), *others)


def _linear(
    code: str, basis: Basis, direction: Direction, held: Decimal, limit: Decimal
) -> Headroom:
    return Headroom(
        code=code,
        basis=basis,
        direction=direction,
        held=held,
        limit=limit,
        left=max(limit - held, _ZERO),
    )


def _cluster(load: ClusterLoad, direction: Direction, limit: Decimal) -> Headroom:
    return Headroom(
        code=MAX_CLUSTER,
        basis=_RISK,
        direction=direction,
        held=_heat(load, direction, _ZERO),
        limit=limit,
        left=max(_cluster_room(load, direction, limit), _ZERO),
    )


def _same_side(load: ClusterLoad, direction: Direction) -> Decimal:
    return load.long if direction is _LONG else load.short


def _cluster_room(load: ClusterLoad, direction: Direction, limit: Decimal) -> Decimal:
    """Return the largest x that keeps the stress case, and x² + 2·x·cross + square ≤ limit².

    A cluster that is over its limit already leaves nothing, not even for a trade that hedges it;
    nor does a trade bring clusters together that are over it as one.
    """
    spare = limit * limit - load.square
    if spare < 0 or _same_side(load, direction.opposite) > limit:
        return _ZERO
    stress_room = limit - _same_side(load, direction)
    if _heat_squared(load, direction, stress_room) <= limit * limit:
        return stress_room
    cross = load.cross_for(direction) * direction.sign
    return min(stress_room, _root_below(cross * cross + spare) - cross)


def _root_below(value: Decimal) -> Decimal:
    """Return √value, exact where it ends, else rounded down."""
    root = value.sqrt(_ROOT)
    return root.next_minus(_ROOT) if root * root > value else root


def _heat(load: ClusterLoad, direction: Direction, risk: Decimal) -> Decimal:
    """Return a cluster's risk with a further trade of one side; 0 asks for what is held.

    The largest of the correlated heat √(rᵀρr) and the plain sums of the two sides, the stress
    cases in which all of one side is stopped together.
    """
    stress = max(_same_side(load, direction) + risk, _same_side(load, direction.opposite))
    squared = _heat_squared(load, direction, risk)
    return stress if squared <= stress * stress else squared.sqrt(_ROOT)


def _heat_squared(load: ClusterLoad, direction: Direction, risk: Decimal) -> Decimal:
    cross = load.cross_for(direction) * direction.sign
    return risk * risk + 2 * risk * cross + load.square


def exposure_checks(
    rooms: Sequence[Headroom],
    claim: Amounts,
    *,
    wanted: Amounts,
    smallest_share: Decimal,
    view: ExposureView,
    policy: RiskPolicy,
) -> tuple[Check, ...]:
    """Return a check for every limit of `headrooms`, and `max_positions`.

    A limit blocks a claim that exceeds what it leaves, and a trade to which it leaves nothing or
    less than `smallest_share` of what it wanted: a crumb of a position is not the trade planned.

    Args:
        rooms: as `headrooms` returned them.
        claim: what the sized trade takes.
        wanted: what it would take if no exposure limit had bound its size.
        smallest_share: 0 to 1.
        view: what the rooms were measured on.
        policy: the limits.
    """
    with localcontext(EXACT):
        checks = [_check(room, claim, wanted, smallest_share, view.cluster) for room in rooms]
    return (*checks, _positions(view, policy))


def _check(
    room: Headroom, claim: Amounts, wanted: Amounts, smallest_share: Decimal, load: ClusterLoad
) -> Check:
    taken, asked = claim.on(room.basis), wanted.on(room.basis)
    too_much = taken > room.left
    # Where all that is wanted fits, its smallest share does; that is most often so.
    too_little_left = room.left < asked and (
        room.left < smallest_share * asked or (room.left == 0 and asked > 0)
    )
    passed = not too_much and not too_little_left
    measured = _measured(room, taken if passed or too_much else asked, load)
    return Check(
        code=room.code,
        passed=passed,
        measured=measured,
        limit=room.limit,
        sentence=_KEPT[room.code] if passed else _breach(room, measured, asked),
    )


def _measured(room: Headroom, amount: Decimal, load: ClusterLoad) -> Decimal:
    if room.code == MAX_CLUSTER:
        return _heat(load, room.direction, amount)
    return room.held + amount


def _breach(room: Headroom, measured: Decimal, asked: Decimal) -> str:
    return (
        f"{room.basis} {_OF_WHAT[room.code]} would be {_short(measured)}, "
        f"at most {_short(room.limit)}; {_short(room.left)} is left of {_short(asked)} wanted"
    )


def _short(amount: Decimal) -> str:
    """Return an amount to the cent, or to its first digits where a cent is too coarse."""
    return f"{amount:.2f}" if amount == 0 or abs(amount) >= _CENT else f"{amount:.2g}"


def _positions(view: ExposureView, policy: RiskPolicy) -> Check:
    count, most = view.positions + 1, policy.max_positions
    passed = count <= most
    return Check(
        code=MAX_POSITIONS,
        passed=passed,
        measured=Decimal(count),
        limit=Decimal(most),
        sentence="within max_positions" if passed else f"would be trade {count}, at most {most}",
    )
