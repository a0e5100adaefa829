"""What Telegram's answers mean for a message: arrived, try again, stop, or never.

Libraries sort answers into exceptions and lose on the way what decides here: the status of an
answer that is not JSON, and whether the request had left. So the answer itself is read.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from snipersight.bot.telemetry.masking import mask
from snipersight.domain.channels import Moved, SendOutcome, Stopped, TryAgain, Unsendable

# 400s about the chat, in small letters: nothing gets there until somebody changes something.
_CHAT_REFUSALS: Final = {
    "chat not found": "check TELEGRAM_CHAT_ID, and write to the bot once from that chat",
    "chat_id is empty": "set TELEGRAM_CHAT_ID",
    "message thread not found": "the topic is gone: choose another chat",
    "topic_closed": "open the topic again, or choose another chat",
    "topic_deleted": "the topic is gone: choose another chat",
    "not enough rights": "let the bot write there",
    "have no rights": "let the bot write there",
    "need administrator rights": "make the bot an administrator of the channel",
    "chat_write_forbidden": "let the bot write there",
    "chat_admin_required": "make the bot an administrator of the channel",
    "chat_restricted": "let the bot write there",
    "user_is_blocked": "unblock the bot in that chat",
    "peer_id_invalid": "check TELEGRAM_CHAT_ID, and write to the bot once from that chat",
    "group chat was deactivated": "choose another chat",
    "group chat was upgraded": "set the chat's new id",
}
_PICTURE_WORDS: Final = ("photo", "media", "image")  # a refusal of the picture, not of the chat
_FORBIDDEN_HINT: Final = "unblock or add the bot there, then `snipersight notify retry`"
_TOKEN_HINT: Final = "check TELEGRAM_BOT_TOKEN with @BotFather, then `snipersight notify retry`"  # noqa: S105 - no password
_LONGEST_REASON: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer of the Bot API.

    Args:
        status: of HTTP.
        is_telegrams: it is JSON as Telegram writes it; else somebody on the way answered.
        description: Telegram's words; empty if there are none.
        retry_after_s: seconds to wait, as asked; None where nothing was asked.
        moved_to: new id of a group that was upgraded; None for others.
        message_id: of the message that was sent; empty if none was.
    """

    status: int
    is_telegrams: bool
    description: str = ""
    retry_after_s: float | None = None
    moved_to: str | None = None
    message_id: str = ""

    @property
    def is_success(self) -> bool:
        """Return whether Telegram has carried the request out."""
        return self.is_telegrams and HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES


def read_answer(status: int, body: bytes) -> Answer:
    """Return what an answer says, whatever it is."""
    try:
        fields = json.loads(body)
    except ValueError:  # HTML of a proxy, or a body cut off
        return Answer(status=status, is_telegrams=False)
    if not isinstance(fields, dict) or not isinstance(fields.get("ok"), bool):
        return Answer(status=status, is_telegrams=False)
    if fields["ok"] is False and status < HTTPStatus.MULTIPLE_CHOICES:
        code = fields.get("error_code")
        status = code if isinstance(code, int) else HTTPStatus.BAD_REQUEST
    parameters, result = _mapping(fields.get("parameters")), _mapping(fields.get("result"))
    return Answer(
        status=status,
        is_telegrams=True,
        description=str(fields.get("description", "")),
        retry_after_s=_seconds(parameters.get("retry_after")),
        moved_to=_identifier(parameters.get("migrate_to_chat_id")),
        message_id=_identifier(result.get("message_id")) or "",
    )


def outcome_of_refusal(answer: Answer) -> SendOutcome:
    """Return what an answer that is no success means for the message."""
    if answer.moved_to is not None:
        return Moved(address=answer.moved_to)
    if answer.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return Unsendable(error=_reason(answer))
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return TryAgain(error=_reason(answer), after_s=answer.retry_after_s)
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return TryAgain(error=_reason(answer), is_ambiguous=True)
    return _of_telegram(answer) if answer.is_telegrams else _of_somebody_else(answer)


def _of_somebody_else(answer: Answer) -> TryAgain:
    reason = _reason(answer, "this is not Telegram: check TELEGRAM_API_URL and any proxy")
    # A success without Telegram's JSON may be Telegram's, cut off on the way.
    is_success = answer.status < HTTPStatus.MULTIPLE_CHOICES
    return TryAgain(error=reason, is_ambiguous=is_success, is_whole_channel=not is_success)


def _of_telegram(answer: Answer) -> SendOutcome:
    status = answer.status
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND):
        return Stopped(error=_reason(answer, _TOKEN_HINT), is_whole_channel=True)
    if status == HTTPStatus.FORBIDDEN:
        return Stopped(error=_reason(answer, _FORBIDDEN_HINT), is_whole_channel=False)
    if status == HTTPStatus.CONFLICT:
        return TryAgain(error=_reason(answer, "another program uses the same bot"))
    if status == HTTPStatus.BAD_REQUEST and (hint := _chat_refusal(answer)) is not None:
        return Stopped(error=_reason(answer, hint), is_whole_channel=False)
    return Unsendable(error=_reason(answer))


def _chat_refusal(answer: Answer) -> str | None:
    text = answer.description.lower()
    if any(word in text for word in _PICTURE_WORDS):
        return None
    return next((hint for words, hint in _CHAT_REFUSALS.items() if words in text), None)


def _reason(answer: Answer, hint: str = "") -> str:
    said = answer.description or f"answer {answer.status} that is not Telegram's"
    text = mask(said)[:_LONGEST_REASON]
    return f"{text} — {hint}" if hint else text


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _identifier(value: object) -> str | None:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if is_number else None


def _seconds(value: object) -> float | None:
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not math.isfinite(value):
        return None
    return max(float(value), 0.0)
