from decimal import Decimal
from types import SimpleNamespace
from typing import cast

import pytest

from snipersight.bootstrap.dashboard.views import SignalRow, SignalState
from snipersight.web.pages.words import (
    mode_words,
    moment,
    money,
    price,
    sentence,
    signal_path,
    signed_r,
    spoken,
    state_words,
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


def test_the_account_of_a_signal_is_data_too():
    assert signal_path("abc-1", "a&b=c") == "/signals/abc-1?account=a%26b%3Dc"


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        ("paper", "paper"),
        ("dry-run", "dry run"),
        ("live", "LIVE: real money"),
        ("", "signals only"),
    ],
)
def test_how_real_orders_are_is_said_in_words(mode, words):
    assert mode_words(mode) == words


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


@pytest.mark.parametrize(
    ("state", "is_modelled", "net_r", "words"),
    [
        (SignalState.OPEN, False, None, ("good", "Open")),
        (SignalState.OPEN, True, None, ("", "Open (model)")),
        (SignalState.WAITING, True, None, ("info", "Waiting")),
        (SignalState.MISSED, True, None, ("", "Missed")),
        (SignalState.CLOSED, False, None, ("", "Closed")),
        (SignalState.CLOSED, False, -0.97, ("bad", "Closed −0.97R")),
        (SignalState.CLOSED, True, 1.2, ("", "Closed +1.20R (model)")),
    ],
)
def test_what_only_the_model_has_entered_says_so_and_is_never_green(
    state, is_modelled, net_r, words
):
    row = SimpleNamespace(state=state, is_modelled=is_modelled, net_r=net_r, targets_hit=0)
    assert state_words(cast("SignalRow", row)) == words


def test_targets_that_were_hit_are_told_while_a_trade_is_open():
    row = SimpleNamespace(state=SignalState.OPEN, is_modelled=False, net_r=0.4, targets_hit=2)
    assert state_words(cast("SignalRow", row)) == ("good", "Open, TP2 hit")
