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
_TWO: Final = Decimal(2)
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
    asset, total = view.asset.on(basis), view.total
    with localcontext(EXACT):
        return (
            _linear(MAX_PER_ASSET, basis, direction, asset, policy.max_per_asset * base),
            _cluster(view.cluster, direction, policy.max_cluster * base),
            _linear(MAX_TOTAL, basis, direction, total.on(basis), policy.max_total * base),
            _linear(
                MAX_GROSS_NOTIONAL,
                _NOTIONAL,
                direction,
                total.notional,
                policy.max_leverage * base,
            ),
            _linear(MAX_MARGIN, _MARGIN, direction, total.margin, policy.max_margin * base),
        )


def _linear(
    code: str, basis: Basis, direction: Direction, held: Decimal, limit: Decimal
) -> Headroom:
    left = limit - held
    return Headroom(code, basis, direction, held, limit, left if left >= _ZERO else _ZERO)


def _cluster(load: ClusterLoad, direction: Direction, limit: Decimal) -> Headroom:
    cluster = _Faced.of(load, direction)
    held, left = _heat(cluster, _ZERO), _cluster_room(cluster, limit)
    return Headroom(MAX_CLUSTER, _RISK, direction, held, limit, left if left >= _ZERO else _ZERO)


class _Faced(NamedTuple):
    """A cluster as a trade of one side meets it.

    Args:
        same, other: risk held on the trade's own side and on the other one.
        cross: correlated with the trade; negative where the trade hedges it.
        square: of the correlated heat held.
    """

    same: Decimal
    other: Decimal
    cross: Decimal
    square: Decimal

    @classmethod
    def of(cls, load: ClusterLoad, direction: Direction) -> _Faced:
        cross = load.cross_for(direction)
        if direction is _LONG:
            return cls(load.long, load.short, cross, load.square)
        return cls(load.short, load.long, -cross, load.square)


def _cluster_room(cluster: _Faced, limit: Decimal) -> Decimal:
    """Return the largest x that keeps the stress case, and x² + 2·x·cross + square ≤ limit².

    A cluster that is over its limit already leaves nothing, not even for a trade that hedges it;
    nor does a trade bring clusters together that are over it as one.
    """
    most = limit * limit
    spare = most - cluster.square
    if spare < _ZERO or cluster.other > limit:
        return _ZERO
    stress_room = limit - cluster.same
    if _heat_squared(cluster, stress_room) <= most:
        return stress_room
    cross = cluster.cross
    return min(stress_room, _root_below(cross * cross + spare) - cross)


def _root_below(value: Decimal) -> Decimal:
    """Return √value, exact where it ends, else rounded down."""
    root = value.sqrt(_ROOT)
    return root.next_minus(_ROOT) if root * root > value else root


def _heat(cluster: _Faced, risk: Decimal) -> Decimal:
    """Return a cluster's risk with a further trade of one side; 0 asks for what is held.

    The largest of the correlated heat √(rᵀρr) and the plain sums of the two sides, the stress
    cases in which all of one side is stopped together.
    """
    same, other = cluster.same + risk, cluster.other
    stress = same if same >= other else other
    squared = _heat_squared(cluster, risk)
    return stress if squared <= stress * stress else squared.sqrt(_ROOT)


def _heat_squared(cluster: _Faced, risk: Decimal) -> Decimal:
    return risk * risk + _TWO * risk * cluster.cross + cluster.square


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
    code, left = room.code, room.left
    taken, asked = claim.on(room.basis), wanted.on(room.basis)
    too_much = taken > left
    # Where all that is wanted fits, its smallest share does; that is most often so.
    too_little_left = left < asked and (left < smallest_share * asked or (left == 0 and asked > 0))
    passed = not (too_much or too_little_left)
    measured = _measured(room, taken if passed or too_much else asked, load)
    sentence = _KEPT[code] if passed else _breach(room, measured, asked)
    return Check(code, passed, measured, room.limit, sentence)


def _measured(room: Headroom, amount: Decimal, load: ClusterLoad) -> Decimal:
    if room.code == MAX_CLUSTER:
        return _heat(_Faced.of(load, room.direction), amount)
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
    sentence = "within max_positions" if passed else f"would be trade {count}, at most {most}"
    return Check(MAX_POSITIONS, passed, Decimal(count), Decimal(most), sentence)
