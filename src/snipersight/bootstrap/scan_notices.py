"""What a scan tells besides its approvals: what became of earlier signals, and a summary."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from snipersight.bot.notifications.notices.payload_kinds import (
    SignalPayload,
    SummaryPayload,
    UpdatePayload,
)
from snipersight.bot.notifications.notices.payloads import decode_payload, notice_draft
from snipersight.bot.notifications.notices.reading import DecisionReader, read_notice
from snipersight.domain.errors import DataInvalid
from snipersight.domain.notices import Signal, SignalEvent, SignalUpdate, thread_of
from snipersight.domain.outbox import Outbox
from snipersight.domain.venues import BUILT_IN_VENUE
from snipersight.engine.report import ScanReport
from snipersight.storage.told_signals import Payload, ToldSignals

_OF_PRICES: Final = (SignalEvent.APPROACHING, SignalEvent.TARGET_HIT)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanNotices:
    """The notices of one scan; every method may raise `StateUnavailable`.

    Args:
        account_id: whose verdicts.
        outbox: where notices are stored.
        told: signals that were told.
        reader: finds the verdicts they came from.
        top: so many signals of a scan get a message of their own, the best ones.
    """

    account_id: str
    outbox: Outbox
    told: ToldSignals
    reader: DecisionReader
    top: int

    def living(self) -> tuple[tuple[Signal, ...], tuple[str, ...]]:
        """Return the told signals that have not ended, and why some cannot be followed."""
        signals, problems = [], []
        for payload in self.told.living(self.account_id):
            try:
                signals.append(self._read(payload))
            except DataInvalid as error:
                problems.append(str(error))
        return tuple(signals), tuple(problems)

    def store_updates(self, updates: Iterable[SignalUpdate]) -> int:
        """Store what became of signals by the candles; return how much of it is new.

        Of a plan that is really traded, those who see the position are told by the ledger of its
        entry and its end, and of prices only while it is open; an audience is told all of it.
        """
        taken = self.told.taken(self.account_id)
        closed = self.told.closed(self.account_id)
        seqs = {one.get("plan_id"): one.get("seq") for one in self.told.living(self.account_id)}
        stored = 0
        for update in updates:
            plan_id = update.signal.decision.plan.plan_id
            is_told_by_ledger = plan_id in taken and update.event not in _OF_PRICES
            payload = _payload(update, is_for_audience=is_told_by_ledger or plan_id in closed)
            # Of the verdict that was told: the plan may have been judged otherwise since.
            seq = seqs.get(plan_id)
            told = replace(payload, seq=seq if isinstance(seq, int) else None)
            stored += self.outbox.put(notice_draft(told))
        return stored

    def new_signals(self, batch: str) -> tuple[SignalPayload, ...]:
        """Return the signals of a scan that nobody was told of yet, best first."""
        waiting = map(decode_payload, self.told.waiting(self.account_id, batch))
        return tuple(payload for payload in waiting if isinstance(payload, SignalPayload))

    def told_alone(self, new: Sequence[SignalPayload]) -> tuple[SignalPayload, ...]:
        """Return the signals that get a message of their own, best first.

        The best ones do; and those that people are asked about, because the summary has no buttons.
        """
        return (*new[: self.top], *(one for one in new[self.top :] if one.is_offered))

    def let_go(self, signal: SignalPayload) -> int:
        """Let one signal be told before its batch is closed; return how many notices that is."""
        key = thread_of(signal.account, signal.plan_id)
        return self.outbox.release(signal.batch, key=key)

    def close_batch(
        self, batch: str, report: ScanReport, new: Sequence[SignalPayload] | None = None
    ) -> int:
        """Sum up a scan with new signals, and let them go; return how many notices that is.

        Args:
            batch: of the scan.
            report: of the scan.
            new: its new signals, those that were let go before among them; None: all that wait.
        """
        new = self.new_signals(batch) if new is None else tuple(new)
        if new:
            alone = self.told_alone(new)
            others = [thread_of(one.account, one.plan_id) for one in new if one not in alone]
            self.outbox.put_instead(notice_draft(self._summary(batch, report, new)), others)
        return self.outbox.release(batch)

    def _read(self, payload: Payload) -> Signal:
        notice = read_notice(decode_payload(payload), self.reader)
        if not isinstance(notice, Signal):
            raise DataInvalid(f"is told as a signal and is none: {payload.get('kind')!r}")
        return notice

    def _summary(
        self, batch: str, report: ScanReport, new: tuple[SignalPayload, ...]
    ) -> SummaryPayload:
        return SummaryPayload(
            account=self.account_id,
            batch=batch,
            profile=report.profile.name,
            venue=report.venue,
            as_of_ms=report.as_of_ms,
            seqs=tuple(payload.seq for payload in new),
            funnel=report.funnel,
            scanned=len(report.universe),
            regimes=report.regimes,
            is_practice=report.venue == BUILT_IN_VENUE,
        )


def _payload(update: SignalUpdate, *, is_for_audience: bool) -> UpdatePayload:
    plan = update.signal.decision.plan
    return UpdatePayload(
        account=update.signal.account_id,
        plan_id=plan.plan_id,
        event=update.event,
        at_ms=update.at_ms,
        price=update.price,
        target=update.target,
        net_r=update.net_r,
        is_actual=update.is_actual,
        detail=update.detail,
        is_practice=plan.venue == BUILT_IN_VENUE,
        is_for_audience=is_for_audience,
    )
