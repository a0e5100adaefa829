import subprocess
import sys
from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

import pytest

from snipersight.bootstrap.score_meaning import (
    ScoreMeanings,
    meaning_name,
    refresh_after_scan,
    refresh_meaning,
    stored_meaning,
)
from snipersight.domain.evidence import Origin, OutcomeStatus
from snipersight.storage.key_value import KeyValueStore
from tests.builders.evidence import a_scan, a_signal, an_outcome
from tests.builders.notices import a_signal as a_told_signal
from tests.fakes.memory_evidence import MemoryEvidence

DAY = 1_440  # signals of the builder are a minute apart
KEY = ("main", Origin.LIVE, "testing")


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def key_values(database):
    return KeyValueStore(database)


def evidence_of(count: int, *, hits: int) -> MemoryEvidence:
    """Return so many closed signals of profile `testing`, a day apart, the first ones hits."""
    store = MemoryEvidence()
    add(store, range(count), hits=hits)
    return store


def add(store: MemoryEvidence, numbers: Iterable[int], *, hits: int, **changes: Any) -> None:
    values: dict[str, Any] = {"profile": "testing", "score": 72.0} | changes
    store.record(a_scan(1), [a_signal(one * DAY, **values) for one in numbers])
    store.save_outcomes(
        an_outcome(one * DAY, status=OutcomeStatus.CLOSED, net_r=1.0 if one < hits else -1.0)
        for one in numbers
    )


def refresh(
    store: MemoryEvidence, key_values: KeyValueStore, key: tuple[str, Origin, str] = KEY
) -> bool:
    account_id, origin, profile = key
    return refresh_meaning(store, key_values, account_id=account_id, origin=origin, profile=profile)


def hits(key_values: KeyValueStore, key: tuple[str, Origin, str]) -> int | None:
    """Return the hits of a stored calibration; None without one."""
    found = stored_meaning(key_values, key)
    return None if found is None else found.hits


def test_before_anything_was_stored_nothing_is_said(key_values):
    assert ScoreMeanings(key_values)(a_told_signal()) == ""


def test_a_signal_says_what_scores_of_its_profile_have_meant(key_values):
    assert refresh(evidence_of(40, hits=16), key_values)
    assert ScoreMeanings(key_values)(a_told_signal()) == (
        "No evidence so far that a score of 72 means more than any other: 40 % hits (26–55 %) "
        "over 40 closed signals."
    )


def test_too_little_evidence_is_said_with_what_is_missing(key_values):
    refresh(evidence_of(7, hits=3), key_values)
    assert ScoreMeanings(key_values)(a_told_signal()) == (
        "Too little evidence: 7 closed, 30 needed."
    )


def test_evidence_of_another_account_origin_or_profile_is_not_used(key_values):
    store = evidence_of(40, hits=16)
    add(store, range(50, 90), hits=90, profile="other")
    add(store, range(100, 140), hits=140, origin=Origin.PRACTICE)
    refresh(store, key_values)
    refresh(store, key_values, ("main", Origin.LIVE, "other"))
    assert hits(key_values, KEY) == 16
    assert hits(key_values, ("main", Origin.LIVE, "other")) == 40
    assert hits(key_values, ("main", Origin.PRACTICE, "testing")) is None
    assert ScoreMeanings(key_values)(a_told_signal(is_practice=True)) == ""


def test_nothing_is_computed_while_no_further_signal_has_closed(key_values):
    store = evidence_of(40, hits=16)
    assert refresh(store, key_values)
    assert not refresh(store, key_values)
    add(store, range(40, 41), hits=50)
    assert refresh(store, key_values)
    assert hits(key_values, KEY) == 17


def test_a_batch_of_messages_asks_the_store_once_a_minute(key_values, database):
    clock = Clock()
    meanings = ScoreMeanings(key_values, clock_s=clock)
    assert meanings(a_told_signal()) == ""
    refresh(evidence_of(7, hits=3), key_values)
    clock.now_s = 59.0
    assert meanings(a_told_signal()) == ""
    clock.now_s = 60.0
    assert meanings(a_told_signal()).startswith("Too little evidence")


def test_a_store_that_is_away_makes_no_message_fail(key_values, database):
    database.close()
    assert ScoreMeanings(key_values)(a_told_signal()) == ""


def test_a_broken_entry_is_passed_over_and_computed_anew(key_values):
    refresh(evidence_of(40, hits=16), key_values)
    key_values.put(meaning_name(KEY), "{}")
    assert ScoreMeanings(key_values)(a_told_signal()) == ""
    assert refresh(evidence_of(40, hits=16), key_values)
    assert hits(key_values, KEY) == 16


def test_saying_what_a_score_meant_loads_no_statistics():
    code = (
        "import sys, snipersight.bootstrap.score_meaning, snipersight.bootstrap.notifying;"
        "print([one for one in ('scipy', 'sklearn', 'snipersight.bot.telemetry.analytics') if one in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


async def test_without_chats_a_scan_computes_nothing(key_values):
    quiet: Any = SimpleNamespace(tells=False, books=None)
    untouched: Any = None
    await refresh_after_scan(quiet, untouched, Origin.LIVE)
    assert hits(key_values, KEY) is None
