"""What /signals, /stats and /why answer."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from snipersight.bot.notifications.wording.escaping import Markdown, escape, escape_lines
from snipersight.bot.notifications.wording.numbers import PriceWords, signed_multiple
from snipersight.bot.notifications.wording.signal_text import SignalWords, signal_words
from snipersight.bot.notifications.wording.told import told_of
from snipersight.bot.operator.facts import SignalFacts, StatsFacts, WhyFacts
from snipersight.bot.operator.wording.lines import (
    escape_code,
    joined,
    market,
    moment,
    sentence,
    short_id,
)
from snipersight.domain.channels import ChatRole
from snipersight.domain.decision import Approved, Check
from snipersight.domain.evidence import Outcome, OutcomeStatus
from snipersight.domain.instrument import parse_symbol
from snipersight.domain.ledger import EntryState, LedgerEntry, Origin
from snipersight.domain.plan import TradePlan
from snipersight.domain.wording import counted, measure, signed_amount

_ENTRY_WORDS: Final = {
    EntryState.RESERVED: "orders wait for the entry",
    EntryState.OPEN: "position open",
    EntryState.CLOSED: "traded and closed",
    EntryState.RELEASED: "orders given up, nothing was filled",
    EntryState.EXPIRED: "orders expired, nothing was filled",
}
_DIGITS: Final = 4
_MODEL_WORDS: Final = {
    OutcomeStatus.WAITING: "waits for its entry",
    OutcomeStatus.OPEN: "entered",
    OutcomeStatus.CLOSED: "closed",
    OutcomeStatus.MISSED: "missed: the first target came before the entry",
    OutcomeStatus.INVALIDATED: "void before an entry",
    OutcomeStatus.EXPIRED: "expired without an entry",
    OutcomeStatus.UNKNOWN: "nobody can tell: candles are missing",
}


def signals_text(signals: Sequence[SignalFacts]) -> Markdown:
    """Return the newest signals, three lines each."""
    if not signals:
        return Markdown("No signal was approved yet\\.")
    return joined("\n".join((*_signal(one), "")) for one in signals)


def stats_text(stats: StatsFacts) -> Markdown:
    """Return how many signals there are, what became of them, and what they have been worth."""
    if not stats.signals:
        refused = f" {counted(stats.refused, 'signal')} refused." if stats.refused else ""
        return escape(f"No signal was approved yet.{refused}")
    adjective = f"{stats.origin} " if stats.origin else ""
    heading = f"**{escape(counted(stats.signals, f'{adjective}signal'))}**"
    became = ", ".join(f"{number:,} {name}" for name, number in stats.became)
    lines = [f"{heading}{escape(f': {became}')}" if became else heading]
    lines += (f"• {escape(sentence(one))}" for one in stats.sentences)
    return joined(lines)


def why_text(facts: WhyFacts) -> Markdown:
    """Return a verdict with its checks and factors."""
    words = signal_words(told_of(facts.decision), ChatRole.PRIVATE)
    return joined(_why_lines(facts, words))


def _signal(signal: SignalFacts) -> Iterator[str]:
    plan = signal.plan
    words = _prices(plan)
    tier = f"{plan.confluence.tier.value} {plan.confluence.score:.1f}"
    yield f"{market(plan.direction, plan.symbol)} {escape(f'{plan.timeframe.name} · {tier}')}"
    zone = words.zone(plan.entry_near, plan.entry_far)
    yield escape(f"{zone}, stop {words.price(plan.stop_loss.price)}")
    yield f"{escape(f'{moment(signal.judged_us)} UTC · {became(signal)}')} · {short_id(plan.plan_id)}"


def _prices(plan: TradePlan) -> PriceWords:
    prices = (plan.entry_near, plan.entry_far, plan.stop_loss.price)
    return PriceWords.of_market(parse_symbol(plan.symbol)[1], None, prices)


def became(signal: SignalFacts) -> str:
    """Return what became of a signal in words: what really happened before what candles say."""
    if signal.entry is not None:
        return _traded(signal.entry)
    if signal.modelled is not None:
        return _modelled(signal.modelled)
    return "its time is over" if signal.is_over else "waits for its entry"


def _traded(entry: LedgerEntry) -> str:
    who = ", by hand" if entry.origin is Origin.BY_HAND else ""
    result = f", {signed_amount(entry.realised)}" if entry.realised else ""
    return f"{_ENTRY_WORDS[entry.state]}{who}{result}"


def _modelled(outcome: Outcome) -> str:
    words = _MODEL_WORDS[outcome.status]
    if outcome.status is not OutcomeStatus.CLOSED:
        return words
    return f"{words} at {signed_multiple(outcome.net_r)} by its candles"


def _why_lines(facts: WhyFacts, words: SignalWords) -> Iterator[str]:
    decision, plan = facts.decision, facts.decision.plan
    verdict = "✅ **APPROVED**" if isinstance(decision, Approved) else "⛔ **REFUSED**"
    yield f"{verdict} {market(plan.direction, plan.symbol)} {escape(words.timeframe)}"
    yield f"{escape(f'{moment(facts.judged_us)} UTC')} · plan `{escape_code(plan.plan_id)}`"
    if facts.became is not None:
        yield escape(sentence(became(facts.became)))
    yield from ("", *_check_lines(decision.checks))
    if words.risk.size:
        yield escape(f"Size {words.risk.size}, at risk {words.risk.amount} ({words.risk.percent})")
    yield from ("", f"**Score {escape(f'{words.score}/100')} \\({escape(words.tier)}\\)**")
    for factor in (*words.reasons, *words.conflicts):
        yield escape(f"{factor.mark} {factor.sentence} ({factor.points})")
    yield from ("", escape(f"Stop {words.stop}: {words.stop_rationale}"))
    if words.rationale:
        yield escape_lines(words.rationale)


def _check_lines(checks: Sequence[Check]) -> Iterator[str]:
    """Return failed checks in full, and of those that passed the ones with a limit."""
    failed = [one for one in checks if not one.passed]
    passed = [one for one in checks if one.passed]
    telling = [one for one in passed if _has_limit(one) and one.limit]
    if failed:
        yield "**Failed checks**"
    for check in failed:
        numbers = f": {_numbers(check)}" if _has_limit(check) else ""
        yield escape(f"✗ {check.sentence or check.code}{numbers}")
    if not passed:
        return
    yield f"**{'' if failed else 'All '}{counted(len(passed), 'check')} passed**"
    for check in telling:
        yield escape(f"✓ {check.sentence or check.code}: {_numbers(check)}")


def _has_limit(check: Check) -> bool:
    return isinstance(check.measured, Decimal | float) and isinstance(check.limit, Decimal | float)


def _numbers(check: Check) -> str:
    measured, limit = _rounded(check.measured), _rounded(check.limit)
    if measured == limit and check.measured != check.limit:
        measured, limit = check.measured, check.limit  # by so little, and all the same
    return f"{measure(measured)}, limit {measure(limit)}"


def _rounded(value: float | str | Decimal | None) -> float | str | Decimal | None:
    """Return a number with as many digits as a person compares; large ones stay whole."""
    if not isinstance(value, Decimal | float) or not math.isfinite(value):
        return value
    number = Decimal(str(value))
    digits = max(0, _DIGITS - 1 - number.adjusted()) if number else 0
    return round(number, digits) if digits else number.quantize(Decimal(1))
