"""What the account may do, why, and how far it is from every limit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from starlette.requests import Request

from snipersight.bootstrap.dashboard.views import LimitRow, Loss, RiskView, Topic
from snipersight.domain.standing import TradingState
from snipersight.domain.wording import percent
from snipersight.web.pages.book import draw_budgets
from snipersight.web.pages.kit import Node, heading, meter, panel, prose, tile
from snipersight.web.pages.rows import Column, text_rows
from snipersight.web.pages.shell import shell
from snipersight.web.pages.states import blank
from snipersight.web.pages.stopping import stop_choices
from snipersight.web.pages.visit import Visit, asked
from snipersight.web.pages.words import moment_us, money, spoken

_WORDS: Final = {
    TradingState.ACTIVE: ("good", "Active: everything within the limits"),
    TradingState.REDUCING: ("warn", "Reducing: only what makes a position smaller"),
    TradingState.HALTED: ("bad", "Halted: no entry; exits and cancels pass"),
}


async def risk_page(visit: Visit, request: Request) -> None:
    """Draw the page at `/risk`; nothing of the `request` matters."""
    with shell(visit, "Risk", "/risk"):
        heading("Risk")
        with Node("div", classes="split"):
            visit.live.section(
                {Topic.EXPOSURE, Topic.POSITIONS},
                asked(visit.reader.risk, visit.account),
                lambda view: _risk(visit, view),
                classes="stack",
            )
            with Node("div", classes="stack"):
                _, body = panel("Stop")
                with body.classes("body stack"):
                    stop_choices(visit, is_sure=False)


def _risk(visit: Visit, view: RiskView) -> None:
    _state(view)
    with Node("dl", classes="tiles"):
        tile("Equity", money(view.equity, view.currency), _marked(view))
        tile("Balance", money(view.balance, view.currency))
        tile("Realised", money(view.realised, view.currency), "net of costs")
        tile("Deposits less withdrawals", money(view.flows, view.currency))
    with Node("div", classes="halves"):
        _losses(visit, view)
        draw_budgets(view.used, view.currency)
    _limits(view.limits, view.policy_hash)


def _marked(view: RiskView) -> str:
    return "never marked: the balance" if view.marked_ms is None else ""


def _state(view: RiskView) -> None:
    tone, words = _WORDS[view.state]
    _, body = panel("State")
    with body.classes("body stack"):
        with Node("p", classes=f"state {tone}"):
            Node("span", classes="dot", aria_hidden="true")
            Node("span", words)
        if view.switch is not None:
            _switch(view)
        for breaker in view.breakers:
            until = "until a person re-arms it"
            if breaker.until_us is not None:
                until = f"until {moment_us(breaker.until_us)} UTC"
            text = f"{spoken(breaker.name)}: {breaker.sentence}".rstrip(": ")
            _notice(text, f"since {moment_us(breaker.tripped_us)} UTC, {until}")
        for one in view.cooldowns:
            _notice(
                f"{one.direction} {one.symbol} cools down", f"until {moment_us(one.until_us)} UTC"
            )
        if view.switch is None and not view.breakers and not view.cooldowns:
            Node("p", "No breaker holds and nothing cools down.", "aside")


def _switch(view: RiskView) -> None:
    switch = view.switch
    if switch is None:
        return
    done = "the venue has not confirmed all of it yet"
    if switch.done_us is not None:
        done = f"confirmed {moment_us(switch.done_us)} UTC"
    with Node("div", classes="notice bad"):
        Node("strong", "The kill switch is pulled")
        Node("span", f"by {switch.actor} {moment_us(switch.since_us)} UTC; {done}.")
        if switch.reason:
            Node("span", switch.reason)
        prose("`snipersight kill --rearm` re-arms it.", "aside", "span")


def _notice(title: str, text: str) -> None:
    with Node("div", classes="notice"):
        Node("strong", title)
        Node("span", text)


def _losses(visit: Visit, view: RiskView) -> None:
    head, body = panel("Losses against their limits")
    if view.marked_ms is not None:
        with head:
            Node("span", classes="spring")
            with Node("span", classes="aside"):
                Node("span", "marked ")
                visit.age(view.marked_ms)
                Node("span", " ago")
    with body.classes("body stack"):
        for one in view.losses:
            _loss(one)
        streak = f"{view.loss_streak} of {view.max_loss_streak}"
        share = view.loss_streak / view.max_loss_streak if view.max_loss_streak else 0.0
        meter("Trades lost in a row", streak, share)


def _loss(one: Loss) -> None:
    share = float(one.now / one.limit) if one.limit > 0 else 0.0
    words = f"{percent(one.now)} of {percent(one.limit)}"
    meter(one.name[:1].upper() + one.name[1:], words, share)


def _limits(limits: Sequence[LimitRow], policy_hash: str) -> None:
    _, body = panel("Every limit in force", note=f"policy {policy_hash[:12]}")
    columns = (Column("Limit"), Column("Value", "num"), Column("Set by"))
    with body:
        if not limits:
            blank("No limit is known", "The policy could not be read.", "risk")
            return
        rows = [(one.words or spoken(one.name), one.value, one.setter) for one in limits]
        text_rows(columns, rows, caption="Limits")
