"""The list of signals, best first, and beside it how everything else was refused."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request

from snipersight.bootstrap.dashboard.views import (
    FunnelFilter,
    FunnelView,
    SignalPage,
    SignalRow,
    Topic,
)
from snipersight.domain.wording import counted, multiple
from snipersight.web.pages.kit import Node, chip, heading, link, panel, side, track
from snipersight.web.pages.rows import Column, LiveRows, cell, table
from snipersight.web.pages.shell import shell
from snipersight.web.pages.signal_filters import draw_filters, filter_of, next_path
from snipersight.web.pages.states import blank
from snipersight.web.pages.visit import Visit, asked
from snipersight.web.pages.words import price, signal_path, spoken, state_words

_SYMBOL, _SIDE, _SCORE, _STATE, _ENTRY, _STOP, _TARGETS, _REWARD, _DECIDED = _COLUMNS = (
    Column("Market"),
    Column("Side"),
    Column("Score", "num"),
    Column("State"),
    Column("Entry", "num"),
    Column("Stop", "num"),
    Column("Targets", "num"),
    Column("R:R", "num"),
    Column("Age", "num"),
)
_MOST_REASONS: Final = 14


async def signals_page(visit: Visit, request: Request) -> None:
    """Draw the page at `/`."""
    query = dict(request.query_params)
    with shell(visit, "Signals", "/"):
        heading("Signals")
        draw_filters(query)
        with Node("div", classes="split"):
            _list(visit, query)
            with Node("div", classes="stack"):
                visit.live.section(
                    {Topic.DECISIONS, Topic.STATS},
                    asked(visit.reader.funnel, FunnelFilter(account=visit.account)),
                    lambda view: _funnel(visit, view),
                )


def _list(visit: Visit, query: dict[str, str]) -> None:
    listed = _Listed(visit, query)
    with Node("div", classes="stack"):
        visit.live.section(
            {Topic.PLANS, Topic.DECISIONS, Topic.POSITIONS},
            asked(visit.reader.signals, filter_of(query, visit.account)),
            listed.draw,
            keeps=True,
        )


class _Listed:
    """The list as it stands on the page."""

    def __init__(self, visit: Visit, query: dict[str, str]) -> None:
        self._visit = visit
        self._query = query
        self._rows: LiveRows[SignalRow] | None = None
        self._foot: Node | None = None
        self._older: Node | None = None
        self._box: Node | None = None

    def draw(self, page: SignalPage) -> None:
        """Draw a page of signals, or bring what is drawn up to date."""
        if self._box is None or self._box.is_deleted:
            self._box = Node("div", classes="panel")
            self._rows = None
        if not page.rows:
            self._box.clear()
            self._rows = None
            with self._box:
                _nothing(self._query)
            return
        if self._rows is None:
            self._box.clear()
            with self._box:
                body = table(_COLUMNS, caption="Signals")
                self._rows = LiveRows(body, _name, self._fill)
                self._foot, self._older = Node("div"), None
        self._rows.show(page.rows)
        self._more(page)

    def _path(self, row: SignalRow) -> str:
        """Return where a row leads: a list may be of every account, and two may know one plan."""
        is_named = not row.is_replayed and row.account_id != self._visit.account
        return signal_path(row.plan_id, row.account_id if is_named else None)

    def _fill(self, row: SignalRow) -> None:
        with cell(_SYMBOL, classes="title"):
            link(row.symbol, self._path(row), "strong", data_row="", title=row.symbol)
            Node("span", f"{row.timeframe} · {row.profile}", "below")
        with cell(_SIDE):
            side(row.direction)
        with cell(_SCORE), Node("span", classes="nowrap"):
            Node("span", f"{row.score:.0f} ", "strong")
            Node("span", row.tier, f"tier {row.tier.lower()}", title=f"tier {row.tier}")
        _state_cell(row)
        cell(_ENTRY, price(row.entry_near))
        cell(_STOP, price(row.stop))
        cell(_TARGETS, _targets(row), "whole")
        cell(_REWARD, multiple(row.risk_reward))
        with cell(_DECIDED), Node("span", classes="nowrap"):
            self._visit.age(row.decided_ms)

    def _more(self, page: SignalPage) -> None:
        if self._foot is None:
            return
        if page.next_cursor is None:
            self._foot.clear()
            self._older = None
            return
        target = next_path(self._query, page.next_cursor)
        if self._older is not None:
            self._older.put(href=target)
            return
        with self._foot, Node("div", classes="replay"):
            self._older = link("Older signals", target, "button")


def _targets(row: SignalRow) -> str:
    ends = [row.targets[0], row.targets[-1]] if len(row.targets) > 1 else row.targets
    return " … ".join(price(one) for one in ends)


def _state_cell(row: SignalRow) -> None:
    tone, words = state_words(row)
    with cell(_STATE, classes="whole"), Node("div"):
        chip(words, tone)
        if row.reason and row.reason != "approved":
            Node("span", spoken(row.reason), "below")


def _nothing(query: dict[str, str]) -> None:
    if any(query.get(name) for name in ("q", "tier", "side", "profile", "after")):
        blank("No signal matches", "Clear the filters, or look for something else.")
    elif query.get("show", "live") == "live":
        blank(
            "No signal lives now",
            "Most markets hold no setup most of the time. A new one appears here by itself; "
            "“All, newest first” shows what became of earlier ones.",
        )
    else:
        blank("No such signal yet", "What a scan decides appears here by itself.")


def _funnel(visit: Visit, view: FunnelView) -> None:
    head, body = panel("Funnel")
    if not view.scans:
        with body:
            blank("No scan yet", "`snipersight run` or `snipersight scan` makes the first one.")
        return
    with head:
        Node("span", classes="spring")
        if view.last_scan_ms is not None:
            with Node("span", classes="aside"):
                Node("span", "scanned ")
                visit.age(view.last_scan_ms)
                Node("span", " ago")
    total = max(sum(one.count for one in view.reasons), 1)
    with body.classes("body"):
        scans = f"{counted(view.scans, 'scan')}, {counted(view.funnel.candidates, 'candidate')}"
        Node("p", f"{scans}, {counted(view.symbols, 'market')} in the newest one.", "aside")
        with Node("ul", classes="funnel"):
            for one in view.reasons[:_MOST_REASONS]:
                with Node("li"):
                    Node("span", spoken(one.reason))
                    Node("span", f"{one.count:,}", "num")
                    track(one.count / total)


def _name(row: SignalRow) -> str:
    return f"{row.account_id}:{row.plan_id}"  # two accounts may know one plan
