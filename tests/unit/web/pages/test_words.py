from decimal import Decimal

import pytest

from snipersight.web.pages.words import (
    moment,
    money,
    price,
    sentence,
    signal_path,
    signed_r,
    spoken,
)


@pytest.mark.parametrize(
    ("plan_id", "path"),
    [
        ("abc-1", "/signals/abc-1"),
        ("../admin?x=1", "/signals/..%2Fadmin%3Fx%3D1"),
        ("//evil.example/", "/signals/%2F%2Fevil.example%2F"),
    ],
)
def test_an_id_never_leads_away_from_its_page(plan_id, path):
    assert signal_path(plan_id) == path


def test_reasons_are_told_in_words():
    assert spoken("rejected:max_total") == "rejected: max total"
    assert spoken("no_setup") == "no setup"


def test_a_sentence_begins_large_and_ends_with_a_stop():
    assert sentence("it was traded") == "It was traded."
    assert sentence("Why?") == "Why?"
    assert sentence("") == ""


def test_figures_have_signs_and_currencies():
    assert money(Decimal("-1234.5"), "USDT") == "−1,234.50 USDT"
    assert money(None) == "–"
    assert signed_r(1.2) == "+1.20R"
    assert signed_r(-0.5) == "−0.50R"
    assert signed_r(-0.004) == "0.00R"
    assert price(0.0000123) == "0.0000123"


def test_a_moment_that_never_was_is_a_dash():
    assert moment(None) == moment(0) == "–"
