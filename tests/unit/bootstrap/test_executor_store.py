"""The lease of an executor while it runs."""

import asyncio

from snipersight.bootstrap.executor_store import keep_lease
from snipersight.domain.errors import StateUnavailable


class Lease:
    """A lease whose store is away twice, and that another one takes at last."""

    for_us = 4_000

    def __init__(self) -> None:
        self.answers: list[StateUnavailable | bool] = [
            StateUnavailable("locked"),
            StateUnavailable("locked"),
            True,
            False,
        ]
        self.asked = 0

    def keep(self) -> bool:
        self.asked += 1
        answer = self.answers.pop(0)
        if isinstance(answer, StateUnavailable):
            raise answer
        return answer


async def test_a_store_that_is_away_for_a_moment_does_not_end_the_keeping_of_the_lease():
    lease = Lease()
    await asyncio.wait_for(keep_lease(lease), timeout=5)  # type: ignore[arg-type]
    assert lease.asked == 4
