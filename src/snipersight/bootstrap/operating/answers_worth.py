"""What signals have been worth, in as few words as a chat needs: each number once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from snipersight.bot.telemetry.statistics.words import r_range, rate_range, side_of, signed_r
from snipersight.domain.statistics import CalibrationVerdict
from snipersight.domain.wording import percent

if TYPE_CHECKING:
    from snipersight.bot.telemetry.evidence_view import EvidenceView
    from snipersight.domain.statistics import Calibration, Expectancy, TierComparison

_SIDES: Final = {
    1: "a gain so far",
    0: "neither a gain nor a loss is shown",
    -1: "a loss so far",
}
_NO_ORDER: Final = "A higher score does not hit demonstrably more often"


def worth_sentences(view: EvidenceView) -> Iterator[str]:
    """Yield what can be said, most important first; while there is too little, that alone.

    What is wrong with recent signals follows in either case.
    """
    expectancy, rate = view.expectancy(), view.hit_rate()
    yield _average(expectancy)
    if rate.rate is not None and rate.low is not None and rate.high is not None:
        yield f"{percent(rate.rate, 0)} of the closed ones hit ({rate_range(rate.low, rate.high)})"
    yield from _tiers(view.tier_comparison())
    yield from _scores(view.calibration)
    yield from (alarm.sentence for alarm in view.alarms())
    yield from (drift.sentence for drift in view.drifts() if drift.is_drift)


def _average(expectancy: Expectancy) -> str:
    mean, low, high = expectancy.mean_r, expectancy.low, expectancy.high
    if mean is None or low is None or high is None:
        return expectancy.sentence
    by = f"{signed_r(mean)} a closed signal on average, net of costs ({r_range(low, high)})"
    return f"{by}: {_SIDES[side_of(low, high)]}"


def _tiers(compared: TierComparison) -> Iterator[str]:
    difference, low, high = compared.difference, compared.low, compared.high
    if difference is None or low is None or high is None:
        return
    better, worse, side = compared.better, compared.worse, side_of(low, high)
    if not side:
        yield f"{better}-tier and {worse}-tier signals do not differ demonstrably"
        return
    how = "better" if side > 0 else "worse"
    by = f"{signed_r(difference)} ({r_range(low, high)})"
    yield f"{better}-tier signals do {how} than {worse}-tier: {by}"


def _scores(calibration: Calibration) -> Iterator[str]:
    if calibration.verdict is CalibrationVerdict.NO_EVIDENCE:
        yield _NO_ORDER
    elif calibration.verdict is not CalibrationVerdict.TOO_LITTLE:
        yield calibration.sentence
