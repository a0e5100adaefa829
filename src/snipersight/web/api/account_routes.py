"""Accounts: where they stand, what they hold, what they may do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Response

from snipersight.domain.access import Caller, Scope
from snipersight.web.api import asking
from snipersight.web.api.account_models import (
    AccountsModel,
    ExposureModel,
    OrdersModel,
    OverviewModel,
    PositionsModel,
    RiskModel,
)
from snipersight.web.api.answering import answer, router
from snipersight.web.security.scopes import require

if TYPE_CHECKING:
    from snipersight.bootstrap.dashboard.reader import DashboardReader
    from snipersight.web.api.reads import Reads

Reader = Annotated[Caller, Depends(require(Scope.READ))]


def account_routes(reader: DashboardReader, reads: Reads) -> APIRouter:
    """Return the routes about accounts.

    Args:
        reader: is asked.
        reads: in one of its threads.
    """
    routes = router("accounts")

    @routes.get("/accounts", response_model=AccountsModel, summary="Every account")
    async def accounts(caller: Reader) -> Response:
        return answer(AccountsModel, {"accounts": await reads.call(reader.accounts)})

    @routes.get("/overview", response_model=OverviewModel, summary="Where an account stands")
    async def overview(caller: Reader, account: asking.Account = None) -> Response:
        return answer(OverviewModel, await reads.call(reader.overview, account or None))

    @routes.get("/positions", response_model=PositionsModel, summary="What an account holds")
    async def positions(caller: Reader, account: asking.Account = None) -> Response:
        return answer(PositionsModel, await reads.call(reader.book, account or None))

    @routes.get("/orders", response_model=OrdersModel, summary="Orders of ours that wait")
    async def orders(caller: Reader, account: asking.Account = None) -> Response:
        return answer(OrdersModel, await reads.call(reader.book, account or None))

    @routes.get("/exposure", response_model=ExposureModel, summary="Heat, budgets and results")
    async def exposure(caller: Reader, account: asking.Account = None) -> Response:
        return answer(ExposureModel, await reads.call(reader.book, account or None))

    @routes.get("/risk", response_model=RiskModel, summary="What an account may do, and why")
    async def risk(caller: Reader, account: asking.Account = None) -> Response:
        return answer(RiskModel, await reads.call(reader.risk, account or None))

    return routes
