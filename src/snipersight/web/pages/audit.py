"""The audit: searched, verified, and one decision of it judged again."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request

from snipersight.bootstrap.dashboard.views import (
    AuditFilter,
    AuditPage,
    AuditRow,
    ReplayView,
    Topic,
    VerifyView,
)
from snipersight.domain.errors import SniperSightError
from snipersight.domain.wording import counted
from snipersight.web.pages.kit import Node, button, chip, draw_account, heading, link, panel
from snipersight.web.pages.rows import Column, LiveRows, cell, table
from snipersight.web.pages.shell import shell
from snipersight.web.pages.states import blank, failed
from snipersight.web.pages.visit import Visit, asked
from snipersight.web.pages.words import moment_us, signal_path, spoken

_COLUMNS: Final = (
    Column("Record", "num"),
    Column("When", "nowrap"),
    Column("Kind"),
    Column("What"),
    Column("By"),
    Column("Again"),
)
_LIMIT: Final = 50


async def audit_page(visit: Visit, request: Request) -> None:
    """Draw the page at `/audit`."""
    query = dict(request.query_params)
    with shell(visit, "Audit", "/audit"):
        with heading("Audit"):
            Node("span", classes="spring")
            verify = button("Verify the chain")
        checks = Node("div", classes="stack")
        checking = _Checking(visit, checks)
        verify.on("click", checking.verify)
        _form(query)
        listed = _Listed(checking, query)
        visit.live.section(
            {Topic.AUDIT},
            asked(visit.reader.audit, _filter(query, visit.account)),
            listed.draw,
            keeps=True,
        )


def _filter(query: Mapping[str, str], account: str | None) -> AuditFilter:
    kind = query.get("kind", "").strip()[:40]
    first = query.get("before", "")
    last = query.get("from", "")
    before = int(first) if first.isdecimal() else int(last) + 1 if last.isdecimal() else None
    return AuditFilter(
        account=account,
        kinds=(kind,) if kind else (),
        subject=query.get("plan", "").strip()[:128] or None,
        symbol=query.get("symbol", "").strip()[:80] or None,
        verdict=query.get("verdict", "") or None,
        limit=_LIMIT,
        before_seq=before,
    )


def _form(query: Mapping[str, str]) -> None:
    with Node(
        "form", classes="filters", method="get", action="/audit", role="search", data_auto=""
    ):
        draw_account()
        with Node("label", classes="field"):
            Node("span", "Verdict")
            with Node("select", classes="text", name="verdict"):
                for value in ("", "approved", "rejected"):
                    option = Node("option", value or "any record", value=value)
                    if value == query.get("verdict", ""):
                        option.put(selected=True)
        for name, words, hint in (
            ("plan", "Plan", "how its id begins"),
            ("symbol", "Symbol", "BTC/USDT"),
            ("kind", "Kind", "decision, order, operator"),
        ):
            with Node("label", classes="field"):
                Node("span", words)
                field = Node("input", classes="text", name=name, maxlength=128, placeholder=hint)
                field.put(value=query.get(name, ""))
                if name == "plan":
                    field.put(data_search="")
        button("Search").put(type="submit")
        if any(query.values()):
            link("Clear", "/audit", "button plain")


class _Listed:
    """The list of records as it stands."""

    def __init__(self, checking: _Checking, query: Mapping[str, str]) -> None:
        self._checking = checking
        self._query = query
        self._rows: LiveRows[AuditRow] | None = None
        self._box: Node | None = None
        self._foot: Node | None = None

    def draw(self, page: AuditPage) -> None:
        """Draw records, or bring what is drawn up to date."""
        if self._box is None or self._box.is_deleted:
            self._box, self._rows = Node("div", classes="panel"), None
        if self._rows is None or not page.rows:
            self._begin(page)
        if self._rows is not None and self._foot is not None:
            self._rows.show(page.rows)
            self._foot.clear()
            with self._foot:
                self._more(page)

    def _begin(self, page: AuditPage) -> None:
        if self._box is None:
            return
        self._box.clear()
        self._rows = None
        with self._box:
            if not page.rows:
                blank("No such record", "Every decision, order and command is recorded.", "audit")
                return
            body = table(_COLUMNS, caption="Records of the audit, newest first")
            self._rows = LiveRows(body, lambda row: str(row.record.seq), self._fill)
            self._foot = Node("div", classes="replay")

    def _more(self, page: AuditPage) -> None:
        Node("span", f"{counted(page.head_seq, 'record')} of {page.account_id}", "aside")
        if page.next_before_seq is not None:
            asked_for = {**self._query, "before": str(page.next_before_seq)}
            link("Older records", f"/audit?{urlencode(asked_for)}", "button")

    def _fill(self, row: AuditRow) -> None:
        record = row.record
        cell(_COLUMNS[0], f"#{record.seq}", "muted")
        cell(_COLUMNS[1], moment_us(record.at_us), "muted")
        with cell(_COLUMNS[2]):
            chip(spoken(record.kind))
        with cell(_COLUMNS[3], classes="prose"), Node("span"):
            if row.symbol and record.subject:
                link(row.symbol, signal_path(record.subject), "strong")
                Node("span", " ")
            Node("span", row.sentence)
        cell(_COLUMNS[4], record.actor, "muted")
        with cell(_COLUMNS[5]):
            if record.kind == "decision":
                again = button("Judge again", "plain")
                again.on("click", lambda: self._checking.replay(str(record.seq)))


class _Checking:
    """Checks the chain and judges decisions again when somebody asks."""

    def __init__(self, visit: Visit, box: Node) -> None:
        self._visit = visit
        self._box = box

    async def verify(self) -> None:
        """Check the whole chain and show what was found."""
        try:
            found = await asyncio.to_thread(self._visit.reader.audit_verify, self._visit.account)
        except SniperSightError as error:
            self._fail(error)
            return
        self._box.clear()
        with self._box:
            _verified(found)

    async def replay(self, seq: str) -> None:
        """Judge one decision again and show whether it agrees."""
        reader, account = self._visit.reader, self._visit.account
        try:
            found = await asyncio.to_thread(reader.audit_replay, seq, account)
        except SniperSightError as error:
            self._fail(error)
            return
        self._box.clear()
        with self._box:
            _replayed(found)

    def _fail(self, error: SniperSightError) -> None:
        self._box.clear()
        with self._box:
            failed(error)


def _verified(found: VerifyView) -> None:
    words = "✓ nothing was changed" if found.is_sound else "✕ the chain is broken"
    head, body = panel("The chain of the audit", note=counted(found.records, "record"))
    with head:
        Node("span", classes="spring")
        chip(words, "good" if found.is_sound else "bad")
    with body.classes("body"), Node("ul"):
        for line in found.lines:
            Node("li", line)


def _replayed(found: ReplayView) -> None:
    head, body = panel(f"Record #{found.seq}, judged again", note=found.subject)
    with head:
        Node("span", classes="spring")
        mark = "✓" if found.is_sound else "✕"
        chip(f"{mark} {found.outcome}", "good" if found.is_sound else "bad")
    with body.classes("body stack"):
        Node("p", found.sentence)
        for change in found.policy_changes:
            Node("p", change, "aside")
        if found.is_code_changed:
            Node("p", "The code that judges has changed since.", "aside")
