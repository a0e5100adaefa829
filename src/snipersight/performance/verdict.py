"""Whether a run shows an edge: in a sentence, with the reasons.

Every rule has to be met, so that what is called an edge on random data is at most what the strictest
of them lets through. The rules and what they are proof against:

- enough trades on enough days: an anecdote;
- a record long enough for its own Sharpe ratio: a lucky year;
- the whole interval of the expectancy above zero: a few lucky trades;
- the deflated Sharpe ratio: the best of many trials;
- better than random entries under the same management: a rising market, a kind exit;
- a positive result out of sample: rules that fit the past alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from snipersight.domain.errors import DataInvalid
from snipersight.domain.evidence_columns import Numbers
from snipersight.domain.statistics import ENOUGH, Enough
from snipersight.domain.wording import counted, multiple
from snipersight.performance.comparison import against_random
from snipersight.performance.intervals import expectancy_interval
from snipersight.performance.percentiles import Interval
from snipersight.performance.returns import daily_returns
from snipersight.performance.series import ClosedTrades, DailyEquity
from snipersight.performance.sharpe import (
    CONFIDENCE,
    SharpeEstimate,
    estimate_sharpe,
    minimum_track_record,
)
from snipersight.performance.trade_metrics import expectancy_r, trade_days
from snipersight.performance.trials import Trials, deflated_by

MOST_P_VALUE: Final = 0.05


class Finding(StrEnum):
    """What a run shows."""

    EDGE_SHOWN = "edge shown"
    NOT_SHOWN = "edge not shown"
    TOO_LITTLE_DATA = "too little data"


class Rule(StrEnum):
    """What has to be so for an edge to be shown, in the order it is asked."""

    TRADES = "enough_trades"
    TRACK_RECORD = "track_record"
    EXPECTANCY = "expectancy"
    DEFLATED_SHARPE = "deflated_sharpe"
    RANDOM_ENTRIES = "random_entries"
    OUT_OF_SAMPLE = "out_of_sample"


class Answer(StrEnum):
    """How a rule was answered."""

    MET = "met"
    NOT_MET = "not_met"
    TOO_LITTLE = "too_little"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """The answer to one rule.

    Args:
        rule, answer: which, and how.
        measured: the figure the rule is about; None where there is none.
        needed: what it is held to; a p-value may be at most this, all others at least. None where
            no figure would do.
        sentence: the same in plain words.
    """

    rule: Rule
    answer: Answer
    measured: float | None
    needed: float | None
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether a run shows an edge.

    Args:
        finding: what it shows.
        reasons: one for each rule, in their order.
    """

    finding: Finding
    reasons: tuple[Reason, ...]

    @property
    def is_edge(self) -> bool:
        """Return whether an edge is shown."""
        return self.finding is Finding.EDGE_SHOWN

    @property
    def sentence(self) -> str:
        """Return the finding with what decides it: every reason for an edge, or those against."""
        wanted = {
            Finding.EDGE_SHOWN: Answer.MET,
            Finding.NOT_SHOWN: Answer.NOT_MET,
            Finding.TOO_LITTLE_DATA: Answer.TOO_LITTLE,
        }[self.finding]
        deciding = [one.sentence for one in self.reasons if one.answer is wanted]
        return f"{self.finding.value.capitalize()}: {'; '.join(deciding)}."


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evidence:
    """Everything a verdict rests on.

    Args:
        equity, trades: of the run, net of all costs.
        trials: all that were made on the way to it, this one included.
        random_expectancies: average net R of each run with random entries under the same
            management, limits and costs; 0 for one without a trade.
        out_of_sample: trades of the days that nothing was chosen by; the run's own where nothing
            was ever chosen by any of its days.

    Raises:
        DataInvalid: a trade of the run opened on a day of which there is no equity.
    """

    equity: DailyEquity
    trades: ClosedTrades
    trials: Trials
    random_expectancies: Numbers
    out_of_sample: ClosedTrades

    def __post_init__(self) -> None:
        period, opened_ms = self.equity.period, self.trades.opened_ms
        if ((opened_ms < period.start_ms) | (opened_ms >= period.end_ms)).any():
            raise DataInvalid(
                "a trade opened on a day without equity",
                next_step="hand in the equity of every day from the first trade on",
            )


def reach_verdict(evidence: Evidence, *, enough: Enough = ENOUGH) -> Verdict:
    """Return whether a run shows an edge.

    An edge is shown if every rule is met. Otherwise there is too little data if any rule says so,
    else the edge is not shown.

    Args:
        evidence: of the run.
        enough: how many trades on how many days it takes, in all and out of sample.
    """
    estimate = estimate_sharpe(daily_returns(evidence.equity))
    reasons = (
        _trades(evidence.trades, enough),
        _track_record(estimate),
        _expectancy(evidence),
        _deflated_sharpe(estimate, evidence.trials),
        _random_entries(evidence),
        _out_of_sample(evidence.out_of_sample, enough),
    )
    return Verdict(finding=_finding({one.answer for one in reasons}), reasons=reasons)


def _finding(answers: set[Answer]) -> Finding:
    if Answer.TOO_LITTLE in answers:
        return Finding.TOO_LITTLE_DATA
    return Finding.NOT_SHOWN if Answer.NOT_MET in answers else Finding.EDGE_SHOWN


def _trades(trades: ClosedTrades, enough: Enough) -> Reason:
    days = len(trade_days(trades))
    is_met = enough.is_met_by(len(trades), days)
    sentence = _on_days(trades)
    return Reason(
        rule=Rule.TRADES,
        answer=Answer.MET if is_met else Answer.TOO_LITTLE,
        measured=float(len(trades)),
        needed=float(enough.closed),
        sentence=sentence if is_met else f"{sentence}, {_needed(enough)}",
    )


def _track_record(estimate: SharpeEstimate | None) -> Reason:
    """Return whether the record is long enough to tell its Sharpe ratio from zero."""
    days = 0 if estimate is None else estimate.observations
    needed = None if estimate is None else minimum_track_record(estimate)
    if estimate is None or needed is None:
        answer, sentence = Answer.NOT_MET, "the Sharpe ratio is not above zero"
    elif days < needed:
        answer = Answer.TOO_LITTLE
        sentence = (
            f"a Sharpe ratio of {estimate.annual:.2f} takes {counted(round(needed), 'day')} to tell "
            f"from luck, there are {days:,}"
        )
    else:
        answer = Answer.MET
        sentence = f"{counted(days, 'day')} are enough for a Sharpe ratio of {estimate.annual:.2f}"
    return Reason(
        rule=Rule.TRACK_RECORD,
        answer=answer,
        measured=None if estimate is None else float(days),
        needed=needed,
        sentence=sentence,
    )


def _expectancy(evidence: Evidence) -> Reason:
    """Return whether the whole interval of the average result is above zero."""
    interval = expectancy_interval(evidence.trades, evidence.equity.period)
    is_met = interval is not None and interval.low > 0
    return Reason(
        rule=Rule.EXPECTANCY,
        answer=Answer.MET if is_met else Answer.NOT_MET,
        measured=None if interval is None else interval.low,
        needed=0.0,
        sentence=_expectancy_sentence(expectancy_r(evidence.trades), interval),
    )


def _expectancy_sentence(average: float | None, interval: Interval | None) -> str:
    if average is None:
        return "there is no closed trade"
    if interval is None:
        return f"a trade brought {multiple(average)} on average, how surely cannot be said"
    span = f"{multiple(interval.low)} to {multiple(interval.high)} with 95 % confidence"
    return f"a trade brought {multiple(average)} on average ({span})"


def _deflated_sharpe(estimate: SharpeEstimate | None, trials: Trials) -> Reason:
    """Return whether the Sharpe ratio is more than the best of so many trials brings by luck."""
    deflated = None if estimate is None else deflated_by(trials, estimate)
    made = counted(trials.count, "trial")
    if deflated is None:
        sentence = "there is no Sharpe ratio"
    else:
        sentence = f"with {_confidence(deflated)} confidence the Sharpe ratio is more than the luck of {made}"
    is_met = deflated is not None and deflated >= CONFIDENCE
    return Reason(
        rule=Rule.DEFLATED_SHARPE,
        answer=Answer.MET if is_met else Answer.NOT_MET,
        measured=deflated,
        needed=CONFIDENCE,
        sentence=sentence,
    )


def _random_entries(evidence: Evidence) -> Reason:
    """Return whether few random entries do as well; without any to compare with, nothing is."""
    average = expectancy_r(evidence.trades)
    measured = None
    if average is None:
        sentence = "there is no trade to compare with random entries"
    else:
        ranked = against_random(average, evidence.random_expectancies)
        measured = ranked.p_value
        sentence = (
            f"{ranked.at_least_as_good:,} of {counted(ranked.runs, 'run')} with random entries "
            "did as well"
        )
    is_met = measured is not None and measured <= MOST_P_VALUE
    return Reason(
        rule=Rule.RANDOM_ENTRIES,
        answer=Answer.MET if is_met else Answer.NOT_MET,
        measured=measured,
        needed=MOST_P_VALUE,
        sentence=sentence,
    )


def _out_of_sample(trades: ClosedTrades, enough: Enough) -> Reason:
    """Return whether what nothing was chosen by brought something on average."""
    average = expectancy_r(trades)
    is_enough = enough.is_met_by(len(trades), len(trade_days(trades)))
    if average is None:
        answer, sentence = Answer.TOO_LITTLE, "there is no trade out of sample"
    elif not is_enough:
        answer = Answer.TOO_LITTLE
        sentence = f"out of sample {_on_days(trades)}, {_needed(enough)}"
    else:
        answer = Answer.MET if average > 0 else Answer.NOT_MET
        sentence = f"out of sample a trade brought {multiple(average)} on average"
    return Reason(
        rule=Rule.OUT_OF_SAMPLE,
        answer=answer,
        measured=average,
        needed=0.0,
        sentence=sentence,
    )


def _on_days(trades: ClosedTrades) -> str:
    days = counted(len(trade_days(trades)), "day")
    return f"{counted(len(trades), 'trade')} closed, opened on {days}"


def _needed(enough: Enough) -> str:
    return f"{enough.closed:,} on {counted(enough.days, 'day')} needed"


def _confidence(share: float) -> str:
    """Return a confidence as percent, cut and never rounded up: 94.97 % is not 95 %."""
    return f"{np.floor(share * 1000) / 10:.1f} %"
