"""One step of a replay as lines of a terminal: the bar, what it made known, what was decided."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from rich.text import Text

from snipersight.cli.plan_view import view_of
from snipersight.cli.styles import side_style, tier_style
from snipersight.domain import wording as texts
from snipersight.domain.decision import Stage
from snipersight.domain.direction import Direction
from snipersight.domain.evidence import OutcomeStatus
from snipersight.engine.stepping.happenings import HappeningKind

if TYPE_CHECKING:
    from snipersight.engine.report import RankedPlan, Refusal
    from snipersight.engine.stepping.following import Followed
    from snipersight.engine.stepping.happenings import Happening
    from snipersight.engine.stepping.stepper import Step

_INDENT: Final = "    "
_WAYS: Final = {Direction.LONG: "up", Direction.SHORT: "down"}
_MOODS: Final = {Direction.LONG: "bullish", Direction.SHORT: "bearish"}
_WORDS: Final = {
    HappeningKind.SHIFT: "{name} {way} through {place}",
    HappeningKind.FAILED_BREAK: "close back behind {place}: the {name} {way} failed",
    HappeningKind.DISPLACEMENT: "displacement {way}{atr}",
    HappeningKind.BORN: "{mood} {name} {place} became known",
    HappeningKind.TOUCHED: "{mood} {name} {place} touched, {depth} deep",
    HappeningKind.FLIPPED: "closed through: {place} is a {mood} {name} now",
    HappeningKind.ENDED: "{mood} {name} {place} ended, {why}",
    HappeningKind.SWEEP: "sweep of {name} {place}{atr}, speaks for {side}",
    HappeningKind.TAKEN: "{name} {place} is gone without a sweep",
    HappeningKind.INDUCED: "inducement at {place} taken before a {mood} block",
}
_SCORE: Final = "score"


def step_lines(step: Step, count: int) -> Iterator[Text]:
    """Yield the lines of a step.

    Args:
        step: the close.
        count: how many steps there are.
    """
    yield _bar_line(step, count)
    for happening in step.happenings:
        yield _happening_line(happening)
    for refusal in step.decided:
        yield from _refused_lines(refusal)
    for ranked in step.planned:
        yield from _planned_lines(ranked, step)
    for followed in step.followed:
        yield _followed_line(followed)
    if not step.planned and not step.decided:
        yield from _why_lines(step)


def _bar_line(step: Step, count: int) -> Text:
    bar = step.bar
    opened, high, low, close = (
        float(column[0]) for column in (bar.open, bar.high, bar.low, bar.close)
    )
    prices = "  ".join(
        f"{name} {texts.short_number(price)}"
        for name, price in (("O", opened), ("H", high), ("L", low), ("C", close))
    )
    change = texts.signed_percent(close / opened - 1)
    style = "green" if close > opened else "red" if close < opened else ""
    return Text.assemble(
        (f"{texts.minute_of(step.at_ms)} UTC", "bold"),
        f"  {bar.timeframe}  {prices}  ",
        (change, style),
        f"  {step.number:,}/{count:,}",
    )


def _happening_line(happening: Happening) -> Text:
    return Text.assemble(
        f"{_INDENT}{happening.timeframe.name:>3}  ",
        (happening_text(happening), side_style(happening.direction) if happening.is_marked else ""),
    )


def happening_text(happening: Happening) -> str:
    """Return one happening in words: `CHoCH up through 71,020`."""
    return _WORDS[happening.kind].format(
        name="first break" if happening.name == "initial" else happening.name,
        place=_place(happening),
        way=_WAYS[happening.direction],
        mood=_MOODS[happening.direction],
        side=happening.direction.value,
        depth=texts.percent(happening.measure or 0, 0),
        atr="" if happening.measure is None else f", {happening.measure:.2f} ATR",
        why=happening.why,
    )


def _place(happening: Happening) -> str:
    low, high = texts.short_number(happening.low), texts.short_number(happening.high)
    return low if low == high else f"{low} – {high}"


def _refused_lines(refusal: Refusal) -> Iterator[Text]:
    side = refusal.direction
    passed = sum(1 for check in refusal.checks if check.passed)
    asked = f", {passed} of {len(refusal.checks)} checks passed" if refusal.checks else ""
    scored = next((one.measured for one in refusal.checks if one.code == _SCORE), None)
    score = "" if scored is None else f", score {texts.measure(scored)}"
    yield Text.assemble(
        f"{_INDENT}setup ",
        (side.value if side else "", side_style(side) if side else ""),
        " refused: ",
        (str(refusal.reason), "bold"),
        f"{asked}{score}",
    )
    if refusal.detail:
        yield Text(f"{_INDENT}  {refusal.detail}")


def _planned_lines(ranked: RankedPlan, step: Step) -> Iterator[Text]:
    view = view_of(ranked, currency=step.report.account.currency)
    targets = ", ".join(f"{price} {r}" for price, r, _share in view.targets)
    yield Text.assemble(
        f"{_INDENT}",
        ("plan ", "bold"),
        (view.direction.value, side_style(view.direction)),
        "  tier ",
        (view.tier, tier_style(view.tier)),
        f"  score {view.score}  {view.risk_reward}  {view.plan_id}",
    )
    yield Text(
        f"{_INDENT}  entry {view.entry_near} – {view.entry_far}, stop {view.stop}, "
        f"targets {targets}"
    )
    yield Text(
        f"{_INDENT}  size {view.size} = {view.notional}, risk {view.risk} "
        f"({view.risk_percent}), valid until {view.valid_until} UTC"
    )


def _followed_line(followed: Followed) -> Text:
    plan = followed.plan
    return Text.assemble(
        f"{_INDENT}open ",
        (plan.direction.value, side_style(plan.direction)),
        f" of {texts.minute(plan.created_at)}: {standing_text(followed)}",
    )


def standing_text(followed: Followed) -> str:
    """Return how a plan stands: `entered 12:00, 1 target hit, 0.40R so far`."""
    outcome = followed.outcome
    if outcome.status is OutcomeStatus.WAITING:
        return "waits for its entry"
    hit = f", {texts.counted(outcome.targets_hit, 'target')} hit" if outcome.targets_hit else ""
    if outcome.status is OutcomeStatus.OPEN:
        entered = f"entered by {texts.minute_of(outcome.entered_ms)}"
        share = texts.percent(outcome.filled_fraction, 0)
        return f"{entered}, {share} filled{hit}, {texts.multiple(outcome.net_r)} closed so far"
    if outcome.status is OutcomeStatus.CLOSED:
        return f"closed, {outcome.ending.value}{hit}, {texts.multiple(outcome.net_r)} net"
    return f"{outcome.status.value}{f': {outcome.note}' if outcome.note else ''}"


def _why_lines(step: Step) -> Iterator[Text]:
    """Yield why nothing was decided at this close."""
    silent = (Stage.NO_SETUP, Stage.NO_DATA, Stage.STALE)
    for refusal in step.report.refusals:
        if refusal.reason.stage in silent and refusal.detail:
            yield Text(f"{_INDENT}{refusal.reason}: {refusal.detail}", style="dim")
