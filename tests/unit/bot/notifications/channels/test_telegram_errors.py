import json

import pytest

from snipersight.bot.notifications.channels.telegram_errors import outcome_of_refusal, read_answer
from snipersight.domain.channels import Moved, SendOutcome, Stopped, TryAgain, Unsendable

HTML = b"<html><head><title>502 Bad Gateway</title></head></html>"


def refused(status: int, description: str, **parameters: object) -> SendOutcome:
    body = {"ok": False, "error_code": status, "description": description}
    more = {"parameters": parameters} if parameters else {}
    answer = read_answer(status, json.dumps(body | more).encode())
    assert not answer.is_success
    return outcome_of_refusal(answer)


@pytest.mark.parametrize(
    "description",
    [
        "Bad Request: chat not found",
        "Bad Request: chat_id is empty",
        "Bad Request: message thread not found",
        "Bad Request: not enough rights to send text messages to the chat",
        "Bad Request: need administrator rights in the channel chat",
        "Bad Request: TOPIC_CLOSED",
        "Bad Request: CHAT_WRITE_FORBIDDEN",
        "Bad Request: PEER_ID_INVALID",
    ],
)
def test_a_chat_that_cannot_be_had_is_stopped(description: str) -> None:
    outcome = refused(400, description)
    assert isinstance(outcome, Stopped)
    assert not outcome.is_whole_channel
    assert outcome.error.startswith(f"{description} — ")


@pytest.mark.parametrize(
    "description",
    [
        "Forbidden: bot was blocked by the user",
        "Forbidden: user is deactivated",
        "Forbidden: bot was kicked from the supergroup chat",
        "Forbidden: bot is not a member of the channel chat",
        "Forbidden: bot can't initiate conversation with a user",
    ],
)
def test_a_chat_that_shut_the_bot_out_is_stopped(description: str) -> None:
    outcome = refused(403, description)
    assert isinstance(outcome, Stopped)
    assert not outcome.is_whole_channel
    assert "snipersight notify retry" in outcome.error


@pytest.mark.parametrize(
    ("status", "description"),
    [
        (401, "Unauthorized"),
        (401, "Unauthorized: invalid token specified"),
        (404, "Not Found"),
    ],
)
def test_a_wrong_token_stops_the_channel(status: int, description: str) -> None:
    outcome = refused(status, description)
    assert isinstance(outcome, Stopped)
    assert outcome.is_whole_channel
    assert "TELEGRAM_BOT_TOKEN" in outcome.error


@pytest.mark.parametrize(
    "description",
    [
        "Bad Request: PHOTO_INVALID_DIMENSIONS",
        "Bad Request: IMAGE_PROCESS_FAILED",
        "Bad Request: wrong file identifier/HTTP URL specified",
        "Bad Request: failed to get HTTP URL content",
        "Bad Request: wrong type of the web page content",
        "Bad Request: file is too big",
        "Bad Request: not enough rights to send photos to the chat",
        "Bad Request: CHAT_SEND_PHOTOS_FORBIDDEN",
        "Bad Request: can't parse entities: unsupported parse_mode",
        "Bad Request: ENTITY_BOUNDS_INVALID",
        "Bad Request: message is too long",
        "Bad Request: message text is empty",
    ],
)
def test_what_this_one_form_is_refused_for_concerns_it_alone(description: str) -> None:
    assert refused(400, description) == Unsendable(error=description)


@pytest.mark.parametrize(
    ("asked", "after_s"), [(7, 7.0), (1.5, 1.5), (-3, 0.0), ("x", None), (float("inf"), None)]
)
def test_too_many_requests_wait_as_long_as_asked(asked: object, after_s: float | None) -> None:
    words = "Too Many Requests: retry after 7"
    outcome = refused(429, words, retry_after=asked)
    assert outcome == TryAgain(error=words, after_s=after_s)


def test_too_many_requests_by_a_proxy_are_tried_again() -> None:
    outcome = outcome_of_refusal(read_answer(429, HTML))
    assert outcome == TryAgain(error="answer 429 that is not Telegram's")


def test_an_upgraded_group_has_moved() -> None:
    words = "Bad Request: group chat was upgraded to a supergroup chat"
    assert refused(400, words, migrate_to_chat_id=-1001) == Moved(address="-1001")
    assert isinstance(refused(400, words), Stopped)


@pytest.mark.parametrize("status", [500, 502, 503, 504, 520])
@pytest.mark.parametrize("body", [HTML, b"", b"[]", b'{"ok":false,"description":"Bad Gateway"}'])
def test_a_server_error_may_have_delivered(status: int, body: bytes) -> None:
    outcome = outcome_of_refusal(read_answer(status, body))
    assert isinstance(outcome, TryAgain)
    assert outcome.is_ambiguous
    assert not outcome.is_whole_channel


@pytest.mark.parametrize("body", [HTML, b'{"ok":false,"error_code":413,"description":"too large"}'])
def test_a_request_too_large_is_refused_for_good(body: bytes) -> None:
    assert isinstance(outcome_of_refusal(read_answer(413, body)), Unsendable)


def test_two_pollers_are_no_reason_to_give_up() -> None:
    outcome = refused(409, "Conflict: terminated by other getUpdates request")
    assert isinstance(outcome, TryAgain)
    assert not outcome.is_ambiguous


@pytest.mark.parametrize(
    ("status", "is_ambiguous"), [(404, False), (403, False), (302, False), (200, True)]
)
def test_an_answer_that_is_not_telegram_s_stops_nothing(status: int, is_ambiguous: bool) -> None:
    outcome = outcome_of_refusal(read_answer(status, HTML))
    assert isinstance(outcome, TryAgain)
    assert outcome.is_ambiguous is is_ambiguous
    assert "TELEGRAM_API_URL" in outcome.error


def test_a_failure_under_a_status_of_success_is_a_failure() -> None:
    body = b'{"ok":false,"error_code":403,"description":"Forbidden: bot was blocked by the user"}'
    assert isinstance(outcome_of_refusal(read_answer(200, body)), Stopped)


def test_a_success_carries_the_message_id() -> None:
    answer = read_answer(200, b'{"ok":true,"result":{"message_id":42}}')
    assert answer.is_success
    assert answer.message_id == "42"


def test_no_token_and_no_endless_text_stands_in_an_error() -> None:
    token = "123456789:" + "A" * 35
    outcome = refused(400, f"Bad Request: https://api.telegram.org/bot{token}/x " + "y" * 5000)
    assert isinstance(outcome, Unsendable)
    assert token not in outcome.error
    assert len(outcome.error) <= 300
