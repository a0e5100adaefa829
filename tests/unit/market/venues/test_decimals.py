"""ccxt rounds in the decimal context that it finds: ours must not be that one."""

from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal, getcontext

from snipersight.domain.venue import Environment
from snipersight.market.ccxt_gate import RequestGate
from snipersight.market.venues.client import VenueClient
from snipersight.market.venues.config import VenueConfig


async def _rounds_down(*_: object) -> str:
    getcontext().rounding = ROUND_DOWN
    return str(Decimal("0.125").quantize(Decimal("0.01")))


async def test_an_order_request_leaves_our_rounding_as_it_was():
    config = VenueConfig(
        venue="bybit", environment=Environment.DEMO, api_key="a-key-of-demo", api_secret="secret"
    )
    client = VenueClient(config, clock_ms=lambda: 0)
    client.open = lambda: None  # type: ignore[method-assign]
    _, result = await client._run(_rounds_down)
    assert result == "0.12"
    assert getcontext().rounding == ROUND_HALF_EVEN


async def test_a_question_for_candles_leaves_our_rounding_as_it_was():
    gate = RequestGate("binance", clock=lambda: 0)
    assert await gate.run(_rounds_down, where="candles") == "0.12"
    assert getcontext().rounding == ROUND_HALF_EVEN
