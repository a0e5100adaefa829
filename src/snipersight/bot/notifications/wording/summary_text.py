"""The words of one scan: its best signals, how far the candidates came, the markets' states."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from snipersight.bot.notifications.wording.numbers import utc_minute
from snipersight.bot.notifications.wording.signal_text import EMOJI, RiskWords, risk_words
from snipersight.bot.notifications.wording.told import told_of
from snipersight.domain.channels import ChatRole
from snipersight.domain.decision import Stage
from snipersight.domain.notices import ScanSummary, Signal
from snipersight.domain.wording import counted

_STAGES: Final[Mapping[Stage, str]] = {
    Stage.NO_DATA: "without candles",
    Stage.STALE: "with old candles",
    Stage.NO_SETUP: "without a setup",
    Stage.GATED: "stopped at a quality gate",
    Stage.DECLINED: "without a sound plan",
    Stage.REJECTED: "refused by the risk gate",
    Stage.APPROVED: "approved",
}
_PAST_THE_GATES: Final = (Stage.DECLINED, Stage.REJECTED, Stage.APPROVED)


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedWords:
    """One signal in a few lines."""

    rank: str
    emoji: str
    direction: str
    symbol: str
    score: str
    tier: str
    timeframe: str
    entry: str
    stop: str
    targets: tuple[str, ...]
    risk: RiskWords


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryWords:
    """Everything the template of a summary inserts; empty texts are not shown.

    Args:
        more: how many signals are not listed.
        passed: candidates past the quality gates.
        stages: where candidates ended, with how many, in the order of the way.
        regimes: the markets' states with how many symbols, most frequent first.
    """

    title: str
    profile: str
    venue: str
    time: str
    is_practice: bool
    signals: tuple[RankedWords, ...]
    more: str
    scanned: str
    candidates: str
    passed: str
    stages: tuple[tuple[str, str], ...]
    regimes: tuple[tuple[str, str], ...]


def summary_words(summary: ScanSummary, role: ChatRole, top: int) -> SummaryWords:
    """Return the texts of a scan.

    Args:
        summary: what it found.
        role: who reads it; a public chat gets no amount of the account.
        top: how many signals are listed, those of the highest score; 0 or more.
    """
    ranked = ranking(summary.signals)
    stages = stage_counts(summary.funnel)
    return SummaryWords(
        title=summary_title(summary),
        profile=summary.profile,
        venue=summary.venue,
        time=utc_minute(summary.as_of_ms),
        is_practice=summary.is_practice,
        signals=tuple(_ranked(place, signal, role) for place, signal in enumerate(ranked[:top], 1)),
        more=f"{len(ranked) - top:,}" if len(ranked) > top else "",
        scanned=counted(summary.scanned, "symbol"),
        candidates=counted(sum(stages.values()), "candidate"),
        passed=f"{sum(stages[stage] for stage in _PAST_THE_GATES):,}",
        stages=tuple((_STAGES[stage], f"{n:,}") for stage, n in stages.items() if n),
        regimes=_most_frequent(summary.regimes),
    )


def summary_title(summary: ScanSummary) -> str:
    """Return `3 new signals`, `1 new signal`, `no new signal`."""
    found = len(summary.signals)
    return counted(found, "new signal") if found else "no new signal"


def ranking(signals: Iterable[Signal]) -> tuple[Signal, ...]:
    """Return signals with the highest score first; equal ones keep their order."""
    return tuple(sorted(signals, key=lambda one: -one.decision.plan.confluence.score))


def stage_counts(funnel: Iterable[tuple[str, int]]) -> dict[Stage, int]:
    """Return how many candidates ended at each stage, every stage included.

    Args:
        funnel: terminal reasons, `gated:score`, with how often each occurred.
    """
    counts: Counter[Stage] = Counter()
    for reason, count in funnel:
        counts[Stage(reason.partition(":")[0])] += count
    return {stage: counts[stage] for stage in Stage}


def _ranked(place: int, signal: Signal, role: ChatRole) -> RankedWords:
    told = told_of(signal)
    plan, words = told.plan, told.words
    return RankedWords(
        rank=str(place),
        emoji=EMOJI[plan.direction],
        direction=plan.direction.value,
        symbol=told.symbol,
        score=f"{plan.confluence.score:.1f}",
        tier=plan.confluence.tier.value,
        timeframe=plan.timeframe.name,
        entry=words.zone(plan.entry_near, plan.entry_far),
        stop=words.price(plan.stop_loss.price),
        targets=tuple(words.price(target.price) for target in plan.targets),
        risk=risk_words(told, role),
    )


def _most_frequent(regimes: Mapping[str, int]) -> tuple[tuple[str, str], ...]:
    ordered = sorted(regimes.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple((name, f"{count:,}") for name, count in ordered if count)
