"""What a venue's adapter says of a request is true, whatever goes wrong on its way."""

from __future__ import annotations

from collections import Counter

import pytest

from snipersight.domain.venue import Environment, ProblemClass
from snipersight.market.venues import Gateway, VenueConfig, open_venue
from snipersight.sandbox.exchange import (
    ExchangeSandbox,
    FaultKind,
    FaultPlan,
    RequestKind,
    SandboxAccount,
)
from snipersight.sandbox.exchange.faults import EVENT_FAULTS
from snipersight.sandbox.exchange.speaking import PROTOCOLS
from tests.builders.venue_contract import PERPETUAL, SPOT, START, an_order

DONE_FOR_CERTAIN, NOT_DONE, PERHAPS = "done", "not done", "perhaps"
_VERDICTS = {
    ProblemClass.REFUSED: NOT_DONE,
    ProblemClass.RETRY_LATER: NOT_DONE,
    ProblemClass.STOP: NOT_DONE,
    ProblemClass.UNKNOWN: PERHAPS,
}
KINDS = sorted(frozenset(FaultKind) - EVENT_FAULTS - {FaultKind.DELAY, FaultKind.RESTART})
ORDERS = 20


NAMES = sorted(protocol.name for protocol in PROTOCOLS)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", KINDS)
async def test_an_order_that_is_called_not_done_is_nowhere_and_one_that_is_done_is_there(
    name, kind
):
    account = SandboxAccount()
    plan = FaultPlan(
        rates={kind: 0.5},
        seed=7,
        requests=frozenset({RequestKind.ORDER}),
    )
    async with ExchangeSandbox(accounts=[account], faults=plan) as server:
        world = server.world(name)
        symbol = SPOT if name == "binance" else PERPETUAL
        world.print(symbol, START)
        venue = open_venue(
            VenueConfig(
                venue=name,
                environment=Environment.DEMO,
                api_key=account.api_key,
                api_secret=account.secret,
                gateway=Gateway(port=server.port, ca_file=server.ca_pem),
                timeout_ms=1_000,
                time_scale=100,
            )
        )
        try:
            await venue.instruments()
            said: Counter[str] = Counter()
            for number in range(ORDERS):
                price = str(START - 500)
                request = an_order(f"E0-{number}", symbol=symbol, price=price, size="0.01")
                answer = await venue.submit(request)
                problem = answer.problem
                verdict = DONE_FOR_CERTAIN if problem is None else _VERDICTS[problem.kind]
                placed = [
                    order
                    for order in world.engine.orders(account.name, open_only=False)
                    if order.client_id == request.client_id
                ]
                said[verdict] += 1
                assert len(placed) <= 1
                if verdict is not PERHAPS:
                    assert bool(placed) is (verdict is DONE_FOR_CERTAIN), problem
        finally:
            await venue.close()
    assert said[DONE_FOR_CERTAIN] > 0
