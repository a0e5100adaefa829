"""Signals as rows: what many share, what each has, and its long texts."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from snipersight.domain.direction import Direction
from snipersight.domain.evidence import (
    Origin,
    SignalKey,
    SignalRecord,
    Verdict,
)
from snipersight.domain.instrument import MarketKind
from snipersight.domain.plan import PlanId, SetupId
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Symbol
from snipersight.storage.row_codecs import Unreadable
from snipersight.storage.telemetry.tables import SIGNAL_GROUP
from snipersight.storage.telemetry.terms_text import terms_from_text, terms_to_text

if TYPE_CHECKING:
    from sqlalchemy import Row

Values = dict[str, object]
GROUPED: Final = tuple(column.name for column in SIGNAL_GROUP.columns if column.name != "id")


def group_row(signal: SignalRecord) -> Values:
    """Return what a signal shares with others, under a number made of it."""
    texts: dict[str, str] = {
        "account_id": signal.account_id,
        "origin": signal.origin.value,
        "profile": signal.profile,
        "profile_hash": signal.profile_hash,
        "venue": signal.venue,
        "symbol": signal.symbol,
        "market": signal.market.value,
        "timeframe": signal.timeframe.name,
        "direction": signal.direction.value,
        "trade_type": signal.trade_type,
        "verdict": signal.verdict.value,
        "reason": signal.reason,
        "tier": signal.tier,
        "regime": signal.regime,
        "leader": signal.leader,
        "session": signal.session,
    }
    return {"id": _number_of(texts[name] for name in GROUPED), **texts}


def signal_row(signal: SignalRecord, *, group_id: object) -> Values:
    """Return what a signal has of its own.

    Raises:
        ValueError: a number is NaN or infinite.
    """
    require_finite(signal.key, signal.score, signal.risk_reward)
    return {
        "key": signal.key,
        "group_id": group_id,
        "decided_ms": signal.decided_ms,
        "score": float(signal.score),
        "risk_reward": float(signal.risk_reward),
        "is_approved": signal.verdict is Verdict.APPROVED,
        "judged_ms": signal.judged_ms,
        "plan_id": signal.plan_id,
        "setup_id": signal.setup_id,
        "context_id": signal.context_id,
        "factors": numbers_to_text(signal.factors),
    }


def text_row(signal: SignalRecord) -> Values:
    """Return the long texts of a signal.

    Raises:
        ValueError: a number is NaN or infinite.
    """
    return {"key": signal.key, "terms": terms_to_text(signal.terms), "plan": signal.plan_json}


def signal_of(row: Row[*tuple[Any, ...]]) -> SignalRecord:
    """Return the signal of a row that joins its three tables.

    Raises:
        Unreadable: the row is none that `signal_row` and its like have made.
    """
    try:
        return SignalRecord(
            key=SignalKey(row.key),
            account_id=row.account_id,
            plan_id=PlanId(row.plan_id),
            setup_id=SetupId(row.setup_id),
            origin=Origin(row.origin),
            context_id=row.context_id,
            profile=row.profile,
            profile_hash=row.profile_hash,
            venue=row.venue,
            symbol=Symbol(row.symbol),
            market=MarketKind(row.market),
            timeframe=Timeframe.parse(row.timeframe),
            direction=Direction(row.direction),
            trade_type=row.trade_type,
            decided_ms=row.decided_ms,
            judged_ms=row.judged_ms,
            verdict=Verdict(row.verdict),
            reason=row.reason,
            score=row.score,
            tier=row.tier,
            risk_reward=row.risk_reward,
            regime=row.regime,
            leader=row.leader,
            session=row.session,
            factors=numbers_from_text(row.factors),
            terms=terms_from_text(row.terms),
            plan_json=row.plan,
        )
    except (ValueError, TypeError) as error:
        raise Unreadable(f"signal {row.key}: {error}") from error


def numbers_to_text(numbers: Mapping[str, float]) -> str:
    """Return numbers by name as JSON.

    Raises:
        ValueError: one is NaN or infinite.
    """
    return json.dumps(dict(numbers), allow_nan=False, ensure_ascii=False, separators=(",", ":"))


def numbers_from_text(text: str) -> dict[str, float]:
    """Return the numbers of a text that `numbers_to_text` has made.

    Raises:
        Unreadable: it is another text.
    """
    found = json.loads(text)
    if not isinstance(found, dict):
        raise Unreadable(f"{text[:80]!r} holds no numbers by name")
    return found


def require_finite(key: str, *numbers: float) -> None:
    """Raise a ValueError that names the signal if a number is NaN or infinite."""
    if not all(map(math.isfinite, numbers)):
        raise ValueError(f"a number of signal {key} is not finite")


def _number_of(texts: Iterable[str]) -> int:
    body = json.dumps(list(texts), ensure_ascii=False).encode()
    return int.from_bytes(hashlib.sha256(body).digest()[:8], signed=True)
