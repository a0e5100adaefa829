"""The audit: searched, verified, and one decision of it judged again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
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
from snipersight.domain.audit import AuditKind, AuditRecord
from snipersight.domain.errors import SniperSightError
from snipersight.domain.wording import counted
from snipersight.risk.audit.codec import APPROVED, REJECTED
from snipersight.web.pages.kit import (
    Node,
    button,
    chip,
    choice,
    draw_account,
    heading,
    link,
    panel,
    unfolding,
)
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
        actor=query.get("actor", "").strip()[:80] or None,
        since_us=_day_us(query.get("since", "")),
        until_us=_day_us(query.get("until", ""), days=1),
        limit=_LIMIT,
        before_seq=before,
    )


def _day_us(day: str, *, days: int = 0) -> int | None:
    """Return the start of a day, or of one so many days later, microseconds UTC; None: no such day."""
    try:
        begun = datetime.fromisoformat(day).replace(tzinfo=UTC) + timedelta(days=days)
    except (ValueError, OverflowError):
        return None
    return int(begun.timestamp()) * 1_000_000


def _form(query: Mapping[str, str]) -> None:
    with Node(
        "form", classes="filters", method="get", action="/audit", role="search", data_auto=""
    ):
        draw_account()
        kinds = {"": "any kind", **{one.value: spoken(one.value) for one in AuditKind}}
        choice("Kind", "kind", kinds, query)
        verdicts = {"": "any verdict", **{one: one for one in (APPROVED, REJECTED)}}
        choice("Verdict", "verdict", verdicts, query)
        for name, words, hint in (
            ("plan", "Plan", "how its id begins"),
            ("symbol", "Symbol", "how it begins: xrp"),
            ("actor", "By", "dashboard:, telegram:, cli"),
        ):
            with Node("label", classes="field"):
                Node("span", words)
                field = Node("input", classes="text", name=name, maxlength=128, placeholder=hint)
                field.put(value=query.get(name, ""))
                if name == "plan":
                    field.put(data_search="")
        for name, words in (("since", "From"), ("until", "To")):
            with Node("label", classes="field named"):
                Node("span", words)
                Node("input", classes="text", name=name, type="date", value=query.get(name, ""))
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
        with cell(_COLUMNS[3], classes="prose"):
            with Node("span"):
                if row.symbol and record.subject:
                    link(row.symbol, signal_path(record.subject), "strong")
                    Node("span", " ")
                Node("span", row.sentence)
            unfolding("Record", lambda: record_text(record))
            answer = Node("div", classes="answer", role="status")
        cell(_COLUMNS[4], record.actor, "muted")
        with cell(_COLUMNS[5]):
            if record.kind == AuditKind.DECISION:
                again = button("Judge again", "plain")
                again.on("click", lambda: self._checking.replay(str(record.seq), answer))


def record_text(record: AuditRecord) -> str:
    """Return what a record holds, line by line, with what chains it; a damaged one as it is."""
    try:
        held = json.dumps(json.loads(record.body), indent=2, ensure_ascii=False)
    except ValueError:
        held = record.body
    about = f"about {record.subject}\n" if record.subject else ""
    return f"{about}hash {record.hash}\nafter {record.prev_hash}\n{held}"


class _Checking:
    """Checks the chain, and judges decisions again beside their rows, when somebody asks."""

    def __init__(self, visit: Visit, box: Node) -> None:
        self._visit = visit
        self._box = box

    async def verify(self) -> None:
        """Check the whole chain and show what was found."""
        try:
            found = await asyncio.to_thread(self._visit.reader.audit_verify, self._visit.account)
        except SniperSightError as error:
            _fail(self._box, error)
            return
        self._box.clear()
        with self._box:
            _verified(found)

    async def replay(self, seq: str, box: Node) -> None:
        """Judge one decision again and show in `box` whether it agrees."""
        reader, account = self._visit.reader, self._visit.account
        try:
            found = await asyncio.to_thread(reader.audit_replay, seq, account)
        except SniperSightError as error:
            _fail(box, error)
            return
        box.clear()
        with box:
            _replayed(found)


def _fail(box: Node, error: SniperSightError) -> None:
    box.clear()
    with box:
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
    with Node("div", classes="bar"):
        mark = "✓" if found.is_sound else "✕"
        chip(f"{mark} {found.outcome}", "good" if found.is_sound else "bad")
        Node("span", f"record #{found.seq}, judged again", "aside")
    Node("p", found.sentence)
    for change in found.policy_changes:
        Node("p", change, "aside")
    if found.is_code_changed:
        Node("p", "The code that judges has changed since.", "aside")
