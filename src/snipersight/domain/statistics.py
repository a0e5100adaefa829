"""What evidence amounts to: counts, estimates with their uncertainty, and a sentence for each.

An estimate is None where too little has closed; its sentence then says how much is missing.
Results in R are net of all costs. Intervals hold with 95 % confidence.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from snipersight.domain.wording import counted, percent


@dataclass(frozen=True, slots=True, kw_only=True)
class Enough:
    """How much has to be closed before anything is said about it.

    Args:
        closed: signals that were entered and are closed.
        days: different days (UTC) on which they were decided: signals of one day move together.
    """

    closed: int
    days: int

    def is_met_by(self, closed: int, days: int) -> bool:
        """Return whether that much is enough."""
        return closed >= self.closed and days >= self.days


ENOUGH: Final = Enough(closed=30, days=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class HitRate:
    """How many signals hit, of those that were entered and closed, with the others beside it.

    Args:
        hits: closed with a net R above zero.
        closed: entered and closed; the denominator of the rate.
        days: on which the closed ones were decided.
        open, waiting, missed, invalidated, expired, unknown: the other signals, by status.
        rate, low, high: hits per closed signal, 0 to 1, and the interval it lies in.
        sentence: all of it in plain words.
    """

    hits: int
    closed: int
    days: int
    open: int
    waiting: int
    missed: int
    invalidated: int
    expired: int
    unknown: int
    rate: float | None
    low: float | None
    high: float | None
    sentence: str

    @property
    def signals(self) -> int:
        """Return how many signals there are, whatever became of them."""
        others = self.open + self.waiting + self.missed + self.invalidated
        return self.closed + others + self.expired + self.unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectancy:
    """What a closed signal brings on average, R.

    Args:
        n, days: closed signals, and the days on which they were decided.
        mean_r, low, high: the average and the interval it lies in.
        sentence: the same in plain words.
    """

    n: int
    days: int
    mean_r: float | None
    low: float | None
    high: float | None
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RDistribution:
    """How results, or planned rewards, are spread.

    Args:
        n: how many values.
        edges: borders of the bins, ascending, one more than `counts`; empty without a value.
            The first and the last bin hold what lies beyond them too.
        counts: values in each bin, the lower border included.
        quantiles: share and value, `(0.25, -1.0)`, ascending; empty where there is too little.
        mean, median: of all values.
        best, worst: the furthest values; None without any.
        sentence: the same in plain words.
    """

    n: int
    edges: tuple[float, ...]
    counts: tuple[int, ...]
    quantiles: tuple[tuple[float, float], ...]
    mean: float | None
    median: float | None
    best: float | None
    worst: float | None
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskRewards:
    """What was planned and what came of it.

    Args:
        planned: reward to risk of every signal, net of costs.
        realised: net R of the closed ones.
    """

    planned: RDistribution
    realised: RDistribution


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupStats:
    """Signals that share a property.

    Args:
        name: the property, `trend`, `A`, `BTC/USDT`; of factors `sweep: present`.
        signals: of the group, whatever the verdict.
        approved: of these; everything below is about them.
        hit_rate, expectancy: how they ended.
        mean_planned_rr: average planned reward to risk; None without a signal.
        median_mae_r, median_mfe_r: middle of the furthest moves against and for a closed
            position, R; None where there is too little.
    """

    name: str
    signals: int
    approved: int
    hit_rate: HitRate
    expectancy: Expectancy
    mean_planned_rr: float | None
    median_mae_r: float | None
    median_mfe_r: float | None


class CalibrationVerdict(StrEnum):
    """What a score is worth as a forecast."""

    TOO_LITTLE = "too_little"  # nothing can be said yet
    NO_EVIDENCE = "no_evidence"  # higher scores do not hit demonstrably more often
    INFORMATIVE = "informative"  # they do
    CALIBRATED = "calibrated"  # and what they meant earlier held for later signals


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliabilityBin:
    """Closed signals with neighbouring scores.

    Args:
        low, high: lowest and highest score in it.
        mean_score: average of its scores.
        n, hits: closed signals and hits.
        rate, rate_low, rate_high: hits per signal and the interval it lies in.
    """

    low: float
    high: float
    mean_score: float
    n: int
    hits: int
    rate: float
    rate_low: float
    rate_high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """What scores have meant: how often signals with such a score hit.

    Args:
        n, days, hits: closed signals, the days of their decisions, and hits.
        rate, rate_low, rate_high: hits per closed signal, whatever the score, and the interval it
            lies in; None where there is too little.
        bins: neighbouring scores together, ascending; empty where there is too little.
        curve: score and hit rate, both ascending; the rate between two points lies between
            theirs. Fitted to all closed signals; empty where there is too little.
        brier: mean squared error of forecasts for signals that the fit had not seen, each made
            from what had closed before its part of the history; 0 is perfect. None where there is
            too little.
        brier_of_base_rate: the same error if every forecast were the hit rate known then.
        p_value: how often scores without any meaning would look at least as good.
        verdict: what the score is worth.
        sentence: the same in plain words.
    """

    n: int
    days: int
    hits: int
    rate: float | None
    rate_low: float | None
    rate_high: float | None
    bins: tuple[ReliabilityBin, ...]
    curve: tuple[tuple[float, float], ...]
    brier: float | None
    brier_of_base_rate: float | None
    p_value: float | None
    verdict: CalibrationVerdict
    sentence: str

    def bin_of(self, score: float) -> ReliabilityBin | None:
        """Return the bin a score belongs to; None where no closed signal scored like it."""
        inside = [one for one in self.bins if one.low <= score <= one.high]
        between = [
            min((left, right), key=lambda one: min(abs(score - one.low), abs(score - one.high)))
            for left, right in zip(self.bins, self.bins[1:], strict=False)
            if left.high < score < right.low
        ]
        return next(iter(inside or between), None)

    def meaning_of(self, score: float) -> str:
        """Return what a score has meant so far, in one sentence without its full stop."""
        if self.rate is None or self.rate_low is None or self.rate_high is None:
            return self.sentence
        if self.verdict is CalibrationVerdict.NO_EVIDENCE:
            told = _hits_text(self.rate, self.rate_low, self.rate_high, self.n)
            return (
                f"no evidence so far that a score of {score:.0f} means more than any other: {told}"
            )
        one = self.bin_of(score)
        if one is None:
            return f"no closed signal has scored about {score:.0f} so far"
        told = _hits_text(one.rate, one.rate_low, one.rate_high, one.n)
        return f"a score of {score:.0f} ({one.low:.0f} to {one.high:.0f}) has meant {told} so far"


def _hits_text(rate: float, low: float, high: float, closed: int) -> str:
    interval = f"{low * 100:.0f}–{percent(high, 0)}"
    return f"{percent(rate, 0)} hits ({interval}) over {counted(closed, 'closed signal')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class StageCount:
    """How many candidates ended for one reason.

    Args:
        stage: `gated`; a stage of the way every candidate goes.
        name: `min_score`; empty where the stage has no names.
        count: candidates that ended so.
        denominator: candidates that came as far as the stage.
    """

    stage: str
    name: str
    count: int
    denominator: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Funnel:
    """How candidates ended, in the order of their way; the counts add up to the candidates.

    Args:
        scans: how many scans are in it.
        candidates: what they looked at.
        stages: in the order of the way, most frequent first within a stage.
        sentence: the same in plain words.
    """

    scans: int
    candidates: int
    stages: tuple[StageCount, ...]
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GateWorth:
    """What the signals that a gate refused would have brought, by the model, each taken alone.

    Args:
        gate: terminal reason, `gated:min_score`.
        refused: signals it refused that are followed.
        closed: of these, entered and closed.
        refused_expectancy, approved_expectancy: what either brings.
        difference, low, high: approved less refused, R, and the interval it lies in; above 0 the
            gate keeps out what is worse. None where either side has too little.
        sentence: the same in plain words.
    """

    gate: str
    refused: int
    closed: int
    refused_expectancy: Expectancy
    approved_expectancy: Expectancy
    difference: float | None
    low: float | None
    high: float | None
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TierComparison:
    """Whether one tier does better than another, net of costs, and how sure that is.

    Args:
        better, worse: the tiers; the first is expected to do better.
        better_expectancy, worse_expectancy: what either brings.
        difference, low, high: first less second, R, and the interval it lies in; None where
            either has too little.
        probability: share of resampled histories in which the first did better, 0 to 1.
        sentence: the answer in plain words.
    """

    better: str
    worse: str
    better_expectancy: Expectancy
    worse_expectancy: Expectancy
    difference: float | None
    low: float | None
    high: float | None
    probability: float | None
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """Whether a measure of a profile differs now from its own history.

    Args:
        profile: whose.
        metric: `score`, `net R`, `hit rate`.
        recent, before: averages of the recent part and of all before it; None without a value.
        recent_n, before_n: how many values each has.
        p_value: how often chance alone would differ as much, corrected for how many measures were
            looked at; None where either part has too little.
        is_drift: chance is no explanation.
        sentence: the same in plain words.
    """

    profile: str
    metric: str
    recent: float | None
    before: float | None
    recent_n: int
    before_n: int
    p_value: float | None
    is_drift: bool
    sentence: str


class AlarmKind(StrEnum):
    """What looks wrong with a property of signals."""

    STUCK = "stuck"  # always the same value, where it used to vary
    LOW_ENTROPY = "low_entropy"  # varies far less than it used to


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """A property of recent signals that varies less than it should.

    Args:
        profile: whose.
        feature: `regime`, `session`.
        kind: what is wrong.
        value: the most frequent recent value.
        measured: for `stuck` the length of the run of one value; for `low_entropy` bits.
        limit: what it should not exceed, or fall below.
        sentence: the same in plain words.
    """

    profile: str
    feature: str
    kind: AlarmKind
    value: str
    measured: float
    limit: float
    sentence: str
