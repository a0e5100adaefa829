"""One signal, from its first appearance to its end."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Final

from nicegui import background_tasks, ui
from starlette.requests import Request

from snipersight.bootstrap.dashboard.views import ChartRequest, SignalRow, SignalView, Topic
from snipersight.domain.errors import SniperSightError
from snipersight.domain.timeframe import Timeframe
from snipersight.web.charts.candles import Drawn
from snipersight.web.charts.deals import deals_of, with_moved_stops
from snipersight.web.charts.levels import Level, levels_at, plan_levels
from snipersight.web.pages.kit import ACCOUNT, Node, chip, heading, keep_account, link, side, titled
from snipersight.web.pages.live import FIRST_S
from snipersight.web.pages.shell import shell
from snipersight.web.pages.signal_actions import SignalActions
from snipersight.web.pages.signal_chart import SignalChart, Subject
from snipersight.web.pages.signal_outcome import draw_outcome
from snipersight.web.pages.signal_parts import (
    draw_checks,
    draw_factors,
    draw_history,
    draw_orders,
    draw_plan,
    draw_priced,
)
from snipersight.web.pages.visit import Visit, asked
from snipersight.web.pages.words import moment, signal_path, spoken, state_words

_AFTER_BARS: Final = 32
_TOPICS: Final = {
    Topic.PLANS,
    Topic.DECISIONS,
    Topic.ORDERS,
    Topic.POSITIONS,
    Topic.AUDIT,
    Topic.COMMANDS,
}


async def signal_page(visit: Visit, request: Request) -> None:
    """Draw the page at `/signals/{plan_id}`."""
    plan_id = str(request.path_params["plan_id"])[:128]
    account = request.query_params.get(ACCOUNT) or await _account_of(visit, plan_id)
    visit = replace(visit, account=account or visit.account)
    with shell(visit, "Signal", "/"):
        drawn = _Drawn(visit, plan_id)
        visit.live.section(
            _TOPICS, asked(visit.reader.signal, plan_id, account), drawn.draw, keeps=True
        )


async def _account_of(visit: Visit, plan_id: str) -> str | None:
    """Return whose signal it is, and have links lead there; None: nobody's, or not known now.

    A link may name the plan alone: the account that knows it is meant, not the one chosen last.
    Head, stop control and what is said of real money are then of that one.
    """
    reader = visit.reader

    def look() -> tuple[str | None, str]:
        found = reader.account_of_signal(plan_id, visit.account)
        return found, visit.account or reader.accounts()[0]

    try:
        found, shown = await asyncio.wait_for(asyncio.to_thread(look), FIRST_S)
    except (SniperSightError, TimeoutError):
        return None  # the page itself tells of it, or goes there once it is known
    if found is not None and found != shown:
        keep_account(found)
    return found


class _Drawn:
    """The page as it stands."""

    def __init__(self, visit: Visit, plan_id: str) -> None:
        self._visit = visit
        self._actions = SignalActions(visit, plan_id)
        self._chart: SignalChart | None = None
        self._head: Node | None = None
        self._left: Node | None = None
        self._right: Node | None = None

    def draw(self, view: SignalView) -> None:
        """Draw a signal, or bring what is drawn up to date; the chart keeps its window."""
        if not view.is_replayed and view.account_id != self._visit.account:
            # It was not known when the page was drawn: nothing is decided under another head.
            ui.navigate.to(signal_path(view.plan_id, view.account_id))
            return
        if self._head is None or self._head.is_deleted:
            self._frame(view)
        for part, fill in (
            (self._head, self._above),
            (self._left, _left),
            (self._right, self._beside),
        ):
            if part is not None:
                part.clear()
                with part:
                    fill(view)
        subject = _subject(view)
        if self._chart is not None and subject is not None:
            background_tasks.create(self._chart.show(subject.drawn))

    def _frame(self, view: SignalView) -> None:
        self._head = Node("div")
        with Node("div", classes="split signal"):
            with Node("div", classes="stack"):
                subject = _subject(view)
                self._chart = None if subject is None else SignalChart(self._visit, subject)
                self._left = Node("div", classes="stack")
            self._right = Node("div", classes="stack")

    def _above(self, view: SignalView) -> None:
        _top(self._visit, view)

    def _beside(self, view: SignalView) -> None:
        self._actions.draw(view)
        if view.plan is not None:
            draw_plan(view.plan, view.verdict)
            draw_factors(view.plan.confluence)
        elif view.row is not None:
            draw_priced(view.row)


def _left(view: SignalView) -> None:
    draw_outcome(view)
    draw_orders(view.trades)
    draw_checks(view.verdict)
    draw_history(view.history)


def _top(visit: Visit, view: SignalView) -> None:
    row, plan = view.row, view.plan
    symbol = row.symbol if row else plan.symbol if plan else view.plan_id
    titled(f"{symbol} signal")
    with heading(symbol):
        if row is not None:
            side(row.direction)
            Node("span", row.tier, f"tier {row.tier.lower()}", title=f"tier {row.tier}")
            Node("span", f"{row.score:.0f}", "strong", title="score")
            tone, words = state_words(row)
            chip(words, tone)
            Node("span", f"{row.timeframe} · {row.profile} · {row.venue}", "aside")
            with Node("span", classes="aside"):
                Node("span", f"decided {moment(row.decided_ms)} UTC, ")
                visit.age(row.decided_ms)
                Node("span", " ago")
            if row.reason and row.reason != "approved":
                Node("span", spoken(row.reason), "warned")
        elif plan is not None:
            side(plan.direction)
        Node("span", classes="spring")
        link("All signals", "/", "text")


def _subject(view: SignalView) -> Subject | None:
    if view.row is not None:
        return _of_row(view.row, view)
    if view.plan is None:
        return None
    plan = view.plan
    return Subject(
        request=ChartRequest(
            venue=plan.venue,
            symbol=plan.symbol,
            timeframe=str(plan.timeframe),
            profile=plan.profile,
        ),
        drawn=_drawn(view, decided_ms=round(plan.created_at.timestamp() * 1000)),
    )


def _of_row(row: SignalRow, view: SignalView) -> Subject:
    request = ChartRequest(
        venue=row.venue, symbol=row.symbol, timeframe=row.timeframe, profile=row.profile
    )
    return Subject(
        request=request,
        drawn=_drawn(view, decided_ms=row.decided_ms),
        until_ms=_shown_until(row),
    )


def _drawn(view: SignalView, *, decided_ms: int) -> Drawn:
    return Drawn(
        levels=with_moved_stops(_levels(view, decided_ms), view.trades),
        deals=deals_of(view.trades),
        decided_ms=decided_ms,
    )


def _levels(view: SignalView, decided_ms: int) -> tuple[Level, ...]:
    if view.plan is not None:
        return plan_levels(view.plan, since_ms=decided_ms)
    row = view.row
    if row is None:
        return ()
    return levels_at(
        entry_near=row.entry_near,
        entry_far=row.entry_far,
        stop=row.stop,
        targets=row.targets,
        since_ms=decided_ms,
    )


def _shown_until(row: SignalRow) -> int | None:
    """Return a moment somewhat after the end of what has ended; None while it lives."""
    outcome = row.actual or row.modelled
    if row.state.is_live or outcome is None:
        return None
    bar_ms = Timeframe.parse(row.timeframe).duration_ms
    return max(outcome.ended_ms, row.decided_ms) + _AFTER_BARS * bar_ms
