"""What one close made known: the detectors' facts of each timeframe, as typed values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Literal

from snipersight.analysis.facts import BlockState, PoolKind
from snipersight.analysis.smc.layout import SWING, Record
from snipersight.analysis.smc.log import FactKind
from snipersight.analysis.smc.series import SmcSeries
from snipersight.domain.candles import Candles
from snipersight.domain.direction import Direction
from snipersight.domain.profile import Profile
from snipersight.domain.timeframe import Timeframe

Role = Literal["trigger", "zone", "bias"]
ROLES: Final[tuple[Role, ...]] = ("trigger", "zone", "bias")

_SIDES: Final = (Direction.LONG, Direction.SHORT)
_SHIFTS: Final = ("initial", "BOS", "CHoCH")
_ENDS: Final = ("of age", "closed through", "made room for newer ones")
_BLOCKS: Final = {
    BlockState.BREAKER: "breaker",
    BlockState.MITIGATION_BLOCK: "mitigation block",
}


class HappeningKind(StrEnum):
    """What can happen at a close."""

    SHIFT = "shift"  # a close beyond structure
    FAILED_BREAK = "failed break"  # a close back behind the level that was broken
    DISPLACEMENT = "displacement"
    BORN = "born"  # a zone that became known
    TOUCHED = "touched"  # price came back into a zone
    FLIPPED = "flipped"  # a zone was closed through and speaks for the other side
    ENDED = "ended"  # a zone is gone
    SWEEP = "sweep"  # a level was pierced and closed back inside
    TAKEN = "taken"  # a level was broken, or pierced without a sweep
    INDUCED = "induced"  # liquidity in front of a block was taken


_MARKED: Final = frozenset(
    {HappeningKind.SHIFT, HappeningKind.FAILED_BREAK, HappeningKind.SWEEP, HappeningKind.FLIPPED}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One thing that a close made known.

    Args:
        role: `trigger`, `zone` or `bias`.
        timeframe: of the bars that it was read from.
        kind: what happened.
        name: of the thing: `BOS`, `order block`, `EQL` …
        direction: the side that it speaks for; of a level that was taken, the side that took it.
        low, high: edges of a zone; both the price of a level.
        at_ms: open time of the bar that it describes, milliseconds UTC.
        known_ms: the close that made it known.
        measure: range or depth in ATR, depth of a touch as a fraction; None where there is none.
        why: why a zone ended; else empty.
    """

    role: Role
    timeframe: Timeframe
    kind: HappeningKind
    name: str
    direction: Direction
    low: float
    high: float
    at_ms: int
    known_ms: int
    measure: float | None = None
    why: str = ""

    @property
    def is_marked(self) -> bool:
        """Return whether it is worth a halt: structure, sweeps and zones that changed sides."""
        return self.kind in _MARKED


@dataclass(slots=True, kw_only=True)
class RoleReader:
    """Reads one timeframe close by close, and tells what each close made known.

    Args:
        role: `trigger`, `zone` or `bias`.
        series: that keeps all facts.
    """

    role: Role
    series: SmcSeries
    _flipped: dict[tuple[bool, int, int], str] = field(default_factory=dict)

    @classmethod
    def of(cls, profile: Profile, role: Role) -> RoleReader:
        """Return the reader of a profile's role, with nothing read yet."""
        rules = getattr(profile.roles, role)
        series = SmcSeries(rules, profile.timeframe(role), profile.setup, facts_from_ms=0)
        return cls(role=role, series=series)

    def advance(self, candles: Candles, *, until_ms: int) -> tuple[Happening, ...]:
        """Take the bars closed at a moment, and return what became known since the last one.

        Args:
            candles: bars not taken yet, or more.
            until_ms: no bar that closes later is looked at.
        """
        self.series.advance(candles, until_ms=until_ms)
        return tuple(one for fact in self.series.drain_facts() for one in self._told(fact))

    def _told(self, fact: Record) -> Iterator[Happening]:
        kind, sub = FactKind(fact["kind"]), int(fact["sub"])
        side = _SIDES[int(fact["side"])]
        match kind:
            case FactKind.SHIFT:
                yield self._of(fact, HappeningKind.SHIFT, shift_name(sub), side)
            case FactKind.FAILED_BREAK:
                name = "break" if sub == SWING else "internal break"
                yield self._of(fact, HappeningKind.FAILED_BREAK, name, side)
            case FactKind.DISPLACEMENT:
                yield self._of(
                    fact, HappeningKind.DISPLACEMENT, "displacement", side, measured=True
                )
            case FactKind.SWEEP:
                name = PoolKind(sub).label(side)
                yield self._of(fact, HappeningKind.SWEEP, name, side.opposite, measured=True)
            case FactKind.POOL_TAKEN:
                yield self._of(fact, HappeningKind.TAKEN, PoolKind(sub).label(side), side)
            case FactKind.INDUCED:
                yield self._of(fact, HappeningKind.INDUCED, "inducement", side)
            case FactKind.SWING | FactKind.POOL:
                return  # neither is an event yet: they are levels that something may happen to
            case _:
                yield self._zone(fact, kind, side, sub)

    def _zone(self, fact: Record, kind: FactKind, side: Direction, sub: int) -> Happening:
        is_gap = kind in (FactKind.GAP, FactKind.GAP_FLIPPED, FactKind.GAP_ENDED)
        key = (is_gap, int(fact["side"]), int(fact["at"]))
        name = self._flipped.get(key, "fair value gap" if is_gap else "order block")
        if kind in (FactKind.BLOCK, FactKind.GAP):
            return self._of(fact, HappeningKind.BORN, name, side)
        if kind is FactKind.BLOCK_TOUCHED:
            return self._of(fact, HappeningKind.TOUCHED, name, side, measured=True)
        if kind in (FactKind.BLOCK_FLIPPED, FactKind.GAP_FLIPPED):
            name = "inverse gap" if is_gap else _BLOCKS[BlockState(sub)]
            self._flipped[key] = name
            return self._of(fact, HappeningKind.FLIPPED, name, side.opposite)
        direction = side.opposite if self._flipped.pop(key, "") else side
        return self._of(fact, HappeningKind.ENDED, name, direction, why=_ENDS[sub])

    def _of(
        self,
        fact: Record,
        kind: HappeningKind,
        name: str,
        direction: Direction,
        *,
        measured: bool = False,
        why: str = "",
    ) -> Happening:
        return Happening(
            role=self.role,
            timeframe=self.series.timeframe,
            kind=kind,
            name=name,
            direction=direction,
            low=float(fact["low"]),
            high=float(fact["high"]),
            at_ms=int(fact["at"]),
            known_ms=int(fact["known_at"]),
            measure=float(fact["value"]) if measured else None,
            why=why,
        )


def shift_name(sub: int) -> str:
    """Return `BOS`, `CHoCH` or `initial`; `iBOS` and `iCHoCH` of internal structure.

    Args:
        sub: of a SHIFT fact.
    """
    strength, kind = divmod(sub, 4)
    return _SHIFTS[kind] if strength == SWING or kind == 0 else f"i{_SHIFTS[kind]}"
