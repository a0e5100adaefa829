"""A plan that was judged earlier, before it is executed: does it stand, and what is its market like."""

from __future__ import annotations

from dataclasses import replace

from snipersight.bootstrap.books import Books
from snipersight.bootstrap.gate import LedgerGate
from snipersight.bootstrap.preview import PreviewStore
from snipersight.bot.telemetry.events import NullSink
from snipersight.domain.account import AccountState
from snipersight.domain.observations import Observations
from snipersight.domain.plan import TradePlan
from snipersight.domain.ports import CandleSource
from snipersight.domain.profile import Profile
from snipersight.domain.units import Currency, Money
from snipersight.engine.context import Ports
from snipersight.engine.plan_review import review_plan
from snipersight.engine.report import ScanRequest
from snipersight.planner.smc_source import SmcPlanSource
from snipersight.risk.breakers.equity_marks import marked_equity


async def observe_for(
    plan: TradePlan,
    books: Books,
    *,
    profile: Profile,
    source: CandleSource,
    is_preview: bool = False,
) -> tuple[Observations | None, str]:
    """Return the markets as they are now, or None and why the plan is over.

    The account is marked at them, as a scan does.

    Args:
        plan: judged earlier.
        books: of the account, open with the plan's profile.
        profile: of the plan.
        source: candles of the plan's venue.
        is_preview: record nothing.

    Raises:
        StateUnavailable: the ledger cannot be used.
        VenueUnavailable: a live source cannot be reached.
    """
    ports = books.ports
    store = PreviewStore(ports.store) if is_preview else ports.store
    gate = LedgerGate(replace(ports, store=store), actor="trade")
    equity = ports.store.view(ports.account_id, lambda unit: marked_equity(unit.account.standing))
    review = await review_plan(
        plan,
        ScanRequest(profile=profile, symbols=plan.symbol),
        Ports(
            source=source,
            plans=SmcPlanSource(profile),
            gate=gate,
            account=AccountState(
                account_id=ports.account_id,
                currency=Currency(books.settings.account_currency),
                equity=Money(equity),
            ),
            sink=NullSink(),
            progress=lambda *_: None,
        ),
    )
    return (None, review.over) if review.over else (gate.observations, "")
