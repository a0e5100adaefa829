"""Which days the values of a profile may have been chosen by, so that they prove nothing about it.

A result is proof only where nobody could have chosen by it. In doubt a day counts as looked at:

- the months that the shipped profiles were tuned by, for every profile: most are made from them;
- the days of kept runs of other values on one of the markets: whoever tries some and keeps one has
  chosen. Shipped profiles do not choose one another;
- for values that are no shipped profile's, everything before a run of them was first kept: what
  they were chosen by is not known.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from snipersight.bootstrap.evidence.runs import kept_beside
from snipersight.bootstrap.profiles import TUNED, is_as_shipped
from snipersight.domain.wording import minute_of
from snipersight.performance.windows import Window, joined
from snipersight.storage.kept_runs import KeptRun, RunFolder

if TYPE_CHECKING:
    from snipersight.bootstrap.evidence.backtest import RecordedWorld
    from snipersight.domain.profile import Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What the values of a backtest may have been chosen by.

    Args:
        seen: stretches of time.
        remarks: the same in sentences, as far as the backtest's period is concerned.
    """

    seen: tuple[Window, ...]
    remarks: tuple[str, ...]


def sample_of(world: RecordedWorld, folder: Path | None) -> Sample:
    """Return what the values of a backtest may have been chosen by.

    Args:
        world: what it is made of.
        folder: of the runs that are kept; None: none is known.

    Raises:
        StateUnavailable: a kept run cannot be read.
    """
    profile, period = world.terms.profile, world.terms.period
    kept, is_shipped = _kept(folder), is_as_shipped(profile)
    others = [
        one
        for one in kept_beside(world, kept)
        if one.values_hash != profile.values_hash and not (is_shipped and one.is_shipped)
    ]
    unknown = () if is_shipped else (_before_kept(profile, kept, period.end_ms),)
    told = (
        *(
            (one, "before these values were first kept: what chose them is not known")
            for one in unknown
        ),
        *((one, "which runs of other values have looked at") for one in _windows(others)),
        (TUNED, "by which the shipped profiles were tuned"),
    )
    whole = Window(period.start_ms, period.end_ms)
    return Sample(
        seen=tuple(one for one, _ in told),
        remarks=tuple(_remark(one, why, whole) for one, why in told if _overlap(one, whole)),
    )


def seen_beside(
    world: RecordedWorld, profiles: Sequence[Profile], folder: Path | None
) -> tuple[Window, ...]:
    """Return what a choice among some profiles may have been narrowed by before it was made.

    A walk chooses from the days before those it judges by; which values it may choose from is what
    earlier runs of others may have told. Backtests of shipped profiles do not count: they vary
    nothing.

    Args:
        world: what one of the runs is made of.
        profiles: whose values are chosen from.
        folder: of the runs that are kept; None: none is known.

    Raises:
        StateUnavailable: a kept run cannot be read.
    """
    own = {one.values_hash for one in profiles}
    others = [
        one
        for one in kept_beside(world, _kept(folder))
        if one.values_hash not in own and not one.is_shipped
    ]
    return (*_windows(others), TUNED)


def _kept(folder: Path | None) -> tuple[KeptRun, ...]:
    return () if folder is None else RunFolder(folder).all()


def _windows(runs: Iterable[KeptRun]) -> tuple[Window, ...]:
    return joined(Window(one.start_ms, one.end_ms) for one in runs)


def _before_kept(profile: Profile, kept: Iterable[KeptRun], end_ms: int) -> Window:
    """Return the time before a run of a profile's values was first kept; at most to an end."""
    made = (one.made_ms for one in kept if one.values_hash == profile.values_hash)
    return Window(0, min([end_ms, *made]))


def _overlap(one: Window, other: Window) -> bool:
    return one.start_ms < other.end_ms and other.start_ms < one.end_ms


def _remark(seen: Window, why: str, whole: Window) -> str:
    start, end = max(seen.start_ms, whole.start_ms), min(seen.end_ms, whole.end_ms)
    return f"in sample: {minute_of(start)} to {minute_of(end)}, {why}"
