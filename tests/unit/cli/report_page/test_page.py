"""The page: what it says, that it is whole, and that nothing in it can do harm."""

import base64
import hashlib
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from snipersight.bootstrap.findings import actual_outcomes, find
from snipersight.cli.report_page.building import page_of
from snipersight.cli.report_page.rendering import Page, html_of
from snipersight.domain.evidence import EvidenceFilter, Kind
from snipersight.domain.evidence_columns import EvidenceTable, Names
from tests.builders.evidence_sets import (
    SetStore,
    changed,
    filled,
    no_signals,
    scans_made_up,
    signals_made_up,
)
from tests.builders.worked_evidence import worked_table

pytestmark = pytest.mark.slow

HOSTILE = "<script>alert(1)</script>\"&'</style>"
VOID = {"meta", "br", "hr", "img", "link", "input"}


class Reader(HTMLParser):
    """Reads a page, and refuses elements that are not closed in order."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def built(table: EvidenceTable, *, actual: EvidenceTable | None = None, **asked: object) -> Page:
    store = SetStore(table, actual, scans_made_up() if len(table) else ())
    findings = find(store, EvidenceFilter(**asked))  # type: ignore[arg-type]  # of the test
    return page_of(findings, actual_outcomes(store, findings), made_ms=1_711_929_600_000)


def read(page: Page) -> Reader:
    reader = Reader()
    reader.feed(html_of(page))
    reader.close()
    assert not reader.open
    return reader


@pytest.fixture(scope="module")
def many() -> Page:
    table = signals_made_up(600)
    return built(table, actual=changed(table, net_r=table.net_r - 0.1))


@pytest.mark.parametrize("count", [0, 1, 5, 300])
def test_a_page_of_any_number_of_signals_is_well_formed(count):
    reader = read(built(signals_made_up(count)))
    assert len(reader.all("h1")) == 1
    assert len(reader.all("main")) == 1


def test_the_answer_comes_first_in_a_sentence(many):
    reader = read(many)
    words = [word for word in reader.words if word.strip()]
    asked = next(place for place, word in enumerate(words) if word.startswith("Do A-tier"))
    assert "A-tier signals" in words[asked + 1]
    assert asked < next(place for place, word in enumerate(words) if word == "Equity in R")


def test_every_picture_has_words_for_who_cannot_see_it_and_its_numbers_as_a_table(many):
    assert {figure.key for figure in many.figures} == {
        *("equity", "tiers", "spread", "reliability", "regimes", "hours", "costs"),
        *("excursions", "funnel", "gates", "agreement", "groups"),
    }
    reader = read(many)
    pictures = reader.all("svg")
    assert len(pictures) == 2 * sum(bool(figure.wide) for figure in many.figures)
    assert all(len(picture["aria-label"] or "") > 20 for picture in pictures)
    assert all(figure.grid is not None and figure.grid.rows for figure in many.figures)


def test_nothing_is_fetched_and_no_script_is_there(many):
    html = html_of(many)
    reader = read(many)
    assert not reader.all("script") + reader.all("link") + reader.all("img") + reader.all("iframe")
    assert not re.findall(r"https?:|//[a-z]|@import|url\((?!#)", html)
    for _tag, attributes in reader.elements:
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
        assert (attributes.get("href") or "#").startswith("#")


def test_the_policy_allows_its_own_stylesheet_and_nothing_else(many):
    html = html_of(many)
    style = html[html.index("<style>") + 7 : html.index("</style>")]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    (policy,) = (meta["content"] for meta in read(many).all("meta") if meta.get("http-equiv"))
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )


def test_ids_are_unique_and_every_reference_is_to_one(many):
    html = html_of(many)
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    referred = {*re.findall(r'href="#([^"]+)"', html), *re.findall(r"url\(#([^)]+)\)", html)}
    assert referred <= set(ids)


def test_names_from_outside_are_words_and_nothing_else():
    table = signals_made_up(120)
    hostile = {
        name: filled(getattr(table, name), HOSTILE)
        for name in ("symbol", "profile", "session", "regime", "timeframe", "direction", "tier")
    }
    refused = filled(table.reason, f"gated:{HOSTILE}")
    is_told = table.verdict.equal("approved")
    reason = Names.of(np.where(is_told, "approved", refused.tolist()).tolist())
    reader = read(built(changed(table, reason=reason, **hostile)))
    assert not reader.all("script")
    assert len(reader.all("style")) == 1
    assert any(HOSTILE in word for word in reader.words)


def test_too_few_are_told_without_an_estimate():
    page = built(worked_table())
    assert "too few to say: 3 closed" in page.answers[0].sentence
    drawn = {figure.key for figure in page.figures if figure.wide}
    assert drawn.isdisjoint({"tiers", "reliability", "costs", "gates"})
    assert {"equity", "spread", "excursions", "regimes", "hours"} <= drawn


def test_a_market_without_shorts_has_no_column_that_repeats_the_longs():
    table = signals_made_up(60)
    page = built(changed(table, direction=filled(table.direction, "LONG")))
    figure = next(figure for figure in page.figures if figure.key == "regimes")
    assert figure.grid is not None
    assert {row[1] for row in figure.grid.rows} == {"LONG"}


def test_without_a_signal_the_page_says_what_to_do():
    page = built(no_signals())
    assert not page.figures
    assert page.newest is None
    assert "`snipersight scan`" in page.answers[0].sentence
    assert "snipersight scan" in read(page).words  # as code, without its backticks


def test_the_equity_is_in_the_order_of_the_ends_worked_by_hand():
    # In the order of their ends −1, 2, −0.5: together 0.5, deepest −1 before anything was won.
    table = signals_made_up(3)
    table = changed(
        table,
        verdict=filled(table.verdict, "approved"),
        status=filled(table.status, "closed"),
        ended_ms=np.array([300, 100, 200]) * 86_400_000,
        net_r=np.array([-0.5, -1.0, 2.0]),
        tier=filled(table.tier, "A"),
    )
    equity = built(table).figures[0]
    assert equity.grid is not None
    assert equity.grid.rows == (("all", "3", "+0.50R", "−1.00R"),)


def test_modelled_and_actual_results_of_the_same_signals_are_compared(many):
    figure = next(figure for figure in many.figures if figure.key == "agreement")
    assert figure.grid is not None
    assert dict(figure.grid.rows)["actual less modelled"] == "−0.10R"


def test_without_real_orders_nothing_is_compared():
    assert "agreement" not in {figure.key for figure in built(signals_made_up(60)).figures}


def test_a_page_of_actual_outcomes_says_so_and_judges_no_gate():
    table = signals_made_up(60)
    page = built(table, actual=table, kind=Kind.ACTUAL)
    assert "actual outcomes" in page.about[0]
    assert {"gates", "agreement"}.isdisjoint({figure.key for figure in page.figures})


def test_the_newest_signals_come_first_and_are_few(many):
    assert many.newest is not None
    times = [row[0] for row in many.newest.rows]
    assert times == sorted(times, reverse=True)
    assert len(times) == 30


def test_the_same_signals_give_the_same_page(many):
    table = signals_made_up(600)
    again = built(table, actual=changed(table, net_r=table.net_r - 0.1))
    assert html_of(again) == html_of(many)
