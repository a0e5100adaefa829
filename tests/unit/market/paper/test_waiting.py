"""What the simulated venue remembers of orders that ended before they counted."""

from dataclasses import replace

from snipersight.domain.orders import ClientOrderId, OrderStatus
from snipersight.market.paper.waiting import Ended, WaitingOrders
from tests.builders.matching import an_order

MANY = 1_500


def an_end(number: int) -> Ended:
    request = replace(an_order(price="99"), client_id=ClientOrderId(f"order-{number}"))
    return Ended(request=request, status=OrderStatus.CANCELLED, at_us=number + 1)


def test_ends_are_remembered_for_long_and_not_for_ever():
    waiting = WaitingOrders()
    for number in range(MANY):
        waiting.end(an_end(number))
    assert len(waiting.snapshot()["ended"]) == 1_000
    newest = waiting.order(f"order-{MANY - 1}")
    assert newest is not None
    assert newest.status is OrderStatus.CANCELLED
    assert waiting.order("order-0") is None


def test_an_older_file_with_more_of_them_is_cut_to_the_newest():
    grown = WaitingOrders().snapshot() | {
        "ended": [WaitingOrders((), (an_end(n),)).snapshot()["ended"][0] for n in range(MANY)]
    }
    restored = WaitingOrders.restore(grown)
    assert len(restored.snapshot()["ended"]) == 1_000
    assert restored.order(f"order-{MANY - 1}") is not None
