"""Backtests and sweeps that are kept, and those that a person has chosen side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from snipersight.bootstrap.dashboard.views import RunsRequest, RunsView, SweepView
from snipersight.domain.wording import counted, percent
from snipersight.performance.verdict import Finding
from snipersight.storage.kept_runs import KeptRun
from snipersight.storage.kept_sweeps import KeptSweep
from snipersight.web.charts.element import Chart
from snipersight.web.charts.results import MOST_RUNS, runs_options
from snipersight.web.pages.figures import ALL, FIRST, difference_text, figure_text, name_of
from snipersight.web.pages.kit import (
    Node,
    button,
    chip,
    draw_account,
    link,
    panel,
)
from snipersight.web.pages.rows import Column, cell, table, text_rows
from snipersight.web.pages.states import blank
from snipersight.web.pages.words import moment, sentence

_PATH: Final = "/evidence"
_LIMIT: Final = 20  # backtests of a page
_FEW: Final = 10  # runs of a sweep, unless all are asked for
_MOST: Final = 500  # runs of a sweep that are drawn
_LONGEST: Final = 64
_FIGURE_COLUMNS: Final = tuple(Column(name_of(one), "num") for one in FIRST)
_PICK: Final = Column("Compare")
_RUN_COLUMNS: Final = (
    _PICK,
    Column("Run", "title"),
    Column("Period", "nowrap whole"),
    Column("Finding"),
    *_FIGURE_COLUMNS,
)
_TONES: Final = {Finding.EDGE_SHOWN: "good", Finding.TOO_LITTLE_DATA: "warn"}


def runs_request(query: QueryParams) -> RunsRequest:
    """Return which backtests an address asks for; what is gone is taken as not said."""
    return RunsRequest(
        limit=_LIMIT,
        before=query.get("before", "")[:_LONGEST],
        is_alone=True,
        sweep=query.get("sweep", "")[:_LONGEST],
        chosen=tuple(one[:_LONGEST] for one in query.getlist("run")[:MOST_RUNS]),
    )


class Backtests:
    """The part of the page that shows them.

    Args:
        query: of the address: `run` for each that is compared, `before`, `sweep`.
    """

    def __init__(self, query: QueryParams) -> None:
        self._query: Final = query
        # What is ticked outlasts a backtest that is kept meanwhile, which draws the list anew.
        self._ticked: Final = dict.fromkeys(query.getlist("run")[:MOST_RUNS])

    def draw(self, view: RunsView) -> None:
        """Draw them, the chosen ones first."""
        if not view.total:
            _, body = panel("Backtests side by side")
            with body:
                blank(
                    "No backtest is kept", "`snipersight backtest` makes and keeps one.", "evidence"
                )
            return
        if view.chosen:
            _compared(view.chosen)
        with Node("form", classes="stack", method="get", action=_PATH):
            self._kept_choices()
            for one in view.sweeps:
                self._sweep(one)
            if view.others or self._query.get("sweep"):
                self._other_sweeps(view.others)
            self._alone(view)

    def _kept_choices(self) -> None:
        draw_account()
        for name, value in self._query.items():
            if name in ("kind", "origin", "profile", "before", "sweep"):
                Node("input", type="hidden", name=name, value=value)

    def _alone(self, view: RunsView) -> None:
        head, body = panel("Backtests", note=f"{counted(view.total, 'run')} kept, sweeps included")
        with head:
            self._compare()
        with body:
            drawn = [one for one in view.runs if one.returns][:MOST_RUNS]
            if drawn and not view.chosen:
                label = f"Growth of a balance of 1 in the newest {counted(len(drawn), 'backtest')}"
                Chart(runs_options(drawn), label=label)
            if view.runs:
                self._rows(view.runs)
            else:
                blank("Every run belongs to a sweep", "`snipersight backtest` makes one alone.")
            self._pages(view)

    def _compare(self) -> None:
        Node("span", classes="spring")
        button("Compare").put(type="submit")
        if self._query.getlist("run"):
            link("Clear", self._address(run=()), "button plain")

    def _rows(self, runs: Sequence[KeptRun]) -> None:
        with table(_RUN_COLUMNS, caption="Backtests"):
            for run in runs:
                with Node("tr"):
                    self._pick(run)
                    with cell(_RUN_COLUMNS[1]):
                        Node("span", label_of(run), "strong")
                        Node("span", markets_text(run), "below")
                    cell(_RUN_COLUMNS[2], _period(run))
                    with cell(_RUN_COLUMNS[3]):
                        chip(run.finding.value, _TONES.get(run.finding, ""))
                    _figures(run)

    def _pages(self, view: RunsView) -> None:
        is_later = bool(self._query.get("before"))
        if not view.next_before and not is_later:
            return
        with Node("div", classes="replay"):
            if is_later:
                link("Newest backtests", self._address(before=""), "button plain")
            if view.next_before:
                link("Older backtests", self._address(before=view.next_before), "button")

    def _sweep(self, view: SweepView) -> None:
        sweep = view.sweep
        what = f"{counted(len(sweep.runs), 'run')} over {counted(len(sweep.varied), 'parameter')}"
        head, body = panel(f"Sweep of {sweep.profile}", note=f"{what}, {_period(sweep)}")
        with head:
            self._compare()
        with body:
            with Node("div", classes="replay"):
                _judged(sweep)
            self._swept_rows(view)
            self._all_runs(view)

    def _swept_rows(self, view: SweepView) -> None:
        varied = tuple(Column(one, "whole") for one in view.sweep.varied)
        columns = (_PICK, Column("Run", "title"), *varied, *_FIGURE_COLUMNS)
        with table(
            columns, caption=f"Runs of the sweep of {view.sweep.profile}, best Sharpe first"
        ):
            for run, values in view.runs[: self._most(view.sweep)]:
                with Node("tr"):
                    self._pick(run)
                    with cell(columns[1]):
                        Node("span", run.run_id[:8], "strong")
                        if run.run_id == view.sweep.best:
                            chip("judged", "info")
                    for column, value in zip(varied, values, strict=True):
                        cell(column, value)
                    _figures(run)

    def _most(self, sweep: KeptSweep) -> int:
        return _MOST if self._query.get("sweep") == sweep.sweep_id else _FEW

    def _all_runs(self, view: SweepView) -> None:
        sweep, shown = view.sweep, min(len(view.runs), self._most(view.sweep))
        gone = len(sweep.runs) - len(view.runs)
        if shown == len(view.runs) and not gone:
            return
        with Node("div", classes="replay"):
            Node("span", f"The best {shown:,} of {counted(len(sweep.runs), 'run')}", "aside")
            if gone:
                Node("span", f"{gone:,} are no longer kept", "aside")
            if self._most(sweep) < len(view.runs) and shown == _FEW:
                link("All runs", self._address(sweep=sweep.sweep_id), "button")

    def _other_sweeps(self, others: Sequence[KeptSweep]) -> None:
        _, body = panel("Other sweeps", note=counted(len(others), "sweep"))
        with body, Node("div", classes="replay"):
            if self._query.get("sweep"):
                link("Newest sweeps", self._address(sweep=""), "button plain")
            for one in others:
                words = f"{one.profile}, {counted(len(one.runs), 'run')}, {moment(one.made_ms)}"
                link(words, self._address(sweep=one.sweep_id), "button plain")

    def _pick(self, run: KeptRun) -> None:
        with cell(_PICK):
            box = Node("input", type="checkbox", name="run", value=run.run_id)
            box.put(aria_label=f"Compare {label_of(run)}", checked=run.run_id in self._ticked)
            box.on("change", lambda: self._toggle(run.run_id))

    def _toggle(self, run_id: str) -> None:
        if run_id in self._ticked:
            del self._ticked[run_id]
        else:
            self._ticked[run_id] = None

    def _address(self, **changes: str | Sequence[str]) -> str:
        """Return the address of this page with something else asked for; what is empty goes."""
        held: Mapping[str, str | Sequence[str]] = {
            **{name: self._query.getlist(name) for name in self._query},
            **changes,
        }
        said = {name: value for name, value in held.items() if value and value != [""]}
        return f"{_PATH}?{urlencode(said, doseq=True)}" if said else _PATH


def label_of(run: KeptRun) -> str:
    """Return what a run is called: its profile and how its id begins."""
    return f"{run.profile} {run.run_id[:8]}"


def markets_text(run: KeptRun) -> str:
    """Return which markets a run traded: the name of one, how many of several."""
    return run.markets[0] if len(run.markets) == 1 else counted(len(run.markets), "market")


def _period(one: KeptRun | KeptSweep) -> str:
    return f"{moment(one.start_ms)[:10]} … {moment(one.end_ms)[:10]}"


def _figures(run: KeptRun) -> None:
    for column, figure in zip(_FIGURE_COLUMNS, FIRST, strict=True):
        cell(column, figure_text(run, figure))


def _judged(sweep: KeptSweep) -> None:
    chip(sweep.finding.value, _TONES.get(sweep.finding, ""))
    Node("span", f"{counted(sweep.trials, 'trial')} on these candles", "aside")
    luck = "not known" if sweep.luck is None else percent(sweep.luck, 0)
    Node("span", f"best by luck: {luck}", "aside")
    if sweep.failed:
        Node("span", f"{counted(sweep.failed, 'run')} failed", "aside")
    with Node("dl", classes="answers"):
        for question, said in sweep.answers:
            Node("dt", question)
            Node("dd", sentence(said))


def _compared(runs: Sequence[KeptRun]) -> None:
    _, body = panel("Side by side", note="differences are from the first")
    base, *others = runs
    columns = [Column("Figure", "title"), Column(label_of(base), "num whole")]
    for one in others:
        columns += [Column(label_of(one), "num whole"), Column("Difference", "num whole")]
    with body:
        drawn = [one for one in runs if one.returns]
        if drawn:
            label = f"Growth of a balance of 1 in {counted(len(drawn), 'chosen backtest')}"
            Chart(runs_options(drawn), label=label)
        if any(_ground(one) != _ground(base) for one in others):
            with Node("div", classes="notice"):
                Node("strong", "Not the same ground:")
                Node(
                    "span",
                    "these runs differ in markets, period or account besides their values, so a "
                    "difference between them tells nothing of the values alone.",
                )
        text_rows(columns, _compared_rows(base, others), caption="Side by side")


def _compared_rows(base: KeptRun, others: Sequence[KeptRun]) -> list[tuple[str, ...]]:
    facts: tuple[tuple[str, Callable[[KeptRun], str]], ...] = (
        ("Finding", lambda run: run.finding.value),
        ("Period", _period),
        ("Markets", markets_text),
        ("Trials", lambda run: f"{run.trials:,}"),
        ("Trades out of sample", lambda run: f"{run.out_of_sample:,}"),
    )
    rows = [
        (name, said(base), *(text for one in others for text in (said(one), "")))
        for name, said in facts
    ]
    return rows + [
        (
            name_of(figure),
            figure_text(base, figure),
            *(
                text
                for one in others
                for text in (figure_text(one, figure), difference_text(one, base, figure))
            ),
        )
        for figure in ALL
    ]


def _ground(run: KeptRun) -> tuple[object, ...]:
    account = run.currency, run.starting_balance, run.policy_hash, run.rearm_days
    return run.markets, run.start_ms, run.end_ms, account
