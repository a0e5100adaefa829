"""What signals have been worth, what scores have meant, and backtests side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from starlette.requests import Request

from snipersight.bootstrap.dashboard.views import (
    EvidenceRequest,
    EvidenceView,
    Topic,
)
from snipersight.domain.evidence import Kind, Origin
from snipersight.domain.statistics import GateWorth, GroupStats
from snipersight.domain.wording import counted, percent
from snipersight.web.charts.element import Chart
from snipersight.web.charts.results import (
    calibration_options,
    spread_options,
)
from snipersight.web.pages.backtests import Backtests, runs_request
from snipersight.web.pages.kit import Node, choice, draw_account, heading, panel, tile
from snipersight.web.pages.rows import Column, text_rows
from snipersight.web.pages.shell import shell
from snipersight.web.pages.states import blank
from snipersight.web.pages.visit import Visit, asked
from snipersight.web.pages.words import DASH, sentence, signed_r, spoken

_GROUPS: Final = (
    Column("Group", "title"),
    Column("Signals", "num"),
    Column("Closed", "num"),
    Column("Hit rate", "num"),
    Column("Net R", "num"),
    Column("95 %", "num"),
)
_MOST_ROWS: Final = 12


async def evidence_page(visit: Visit, request: Request) -> None:
    """Draw the page at `/evidence`."""
    query = dict(request.query_params)
    with shell(visit, "Evidence", "/evidence"):
        heading("Evidence")
        _form(query)
        with Node("div", classes="stack"):
            visit.live.section(
                {Topic.STATS},
                asked(visit.reader.evidence, _wanted(query, visit.account)),
                _evidence,
                classes="stack",
            )
            visit.live.section(
                {Topic.EVIDENCE},
                asked(visit.reader.runs, runs_request(request.query_params)),
                Backtests(request.query_params).draw,
                classes="stack",
            )


def _wanted(query: Mapping[str, str], account: str | None) -> EvidenceRequest:
    origin = next((one for one in Origin if one.value == query.get("origin")), None)
    kind = Kind.ACTUAL if query.get("kind") == Kind.ACTUAL else Kind.MODELLED
    profile = query.get("profile", "").strip()[:80] or None
    return EvidenceRequest(account=account, origin=origin, kind=kind, profile=profile)


def _form(query: Mapping[str, str]) -> None:
    with Node("form", classes="filters", method="get", action="/evidence", data_auto=""):
        draw_account()
        for name, words, values in (
            ("kind", "Outcomes", (Kind.MODELLED.value, Kind.ACTUAL.value)),
            ("origin", "Signals", ("", *(one.value for one in Origin))),
        ):
            options = {value: value or "newest origin" for value in values}
            choice(words, name, options, query)


def _evidence(view: EvidenceView) -> None:
    if not view.signals:
        with Node("div", classes="panel"):
            blank(
                "No evidence yet",
                "Every signal is followed to its end; what they were worth is told here.",
                "evidence",
            )
        return
    _figures(view)
    told = [(alarm.profile, alarm.sentence) for alarm in view.alarms]
    told += [(drift.profile, drift.sentence) for drift in view.drifts if drift.is_drift]
    for profile, words in told:
        with Node("div", classes="notice"):
            Node("strong", profile)
            Node("span", sentence(words.removeprefix(f"{profile}: ")))
    with Node("div", classes="halves"):
        _spread(view)
        _calibration(view)
    with Node("div", classes="halves"):
        for title, groups, named in (
            ("By profile", view.by_profile, str),
            ("By regime", view.by_regime, spoken),
            ("By side", view.by_direction, str.capitalize),
            ("By tier", view.by_tier, str),
            ("By market", view.by_symbol, str),
            ("By factor", view.by_factor, spoken),
        ):
            _groups(title, groups, named=named)
    _gates(view)


def _figures(view: EvidenceView) -> None:
    hits, expectancy = view.hit_rate, view.expectancy
    with Node("dl", classes="tiles"):
        others = ", ".join(f"{count:,} {origin}" for origin, count in view.others)
        tile(f"Signals ({view.origin})", f"{view.signals:,}", f"besides {others}" if others else "")
        tile("Approved", f"{view.approved:,}")
        tile("Closed", f"{hits.closed:,}", f"{counted(hits.days, 'day')} of decisions")
        rate = DASH if hits.rate is None else percent(hits.rate, 0)
        tile("Hit rate", rate, _range(hits.low, hits.high, percent_of=True))
        mean = DASH if expectancy.mean_r is None else signed_r(expectancy.mean_r)
        tile("Net R a signal", mean, _range(expectancy.low, expectancy.high))
    Node("p", sentence(expectancy.sentence), "aside")


def _range(low: float | None, high: float | None, *, percent_of: bool = False) -> str:
    if low is None or high is None:
        return "too little has closed"
    if percent_of:
        return f"{percent(low, 0)} to {percent(high, 0)}"
    return f"{signed_r(low)} to {signed_r(high)}"


def _spread(view: EvidenceView) -> None:
    spread = view.risk_rewards.realised
    _, body = panel("Results in R, net of costs")
    with body.classes("body stack"):
        if spread.counts:
            Chart(spread_options(spread), label=f"Spread of results: {spread.sentence}")
        Node("p", sentence(spread.sentence), "aside")


def _calibration(view: EvidenceView) -> None:
    calibration = view.calibration
    _, body = panel("What a score has meant")
    with body.classes("body stack"):
        if calibration.bins:
            Chart(
                calibration_options(calibration), label=f"Hit rate by score: {calibration.sentence}"
            )
        Node("p", sentence(calibration.sentence), "aside")


def _groups(title: str, groups: Sequence[GroupStats], *, named: Callable[[str], str]) -> None:
    if not groups:
        return
    _, body = panel(title)
    with body:
        text_rows(
            _GROUPS, [_group(one, named(one.name)) for one in groups[:_MOST_ROWS]], caption=title
        )


def _group(one: GroupStats, name: str) -> tuple[str, ...]:
    rate, expectancy = one.hit_rate.rate, one.expectancy
    return (
        name,
        f"{one.signals:,}",
        f"{one.hit_rate.closed:,}",
        DASH if rate is None else percent(rate, 0),
        DASH if expectancy.mean_r is None else signed_r(expectancy.mean_r),
        _range(expectancy.low, expectancy.high) if expectancy.low is not None else DASH,
    )


def _said(gate: GateWorth) -> str:
    """Return a gate's sentence; the code of its reason in the words of the column beside."""
    return sentence(gate.sentence.replace(gate.gate, spoken(gate.gate)))


def _gates(view: EvidenceView) -> None:
    if not view.gates:
        return
    _, body = panel("What each gate kept out", note="modelled, each signal taken alone")
    columns = (
        Column("Gate", "title"),
        Column("Refused", "num"),
        Column("Closed", "num"),
        Column("In words", "prose"),
    )
    with body:
        text_rows(
            columns,
            [
                (spoken(one.gate), f"{one.refused:,}", f"{one.closed:,}", _said(one))
                for one in view.gates
            ],
            caption="Gates",
        )
