"""Signals, their funnel, charts and events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from snipersight.bootstrap.dashboard.views_chart import MOST_BARS, ChartRequest
from snipersight.bootstrap.dashboard.views_signals import (
    EventFilter,
    FunnelFilter,
    SignalFilter,
    SignalOrder,
    SignalState,
)
from snipersight.domain.access import Caller, Scope
from snipersight.domain.direction import Direction
from snipersight.domain.evidence import Origin
from snipersight.domain.plan_json import plan_json
from snipersight.web.api import asking
from snipersight.web.api.answering import answer, router
from snipersight.web.api.signal_models import (
    ChartModel,
    EventPageModel,
    FunnelModel,
    SignalDetailModel,
    SignalPageModel,
)
from snipersight.web.security.scopes import require

if TYPE_CHECKING:
    from snipersight.bootstrap.dashboard.reader import DashboardReader
    from snipersight.bootstrap.dashboard.views_signals import SignalView
    from snipersight.web.api.reads import Reads

Reader = Annotated[Caller, Depends(require(Scope.READ))]
States = Annotated[list[SignalState] | None, Query(max_length=8, description="Any of these.")]
Market = Annotated[str, Query(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")]
Types = Annotated[list[str] | None, Query(max_length=50, description="Of these kinds.")]


def signal_routes(reader: DashboardReader, reads: Reads, *, slow: Reads) -> APIRouter:
    """Return the routes about signals.

    Args:
        reader: is asked.
        reads: in one of its threads.
        slow: the same for what takes long.
    """
    routes = router("signals")

    @routes.get("/signals", response_model=SignalPageModel, summary="Signals, newest or best first")
    async def signals(
        *,
        caller: Reader,
        account: asking.Account = None,
        state: States = None,
        symbol: asking.Name = None,
        profile: asking.Name = None,
        tier: asking.Name = None,
        origin: Origin | None = None,
        direction: Direction | None = None,
        text: asking.Text = "",
        since: asking.Since = None,
        until: asking.Until = None,
        order: SignalOrder = SignalOrder.NEWEST,
        limit: asking.Limit = 50,
        cursor: asking.Cursor = None,
    ) -> Response:
        wanted = SignalFilter(
            account=account or None,
            states=frozenset(state or ()),
            symbol=symbol or None,
            profile=profile or None,
            tier=tier or None,
            origin=origin,
            direction=direction,
            text=text,
            since_ms=asking.ms_of(since),
            until_ms=asking.ms_of(until),
            order=order,
            limit=limit,
            cursor=cursor or None,
        )
        return answer(SignalPageModel, await reads.call(reader.signals, wanted))

    @routes.get("/signals/funnel", response_model=FunnelModel, summary="How candidates ended")
    async def funnel(
        *,
        caller: Reader,
        account: asking.Account = None,
        profile: asking.Name = None,
        origin: Origin | None = None,
        since: asking.Since = None,
        until: asking.Until = None,
    ) -> Response:
        wanted = FunnelFilter(
            account=account or None,
            profile=profile or None,
            origin=origin,
            since_ms=asking.ms_of(since),
            until_ms=asking.ms_of(until),
        )
        return answer(FunnelModel, await reads.call(reader.funnel, wanted))

    @routes.get(
        "/signals/{plan_id}",
        response_model=SignalDetailModel,
        summary="Everything about one signal",
    )
    async def signal(
        caller: Reader, plan_id: asking.PlanPath, account: asking.Account = None
    ) -> Response:
        view = await reads.call(reader.signal, plan_id, account or None)
        return answer(SignalDetailModel, _detail(view))

    @routes.get("/chart", response_model=ChartModel, summary="Closed bars and what was known then")
    async def chart(
        *,
        caller: Reader,
        venue: Market,
        symbol: Market,
        timeframe: Market,
        profile: asking.Name = None,
        until: asking.Until = None,
        bars: Annotated[int, Query(ge=1, le=MOST_BARS)] = 500,
    ) -> Response:
        wanted = ChartRequest(
            venue=venue,
            symbol=symbol,
            timeframe=timeframe,
            profile=profile or None,
            until_ms=asking.ms_of(until),
            bars=bars,
        )
        return answer(ChartModel, await slow.call(reader.chart, wanted))

    @routes.get("/events", response_model=EventPageModel, summary="Stored events, newest first")
    async def events(
        *,
        caller: Reader,
        event: Types = None,
        text: asking.Text = "",
        limit: asking.Limit = 100,
        before: asking.BeforeSeq = None,
    ) -> Response:
        wanted = EventFilter(
            types=frozenset(event or ()), text=text, before_seq=before, limit=limit
        )
        return answer(EventPageModel, await reads.call(reader.events, wanted))

    return routes


def _detail(view: SignalView) -> dict[str, Any]:
    """Return a signal with its plan as every JSON of the program shows one."""
    values = {name: getattr(view, name) for name in view.__slots__}
    plan = None if view.plan is None else plan_json(view.plan)
    return values | {"plan": plan, "may": sorted(view.may)}
