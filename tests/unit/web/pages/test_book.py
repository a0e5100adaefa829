"""What the page of the book says about its curve of results."""

from dataclasses import replace
from decimal import Decimal

import pytest

from snipersight.bootstrap.dashboard.reader import DashboardReader
from snipersight.bootstrap.dashboard.views import BookView
from snipersight.web.pages.book import results_note
from tests.fakes.dashboard_home import dashboard_home


@pytest.fixture(scope="module")
def book(tmp_path_factory) -> BookView:
    folder = tmp_path_factory.mktemp("home")
    with dashboard_home(folder) as settings, DashboardReader(settings) as reader:
        return reader.book("practice")


@pytest.mark.parametrize(
    ("flows", "words"),
    [
        ("0", "Deposits and withdrawals would not count."),
        ("1200", "Not among them: 1,200.00 USDT of deposits less withdrawals"),
        ("-50.5", "Not among them: 50.50 USDT of withdrawals less deposits"),
    ],
)
def test_what_was_deposited_is_told_beside_a_curve_of_results_alone(book, flows, words):
    assert words in results_note(replace(book, flows=Decimal(flows)))


def test_the_book_knows_its_deposits(book):
    assert book.flows == 0
