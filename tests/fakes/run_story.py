"""Hours of the built-in market in which plans come up, and what a bot that lived through them kept."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from sqlalchemy import text

from snipersight.analysis.leader import LeaderTimeline
from snipersight.bootstrap.profiles import load_profile
from snipersight.domain.errors import StateUnavailable
from snipersight.domain.evidence import EvidenceFilter
from snipersight.domain.evidence_columns import EvidenceTable
from snipersight.domain.plan import TradePlan
from snipersight.domain.timeframe import DAY_MS
from snipersight.domain.units import Symbol
from snipersight.planner.smc_source import SmcPlanSource
from snipersight.sandbox import SyntheticMarket
from snipersight.storage.database import connect_database
from snipersight.storage.telemetry.evidence import SqlEvidenceStore

BEGAN_MS = 1_780_113_600_000  # 2026-05-30T04:00, before three plans within an hour
BAR_MS = 900_000
SYMBOLS = tuple(Symbol(f"{base}/USDT:USDT") for base in ("BTC", "ETH", "NEAR", "AVAX", "DOGE"))
SPOT_LEADER = Symbol("BTC/USDT")
PROFILE = "aggressive"
ARGUMENTS = ("--symbols", ",".join(SYMBOLS), "--profile", PROFILE, "--mode", "paper")


async def decided(*, began_ms: int = BEGAN_MS, end_ms: int) -> set[str]:
    """Return the plans that the closes of these hours decided; see `candidates`."""
    found = await candidates(began_ms=began_ms, end_ms=end_ms)
    return {plan.plan_id for _, plan in found}


async def candidates(
    *, began_ms: int = BEGAN_MS, end_ms: int, leader_symbol: Symbol = SPOT_LEADER
) -> list[tuple[int, TradePlan]]:
    """Return the plans of some hours and the closes that decided them, worked out without the bot.

    Args:
        began_ms, end_ms: after which close, and up to which.
        leader_symbol: the leading market.
    """
    market = SyntheticMarket(clock=lambda: end_ms)
    profile, listed = load_profile(PROFILE, own_folder=Path()), await market.instruments()
    leader, bias = LeaderTimeline(profile), profile.timeframe("bias")
    leader.advance(
        await market.candles(leader_symbol, bias, start_ms=began_ms - 200 * DAY_MS, end_ms=end_ms),
        until_ms=end_ms,
    )
    source = SmcPlanSource(profile, shadows_after_ms=began_ms)
    found: list[tuple[int, TradePlan]] = []
    for symbol in SYMBOLS:
        feed = source.open(listed[symbol], None if symbol.startswith("BTC/") else leader)
        bars = {
            timeframe: await market.candles(
                symbol, timeframe, start_ms=timeframe.floor(began_ms - needed_ms), end_ms=end_ms
            )
            for timeframe, needed_ms in source.history.items()
        }
        for candidate in feed.advance(bars, until_ms=end_ms):
            plan = candidate.plan or candidate.shadow
            if candidate.at_ms > began_ms and plan is not None:
                found.append((candidate.at_ms, plan))
    return found


class Kept:
    """What a bot keeps, looked at from outside while it runs.

    Args:
        home: of the bot.
        url: of its database; None: the files in its home.
    """

    def __init__(self, home: Path, url: str | None = None) -> None:
        self._store = url or f"sqlite:///{home / 'snipersight.db'}"
        self._telemetry = url or f"sqlite:///{home / 'telemetry.db'}"

    def rows(self, query: str) -> list[Any]:
        """Return what a query finds in the tables of decisions."""
        with connect_database(self._store) as database:
            return list(database.read(lambda it: it.execute(text(query)).all()))

    def messages(self, kind: str) -> list[dict[str, Any]]:
        """Return what the outbox was given to tell, of one kind."""
        found = self.rows("SELECT payload FROM queue WHERE topic = 'message'")
        payloads = [json.loads(payload) for (payload,) in found]
        return [payload for payload in payloads if payload["kind"] == kind]

    def told(self) -> Counter[str]:
        """Return how often each setup was given to the outbox as a signal."""
        return Counter(one["plan_id"].partition("-")[0] for one in self.messages("signal"))

    def traded(self) -> Counter[str]:
        """Return how many trades each setup became."""
        bodies = self.rows("SELECT body FROM trade")
        return Counter(json.loads(body)["setup_id"] for (body,) in bodies)

    def deliveries(self) -> Counter[str]:
        """Return how many deliveries there are in each state."""
        found = self.rows("SELECT state FROM queue WHERE topic = 'delivery'")
        return Counter(state for (state,) in found)

    def ambiguous(self) -> int:
        """Return how many deliveries ended without an answer at least once."""
        query = "SELECT count(*) FROM queue WHERE topic = 'delivery' AND is_ambiguous"
        return int(self.rows(query)[0][0])

    def recorded(self, *, until_ms: int) -> set[str]:
        """Return the plans of which evidence is kept, those that were refused too.

        Args:
            until_ms: decided at or before it.
        """
        keys = self.evidence(until_ms=until_ms).key.tolist()
        return {key.partition(":")[2] for key in keys}

    def evidence(self, *, until_ms: int) -> EvidenceTable:
        """Return all evidence of what was decided at or before a moment."""
        with connect_database(self._telemetry) as database:
            return SqlEvidenceStore(database).table(EvidenceFilter(until_ms=until_ms + 1))

    def closes(self) -> list[int]:
        """Return the closes that were scanned, in order; none while nothing can be read."""
        try:
            with connect_database(self._telemetry, timeout_s=1.0) as database:
                scans = SqlEvidenceStore(database).scans(EvidenceFilter())
        except StateUnavailable:
            return []
        return sorted({one.at_ms for one in scans})
