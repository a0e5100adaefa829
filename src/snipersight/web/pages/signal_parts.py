"""The parts of a signal: its prices, why it ranks where it does, what the gate asked, what happened."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from snipersight.bootstrap.dashboard.views import GateVerdict, HistoryLine, SignalRow
from snipersight.bootstrap.operating.answers_trades import purpose_of
from snipersight.bootstrap.trade_views import TradeView
from snipersight.domain.confluence import Confluence, Factor
from snipersight.domain.decision import Check
from snipersight.domain.plan import TradePlan
from snipersight.domain.wording import counted, measure, multiple, percent, points, share, size_text
from snipersight.web.pages.kit import Node, chip, pairs, panel, prose, track
from snipersight.web.pages.rows import Column, cell, table, text_rows
from snipersight.web.pages.states import blank
from snipersight.web.pages.words import DASH, moment, moment_us, money, price, signed_r, spoken

_CHECKS: Final = (
    Column("Check"),
    Column("Answer"),
    Column("Measured", "num"),
    Column("Limit", "num"),
    Column("In words"),
)
_ORDERS: Final = (
    Column("Order"),
    Column("State"),
    Column("Size", "num"),
    Column("Filled", "num"),
    Column("Price", "num"),
    Column("Since", "num"),
)
_STRONGEST: Final = 25.0  # points that fill a factor's bar


def draw_plan(plan: TradePlan, verdict: GateVerdict | None) -> None:
    """Draw a plan's prices and what the gate would risk on it."""
    _, body = panel("Plan")
    targets = [
        (
            f"TP{number}",
            f"{price(one.price)} · {_share(one.fraction)} · {multiple(one.r_multiple)}",
        )
        for number, one in enumerate(plan.targets, 1)
    ]
    with body.classes("body stack"):
        pairs(
            [
                ("Entry", f"{price(plan.entry_near)} … {price(plan.entry_far)}"),
                ("Stop", f"{price(plan.stop_loss.price)} · {plan.stop_loss.distance_atr:.2f} ATR"),
                *targets,
                ("R:R, net", multiple(plan.risk_reward)),
                ("Valid until", moment(round(plan.valid_until.timestamp() * 1000))),
                *_sized(verdict),
            ]
        )
        Node("p", plan.rationale, "aside")


def _share(fraction: Decimal) -> str:
    return share(fraction).replace(" ", "\N{NO-BREAK SPACE}")  # a number keeps its sign


def _sized(verdict: GateVerdict | None) -> list[tuple[str, str]]:
    if verdict is None or not verdict.is_approved or verdict.size is None:
        return []
    risk = money(verdict.risk)
    if verdict.risk_fraction is not None:
        risk += f" · {percent(verdict.risk_fraction)}"
    return [
        ("Size", size_text(verdict.size)),
        ("Risk at the stop", risk),
        ("Notional", money(verdict.notional)),
        ("Margin", f"{money(verdict.margin)} · {measure(verdict.leverage)}×"),
    ]


def draw_priced(row: SignalRow) -> None:
    """Draw the prices of a signal whose plan was never stored whole."""
    _, body = panel("Plan")
    with body.classes("body"):
        pairs(
            [
                ("Entry", f"{price(row.entry_near)} … {price(row.entry_far)}"),
                ("Stop", price(row.stop)),
                *((f"TP{number}", price(one)) for number, one in enumerate(row.targets, 1)),
                ("R:R, net", multiple(row.risk_reward)),
                ("Valid until", moment(row.valid_until_ms)),
            ]
        )


def draw_factors(confluence: Confluence) -> None:
    """Draw every factor with its points; they add up to the score."""
    note = f"{points(confluence.score)} points, tier {confluence.tier}"
    _, body = panel("Why it ranks here", note=note)
    with body.classes("body"):
        for factor in sorted(confluence.factors, key=lambda one: -abs(one.contribution)):
            _factor(factor)


def _factor(factor: Factor) -> None:
    tone = "neg" if factor.is_conflict else "" if factor.contribution else "muted"
    with Node("div", classes="factor"):
        Node("span", spoken(factor.name), tone)
        track(abs(factor.contribution) / _STRONGEST, "less" if factor.is_conflict else "")
        Node("span", f"{factor.contribution:+.1f}", f"num {tone}")
        Node("span", factor.sentence, "why")


def draw_checks(verdict: GateVerdict | None) -> None:
    """Draw every question of the risk gate with its answer."""
    note = "" if verdict is None else f"judged {moment(verdict.judged_ms)} UTC"
    _, body = panel("Risk gate", note=note, classes="late")
    with body:
        if verdict is None:
            blank("The risk gate was not asked", "A gate before it had ended this one.", "risk")
            return
        passed = [one for one in verdict.checks if one.passed]
        failed = [one for one in verdict.checks if not one.passed]
        if failed:
            _checks(failed, "Checks that failed")
        # What was passed is proof, and rarely read.
        with Node("details"):
            Node("summary", f"{counted(len(passed), 'check')} passed", "aside")
            _checks(passed, "Checks that were passed")


def _checks(checks: Sequence[Check], caption: str) -> None:
    with table(_CHECKS, caption=caption):
        for check in checks:
            with Node("tr"):
                cell(_CHECKS[0], spoken(check.code), "strong title")
                with cell(_CHECKS[1]):
                    chip(
                        "✓ passed" if check.passed else "✕ failed",
                        "good" if check.passed else "bad",
                    )
                cell(_CHECKS[2], measure(check.measured))
                cell(_CHECKS[3], measure(check.limit))
                cell(_CHECKS[4], check.sentence, "muted prose")


def draw_history(lines: Sequence[HistoryLine]) -> None:
    """Draw everything the audit holds about a plan, newest first."""
    _, body = panel("What happened", classes="late")
    columns = (Column("When", "nowrap"), Column("What"), Column("By"), Column("Record", "num"))
    with body:
        if not lines:
            blank("Nothing is recorded", "The audit holds nothing about this plan.", "audit")
            return
        with table(columns, caption="History"):
            for line in reversed(lines):
                with Node("tr"):
                    cell(columns[0], moment(line.at_ms), "muted")
                    with cell(columns[1], classes="prose"):
                        prose(line.sentence, tag="span")
                    cell(columns[2], line.actor)
                    with cell(columns[3]):
                        Node("a", f"#{line.seq}", "text", href=f"/audit?from={line.seq}")


def draw_orders(trades: Sequence[TradeView]) -> None:
    """Draw the orders of each execution, and what protects it."""
    for trade in trades:
        head, body = panel("Orders", note=trade_words(trade))
        with head:
            Node("span", classes="spring")
            protection(trade)
        with body:
            text_rows(
                _ORDERS,
                [
                    (
                        purpose_of(trade, one),
                        str(one.state),
                        size_text(one.request.size),
                        size_text(one.filled_size),
                        price(one.average_price or one.request.price or one.request.trigger_price),
                        moment_us(one.created_us),
                    )
                    for one in trade.intents
                ],
                caption="Orders",
            )


def protection(trade: TradeView) -> None:
    """Draw whether stops of ours cover all of a position."""
    if trade.protection:
        is_safe = trade.protection == "protected"
        words = f"✓ protected at {price(trade.stop)}" if is_safe else "✕ UNPROTECTED"
        chip(words, "good" if is_safe else "bad")


def trade_words(trade: TradeView) -> str:
    """Return where a trade is and what it has brought: `open, 1 target hit, +0.40R`."""
    r = trade.r_multiple
    hit = f", {trade.targets_hit} of {len(trade.trade.exits)} targets" if trade.targets_hit else ""
    result = "" if r is None else f", {signed_r(float(r))}"
    return f"{trade.trade.state}{hit}{result}" or DASH
