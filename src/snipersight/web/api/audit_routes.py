"""The audit: searched, verified, and one decision judged again."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Final, Literal, ParamSpec, TypeVar

from fastapi import APIRouter, Depends, Path, Query, Response

from snipersight.bootstrap.dashboard.views_system import AuditFilter
from snipersight.domain.access import Caller, Scope
from snipersight.domain.audit import AuditKind
from snipersight.web.api import asking
from snipersight.web.api.answering import answer, router
from snipersight.web.api.problems import Busy
from snipersight.web.api.system_models import AuditPageModel, ReplayModel, VerifyModel
from snipersight.web.security.scopes import require

if TYPE_CHECKING:
    from collections.abc import Callable

    from snipersight.bootstrap.dashboard.reader import DashboardReader
    from snipersight.web.api.reads import Reads

P = ParamSpec("P")
T = TypeVar("T")

Reader = Annotated[Caller, Depends(require(Scope.READ))]
Kinds = Annotated[list[AuditKind] | None, Query(max_length=20, description="Any of these.")]
Verdict = Literal["approved", "rejected"]
Which = Annotated[str, Path(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9_.:-]+$")]
Subject = Annotated[
    str | None,
    Query(max_length=128, pattern=r"^[A-Za-z0-9_.:-]*$", description="How an id begins."),
]


def audit_routes(reader: DashboardReader, reads: Reads, *, slow: Reads) -> APIRouter:
    """Return the routes about the audit.

    Args:
        reader: is asked.
        reads: in one of its threads.
        slow: the same for what takes long.
    """
    routes = router("audit")
    checks = OneAtATime(slow)

    async def page(wanted: AuditFilter) -> Response:
        return answer(AuditPageModel, await reads.call(reader.audit, wanted))

    @routes.get("/audit", response_model=AuditPageModel, summary="Records, newest first")
    async def audit(
        *,
        caller: Reader,
        account: asking.Account = None,
        kind: Kinds = None,
        subject: Subject = None,
        symbol: asking.Name = None,
        verdict: Verdict | None = None,
        actor: asking.Name = None,
        since: asking.Since = None,
        until: asking.Until = None,
        limit: asking.Limit = 50,
        before: asking.BeforeSeq = None,
    ) -> Response:
        return await page(
            AuditFilter(
                account=account or None,
                kinds=tuple(one.value for one in kind or ()),
                subject=subject or None,
                symbol=symbol or None,
                verdict=verdict,
                actor=actor or None,
                since_us=asking.us_of(since),
                until_us=asking.us_of(until),
                limit=limit,
                before_seq=before,
            )
        )

    @routes.get("/decisions", response_model=AuditPageModel, summary="Verdicts of the risk gate")
    async def decisions(
        *,
        caller: Reader,
        account: asking.Account = None,
        plan_id: Subject = None,
        symbol: asking.Name = None,
        verdict: Verdict | None = None,
        limit: asking.Limit = 50,
        before: asking.BeforeSeq = None,
    ) -> Response:
        return await page(
            AuditFilter(
                account=account or None,
                kinds=(AuditKind.DECISION.value,),
                subject=plan_id or None,
                symbol=symbol or None,
                verdict=verdict,
                limit=limit,
                before_seq=before,
            )
        )

    @routes.get("/audit/verify", response_model=VerifyModel, summary="Check a whole chain")
    async def verify(caller: Reader, account: asking.Account = None) -> Response:
        return answer(VerifyModel, await checks.call(reader.audit_verify, account or None))

    @routes.get(
        "/audit/replay/{which}", response_model=ReplayModel, summary="Judge one decision again"
    )
    async def replay(caller: Reader, which: Which, account: asking.Account = None) -> Response:
        return answer(ReplayModel, await checks.call(reader.audit_replay, which, account or None))

    return routes


class OneAtATime:
    """Calls what reads very much, one after the other, and lets nobody wait for it.

    Args:
        reads: in one of its threads.
    """

    def __init__(self, reads: Reads) -> None:
        self._reads: Final = reads
        self._turn: Final = asyncio.Lock()

    async def call(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what `work` returns.

        Raises:
            Busy: another one is under way.
        """
        if self._turn.locked():
            raise Busy(
                "the audit is being checked for somebody already",
                where="audit",
                next_step="ask again when that is done",
            )
        async with self._turn:
            return await self._reads.call(work, *args, **kwargs)
