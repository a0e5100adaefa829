"""What a ccxt exchange is made with."""

import pytest

from snipersight.market.ccxt_client import CcxtClient, exchange_class
from snipersight.market.ccxt_gate import RequestGate


def between_ms(pace: float = 1.0) -> object:
    gate = RequestGate("binanceusdm", clock=lambda: 0)
    return CcxtClient("binanceusdm", gate=gate, pace=pace).config(None)["rateLimit"]


def test_requests_keep_the_venues_own_distance():
    assert between_ms() == exchange_class("binanceusdm")({}).rateLimit


def test_they_follow_a_venue_whose_time_runs_faster():
    assert between_ms(pace=50) == pytest.approx(exchange_class("binanceusdm")({}).rateLimit / 50)
