"""Whether a scan tells anybody, and what the user should know of it."""

from __future__ import annotations

from dataclasses import dataclass

from snipersight.bootstrap.channels import load_chats
from snipersight.bootstrap.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class TellingChoice:
    """What a scan does about notifications.

    Args:
        is_wanted: whether it tells the chats.
        remarks: what the user should be told of that, at most one sentence.
    """

    is_wanted: bool
    remarks: tuple[str, ...] = ()


def choose_telling(
    settings: Settings,
    *,
    wanted: bool | None,
    is_practice: bool,
    is_past: bool,
    is_what_if: bool,
) -> TellingChoice:
    """Return whether a scan tells anybody.

    Real markets are told of unless the user says otherwise; practice only on demand, because a
    chat that trades for real is no place for invented prices; the past and a made-up balance never.

    Args:
        settings: the channels.
        wanted: what the user said; None for nothing.
        is_practice: the built-in market is scanned.
        is_past: a moment was named.
        is_what_if: a balance was named.

    Raises:
        ConfigInvalid: `channels.toml` is wrong.
    """
    if wanted is False:
        return TellingChoice(is_wanted=False)
    if not load_chats(settings):
        return _silent("No notification channel is configured: signals are only shown here.")
    if is_what_if:
        return _silent("With --balance nobody is told: the account is not judged as it is.")
    if is_past:
        return _silent("With --as-of nobody is told: the past is no news.")
    if is_practice and wanted is None:
        return _silent("Practice signals are told only with --notify.")
    return TellingChoice(is_wanted=True)


def _silent(sentence: str) -> TellingChoice:
    return TellingChoice(is_wanted=False, remarks=(sentence,))
