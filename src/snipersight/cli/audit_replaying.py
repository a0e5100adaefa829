"""What `snipersight audit replay` does: judge again, and compare."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from snipersight.bootstrap.audit_judging import (
    ReplayResult,
    chain_replay,
    outcome_text,
    replay_one,
)
from snipersight.cli.audit_opening import open_for_reading
from snipersight.cli.console import progress
from snipersight.cli.exits import ExitCode
from snipersight.domain.audit import AuditRecord
from snipersight.domain.decision import Approved
from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.wording import counted
from snipersight.risk.audit.chain_replay import (
    WANTED,
    ReplayedRecord,
)

if TYPE_CHECKING:
    from snipersight.bootstrap.audit import OpenAudit
    from snipersight.domain.ledger import LedgerEntry

_MOST_SHOWN = 50
_EVERY = 50  # decisions between two steps of the progress


def run_replay(
    env_file: Path | None, which: str | None, *, every: bool, account: str | None, as_json: bool
) -> ExitCode:
    """Judge again and print what came out; `ExitCode.FOUND` if something differs."""
    if which is None and not every:
        raise ConfigInvalid(
            "nothing was named", where="audit replay", next_step="give SEQ, PLAN_ID or --all"
        )
    with open_for_reading(env_file, account, about=which) as audit:
        result = replay_all(audit) if which is None else replay_one(audit, which)
    if as_json:
        print(json.dumps(result_json(result), indent=2, ensure_ascii=False))
    elif which is None:
        print("\n".join(lines(result)))
    else:
        print("\n".join(_page(result.shown[0])))
    return ExitCode.OK if result else ExitCode.FOUND


def replay_all(audit: OpenAudit) -> ReplayResult:
    """Judge every decision again, and hold the ledger against its records."""
    chain = chain_replay(audit)
    shown: list[ReplayedRecord] = []
    ends = audit.log.ends(audit.account_id)
    with progress() as tell:
        for judged in chain.run(_up_to(audit, ends.head.seq)):
            if not judged.replayed and len(shown) < _MOST_SHOWN:
                shown.append(judged)
            if chain.summary.decisions % _EVERY == 0:
                tell("replaying", judged.record.seq - ends.base.seq, ends.head.seq - ends.base.seq)
    ledger = None
    if ends.base.seq == 0:
        live, head_seq = _ledger(audit)
        # What was recorded meanwhile changed the ledger too: then it cannot be compared.
        ledger = chain.ledger_difference(live) if head_seq == ends.head.seq else None
    return ReplayResult(
        summary=chain.summary, shown=tuple(shown), account_id=audit.account_id, ledger=ledger
    )


def _up_to(audit: OpenAudit, last_seq: int) -> Iterator[AuditRecord]:
    for record in audit.log.records(audit.account_id, WANTED):
        if record.seq > last_seq:
            return
        yield record


def _ledger(audit: OpenAudit) -> tuple[tuple[LedgerEntry, ...], int]:
    return audit.decisions.view(
        audit.account_id, lambda unit: (unit.live_entries(), unit.account.head.seq)
    )


def lines(result: ReplayResult) -> Iterator[str]:
    """Yield the sum of a replay and what does not agree."""
    summary = result.summary
    yield f"Account {result.account_id}"
    for judged in result.shown:
        yield f"record {judged.record.seq}: {outcome_text(judged.replayed)}"
    yield (
        f"Judged {counted(summary.decisions, 'decision')} again: {summary.agree:,} the same, "
        f"{summary.differ:,} different, {summary.unknown:,} could not be judged."
    )
    if summary.policy_changed:
        yield f"Judged by limits that are others today: {summary.policy_changed:,}."
    if summary.code_changed:
        yield f"Judged by code that has changed since: {summary.code_changed:,}."
    if result.ledger is None:
        yield "The ledger was not compared with its records: the first of them are archived."
    elif result.ledger:
        yield f"The ledger differs: {result.ledger}."
    else:
        yield "The ledger is what its records say."


def _page(judged: ReplayedRecord) -> Iterator[str]:
    record, replayed = judged.record, judged.replayed
    yield f"Account {record.account_id}, record {record.seq}, {record.subject}: {outcome_text(replayed)}"
    decision = replayed.decision
    if isinstance(decision, Approved):
        yield f"  judged again: approved {decision.size}, risk {decision.risk}"
    elif decision is not None:
        yield f"  judged again: rejected: {', '.join(one.code for one in decision.failed)}"
    if replayed.policy_changes:
        yield f"  limits changed since: {'; '.join(replayed.policy_changes)}"
    if replayed.is_code_changed:
        yield "  the judging code has changed since"


def result_json(result: ReplayResult) -> dict[str, object]:
    """Return a replay as JSON values."""
    summary = result.summary
    return {
        "account": result.account_id,
        "sound": bool(result),
        "decisions": summary.decisions,
        "agree": summary.agree,
        "differ": summary.differ,
        "unknown": summary.unknown,
        "policy_changed": summary.policy_changed,
        "code_changed": summary.code_changed,
        "ledger": result.ledger,
        "shown": [
            {
                "seq": judged.record.seq,
                "subject": judged.record.subject,
                "outcome": judged.replayed.outcome.value,
                "difference": judged.replayed.difference,
                "policy_changes": list(judged.replayed.policy_changes),
                "code_changed": judged.replayed.is_code_changed,
            }
            for judged in result.shown
        ],
    }
