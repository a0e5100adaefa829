"""Evidence and machinery: what signals were worth, how the processes are, what changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final, Literal

from fastapi import APIRouter, Depends, Query, Response

from snipersight.bootstrap.dashboard.views_system import EvidenceRequest, RunsRequest
from snipersight.domain.access import Caller, Scope
from snipersight.domain.evidence import Kind, Origin
from snipersight.web.api import asking
from snipersight.web.api.answering import answer, router
from snipersight.web.api.system_models import (
    ChangesModel,
    LogModel,
    RunsModel,
    StatsModel,
    SystemModel,
)
from snipersight.web.api.values import values_of
from snipersight.web.security.scopes import require

if TYPE_CHECKING:
    from snipersight.bootstrap.dashboard.reader import DashboardReader
    from snipersight.bootstrap.dashboard.views_system import EvidenceView
    from snipersight.web.api.reads import Reads

Reader = Annotated[Caller, Depends(require(Scope.READ))]
_GROUPS: Final = ("by_tier", "by_profile", "by_regime", "by_direction", "by_symbol", "by_factor")
Level = Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]


def system_routes(reader: DashboardReader, reads: Reads, *, slow: Reads) -> APIRouter:
    """Return the routes about evidence and machinery.

    Args:
        reader: is asked.
        reads: in one of its threads.
        slow: the same for what takes long.
    """
    routes = router("system")

    @routes.get("/stats", response_model=StatsModel, summary="What signals have been worth")
    async def stats(
        *,
        caller: Reader,
        account: asking.Account = None,
        origin: Origin | None = None,
        profile: asking.Name = None,
        symbol: asking.Name = None,
        since: asking.Since = None,
        until: asking.Until = None,
        kind: Kind = Kind.MODELLED,
    ) -> Response:
        wanted = EvidenceRequest(
            account=account or None,
            origin=origin,
            profile=profile or None,
            symbol=symbol or None,
            since_ms=asking.ms_of(since),
            until_ms=asking.ms_of(until),
            kind=kind,
        )
        return answer(StatsModel, _stats(await slow.call(reader.evidence, wanted)))

    @routes.get("/evidence", response_model=RunsModel, summary="Backtests that are kept")
    async def evidence(
        *, caller: Reader, limit: asking.Limit = 100, before: asking.Name = None
    ) -> Response:
        wanted = RunsRequest(limit=limit, before=before or "")
        return answer(RunsModel, await reads.call(reader.runs, wanted))

    @routes.get("/system", response_model=SystemModel, summary="How the machinery is")
    async def system(caller: Reader, account: asking.Account = None) -> Response:
        return answer(SystemModel, await slow.call(reader.system, account or None))

    @routes.get("/logs", response_model=LogModel, summary="The newest lines of the log")
    async def logs(
        *,
        caller: Reader,
        limit: Annotated[int, Query(ge=1, le=1_000)] = 200,
        level: Level | None = None,
        text: asking.Text = "",
        before: asking.Name = None,
    ) -> Response:
        page = await reads.call(
            reader.logs, limit=limit, level=level or "", text=text, before=before or ""
        )
        return answer(LogModel, page)

    @routes.get("/changes", response_model=ChangesModel, summary="A mark for each topic")
    async def changes(caller: Reader) -> Response:
        return answer(ChangesModel, await reads.call(reader.changes))

    return routes


def _stats(view: EvidenceView) -> dict[str, object]:
    values: dict[str, object] = values_of(view)
    groups = {name.removeprefix("by_"): values.pop(name) for name in _GROUPS}
    others = {origin.value: count for origin, count in view.others}
    return values | {"groups": groups, "others": others}
