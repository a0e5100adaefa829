"""What a message says a score has meant: read from the store, computed when nobody waits for it."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from snipersight.bot.telemetry.calibration_json import decode_calibration, encode_calibration
from snipersight.bot.telemetry.logging import log_structured
from snipersight.domain.errors import DataInvalid, SniperSightError
from snipersight.domain.evidence import EvidenceFilter, EvidenceStore, Origin
from snipersight.domain.notices import Signal
from snipersight.domain.statistics import Calibration

if TYPE_CHECKING:
    from snipersight.bootstrap.session import Session
    from snipersight.storage.key_value import KeyValueStore

_REMEMBERED_S: Final = 60.0  # messages of one batch ask the store once
_Key = tuple[str, Origin, str]


class ScoreMeanings:
    """Says of a signal what scores like its own have meant: same account, profile and origin.

    It reads what `refresh_meaning` stored last and computes nothing, so no message waits for
    statistics. Whatever is missing or broken makes the sentence empty, never an error: the
    message then says that nothing is known.

    Args:
        key_values: where calibrations are stored.
        clock_s: seconds, never going back.
    """

    def __init__(
        self, key_values: KeyValueStore, *, clock_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._key_values: Final = key_values
        self._clock_s: Final = clock_s
        self._known: Final[dict[_Key, tuple[float, Calibration | None]]] = {}

    def __call__(self, signal: Signal) -> str:
        """Return the sentence for a signal; empty where nothing is known."""
        plan = signal.decision.plan
        origin = Origin.PRACTICE if signal.is_practice else Origin.LIVE
        found = self._calibration((signal.account_id, origin, plan.profile))
        return "" if found is None else _as_sentence(found.meaning_of(plan.confluence.score))

    def _calibration(self, key: _Key) -> Calibration | None:
        now_s = self._clock_s()
        read_s, found = self._known.get(key, (float("-inf"), None))
        if now_s - read_s >= _REMEMBERED_S:
            found = self._read(key)
            self._known[key] = (now_s, found)
        return found

    def _read(self, key: _Key) -> Calibration | None:
        try:
            return stored_meaning(self._key_values, key)
        except SniperSightError as error:
            told = f"what scores have meant cannot be read: {error}"
            log_structured(told, level="WARNING", stage="notifications")
            return None


def stored_meaning(key_values: KeyValueStore, key: tuple[str, Origin, str]) -> Calibration | None:
    """Return the calibration that was stored last; None if there is none.

    Args:
        key_values: where it is stored.
        key: account, origin and profile.

    Raises:
        StateUnavailable: the store cannot be read.
        DataInvalid: what is stored is no calibration.
    """
    held = key_values.get(meaning_name(key))
    return None if held is None else decode_calibration(held.value)


def refresh_meaning(
    evidence: EvidenceStore,
    key_values: KeyValueStore,
    *,
    account_id: str,
    origin: Origin,
    profile: str,
) -> bool:
    """Compute anew what scores of a profile have meant, and store it; return whether it changed.

    Nothing is computed while no further signal has closed: the statistics take longer to load
    than a scan of one symbol takes.

    Raises:
        StateUnavailable: a store cannot be used; what was stored stays.
    """
    from snipersight.bot.telemetry.analytics import Analytics

    key = (account_id, origin, profile)
    wanted = EvidenceFilter(account_id=account_id, origin=origin, profile=profile)
    view = Analytics(store=evidence).view(wanted)
    known = _known_or_none(key_values, key)
    hit_rate = view.hit_rate()
    if known is not None and (known.n, known.hits) == (hit_rate.closed, hit_rate.hits):
        return False
    key_values.put(meaning_name(key), encode_calibration(view.calibration))
    return True


async def refresh_after_scan(session: Session, evidence: EvidenceStore, origin: Origin) -> None:
    """Let the messages of the next scan know what closed until this one; nothing without chats.

    Raises:
        StateUnavailable: a store cannot be used; what was stored stays.
    """
    if not session.tells or session.books is None:
        return
    await asyncio.to_thread(
        refresh_meaning,
        evidence,
        session.books.store.key_values,
        account_id=session.account.account_id,
        origin=origin,
        profile=session.request.profile.name,
    )


def _known_or_none(key_values: KeyValueStore, key: _Key) -> Calibration | None:
    try:
        return stored_meaning(key_values, key)
    except DataInvalid:
        return None  # of another version, or broken: it is computed anew


def meaning_name(key: _Key) -> str:
    """Return the key of a stored calibration, short whatever account and profile are called."""
    digest = hashlib.sha256("|".join(key).encode()).hexdigest()
    return f"score_meaning:{digest[:32]}"


def _as_sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
