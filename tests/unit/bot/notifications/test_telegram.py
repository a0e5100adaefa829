import asyncio
import json
import logging
import socket
from pathlib import Path

import pytest

from snipersight.bot.notifications.channels.direct import Patience
from snipersight.bot.notifications.telegram import TelegramNotifier
from snipersight.domain.channels import (
    Body,
    Button,
    Delivered,
    Rendered,
    SendOutcome,
    Stopped,
    TryAgain,
    Unsendable,
)
from snipersight.domain.errors import ConfigInvalid
from tests.builders.notices import a_signal, a_summary, an_alert
from tests.builders.pictures import a_picture, png
from tests.fakes.scripted_http import Asked, Reply, ScriptedHttp

TOKEN = "4242424242:sniper-token_that_must_never_show"
HASTY = Patience(attempts=3, base_s=0.001, longest_pause_s=0.001, between_s=0.0, longest_wait_s=5.0)
MESSAGE = {
    "message_id": 42,
    "date": 1_700_000_000,
    "chat": {"id": 7, "type": "private", "first_name": "You"},
}
TAKEN = Reply(body=json.dumps({"ok": True, "result": MESSAGE}).encode())


def refused(status: int, description: str, **parameters: object) -> Reply:
    answer: dict[str, object] = {"ok": False, "error_code": status, "description": description}
    if parameters:
        answer["parameters"] = parameters
    return Reply(status=status, body=json.dumps(answer).encode())


def a_notifier(
    server: ScriptedHttp, *, token: str = TOKEN, timeout_s: float = 5.0
) -> TelegramNotifier:
    return TelegramNotifier(token, "7", api_url=server.url, patience=HASTY, timeout_s=timeout_s)


def a_body(markdown: str = "**a** b", picture: Path | None = None, *, silent: bool = False) -> Body:
    notifier = TelegramNotifier(TOKEN)
    path = None if picture is None else str(picture)
    message = Rendered(title="t", markdown=markdown, picture=path, is_silent=silent)
    return notifier.prepare(message)[0]


async def sent(
    *replies: Reply, body: Body | None = None, reply_to: str = "", timeout_s: float = 5.0
) -> tuple[SendOutcome, list[Asked]]:
    async with ScriptedHttp(*replies) as server:
        notifier = a_notifier(server, timeout_s=timeout_s)
        outcome = await notifier.send("7", body or a_body(), key="k", reply_to=reply_to)
        await notifier.close()
    return outcome, server.asked


async def test_a_text_goes_out_with_entities_and_no_parse_mode() -> None:
    outcome, (asked,) = await sent(TAKEN, body=a_body(silent=True), reply_to="41")
    assert outcome == Delivered(message_id="42")
    assert asked.path == f"/bot{TOKEN}/sendMessage"
    assert json.loads(asked.fields["entities"]) == [{"type": "bold", "offset": 0, "length": 1}]
    assert json.loads(asked.fields["link_preview_options"]) == {"is_disabled": True}
    assert json.loads(asked.fields["reply_parameters"]) == {
        "message_id": 41,
        "allow_sending_without_reply": True,
    }
    rest = {name: asked.fields[name] for name in ("chat_id", "text", "disable_notification")}
    assert rest == {"chat_id": "7", "text": "a b", "disable_notification": "true"}
    assert not {"parse_mode", "reply_markup"} & asked.fields.keys()


@pytest.mark.parametrize("has_picture", [False, True])
async def test_buttons_go_out_with_the_message(tmp_path: Path, has_picture: bool) -> None:
    rows = ((Button(text="Approve", data="a:1:x"),), (Button(text="Why", data="w:1:x"),))
    path = str(a_picture(tmp_path)) if has_picture else None
    message = Rendered(title="t", markdown="a", picture=path, buttons=rows)
    _, (asked,) = await sent(TAKEN, body=TelegramNotifier(TOKEN).prepare(message)[0])
    assert json.loads(asked.fields["reply_markup"]) == {
        "inline_keyboard": [
            [{"text": "Approve", "callback_data": "a:1:x"}],
            [{"text": "Why", "callback_data": "w:1:x"}],
        ]
    }


async def test_a_picture_goes_out_with_its_caption(tmp_path: Path) -> None:
    picture = a_picture(tmp_path)
    outcome, (asked,) = await sent(TAKEN, body=a_body(picture=picture))
    assert outcome == Delivered(message_id="42")
    assert asked.path.endswith("/sendPhoto")
    assert asked.fields["caption"] == "a b"
    assert json.loads(asked.fields["caption_entities"])[0]["type"] == "bold"
    assert list(asked.files.values()) == [picture.read_bytes()]


@pytest.mark.parametrize("content", [None, b"no picture", png(300, 2)])
async def test_without_a_picture_that_fits_the_words_arrive(
    tmp_path: Path, content: bytes | None
) -> None:
    picture = tmp_path / "gone.png" if content is None else a_picture(tmp_path, content)
    outcome, (asked,) = await sent(TAKEN, body=a_body(picture=picture))
    assert outcome == Delivered(message_id="42")
    assert asked.path.endswith("/sendMessage")
    assert (asked.fields["text"], "entities" in asked.fields) == ("a b", True)


@pytest.mark.parametrize(
    "refusal",
    [
        refused(400, "Bad Request: PHOTO_INVALID_DIMENSIONS"),
        refused(400, "Bad Request: IMAGE_PROCESS_FAILED"),
        refused(400, "Bad Request: not enough rights to send photos to the chat"),
        Reply(status=413, body=b"<html><h1>413 Request Entity Too Large</h1></html>"),
    ],
)
async def test_a_picture_that_is_refused_is_left_out(tmp_path: Path, refusal: Reply) -> None:
    body = a_body(picture=a_picture(tmp_path))
    outcome, asked = await sent(refusal, TAKEN, body=body)
    assert outcome == Delivered(message_id="42")
    assert [one.path.rpartition("/")[2] for one in asked] == ["sendPhoto", "sendMessage"]
    assert (asked[1].fields["text"], "entities" in asked[1].fields) == ("a b", True)


async def test_a_format_that_is_refused_is_left_out_once() -> None:
    refusal = refused(400, "Bad Request: can't parse entities: wrong offset")
    outcome, (first, second) = await sent(refusal, TAKEN)
    assert outcome == Delivered(message_id="42")
    assert ("entities" in first.fields, "entities" in second.fields) == (True, False)
    assert second.fields["text"] == "a b"


async def test_what_is_refused_even_plain_is_unsendable(tmp_path: Path) -> None:
    body = a_body(picture=a_picture(tmp_path))
    outcome, asked = await sent(refused(400, "Bad Request: never"), body=body)
    assert outcome == Unsendable(error="Bad Request: never")
    assert len(asked) == 3


@pytest.mark.parametrize(
    "reply",
    [
        refused(403, "Forbidden: bot was blocked by the user"),
        refused(401, "Unauthorized"),
        refused(429, "Too Many Requests: retry after 9", retry_after=9),
        Reply(status=502, body=b"<html>Bad Gateway</html>"),
        Reply(status=200, body=b"<html>log in to this network</html>"),
    ],
)
async def test_nothing_is_sent_again_that_may_have_arrived_or_cannot(reply: Reply) -> None:
    outcome, asked = await sent(reply)
    assert len(asked) == 1
    assert isinstance(outcome, (Stopped, TryAgain))


@pytest.mark.parametrize("value", ["false", "true"])
async def test_the_wait_is_in_seconds_whatever_the_library_makes_of_it(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", value)
    outcome, _ = await sent(refused(429, "Too Many Requests: retry after 9", retry_after=9))
    assert outcome == TryAgain(error="Too Many Requests: retry after 9", after_s=9.0)


async def test_a_connection_lost_after_the_request_left_is_ambiguous() -> None:
    outcome, _ = await sent(Reply(hang_up=True))
    assert isinstance(outcome, TryAgain)
    assert outcome.is_ambiguous
    assert not outcome.is_whole_channel


async def test_no_answer_in_time_is_ambiguous() -> None:
    outcome, _ = await sent(Reply(after_s=2.0), timeout_s=0.3)
    assert outcome == TryAgain(error="no answer within 0.3 s", is_ambiguous=True)


async def test_a_network_that_is_down_is_not_ambiguous() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        notifier = TelegramNotifier(TOKEN, "7", api_url=url)
        outcome = await notifier.send("7", a_body(), key="k")
        await notifier.close()
    assert isinstance(outcome, TryAgain)
    assert (outcome.is_ambiguous, outcome.is_whole_channel) == (False, True)


async def test_a_message_taken_but_described_strangely_was_delivered() -> None:
    strange = json.dumps({"ok": True, "result": {"message_id": 42, "chat": 5}}).encode()
    outcome, asked = await sent(Reply(body=strange))
    assert outcome == Delivered(message_id="42")
    assert len(asked) == 1


@pytest.mark.parametrize("token", ["no colon", "012:abc", "12:a/../b", "1:" + "a" * 80, "1:ä"])
async def test_a_token_without_the_shape_of_one_goes_nowhere(token: str) -> None:
    async with ScriptedHttp(TAKEN) as server:
        notifier = a_notifier(server, token=token)
        outcome = await notifier.send("7", a_body(), key="k")
    assert isinstance(outcome, Stopped)
    assert outcome.is_whole_channel
    assert "TELEGRAM_BOT_TOKEN" in outcome.error
    assert server.asked == []


async def test_a_body_of_somebody_else_is_unsendable() -> None:
    outcome, asked = await sent(TAKEN, body={"method": "banChat"})
    assert isinstance(outcome, Unsendable)
    assert asked == []


def test_one_notifier_serves_one_event_loop_after_another() -> None:
    async def once() -> tuple[SendOutcome, int]:
        async with ScriptedHttp(TAKEN) as server:
            notifier._api_url = server.url
            outcome = await notifier.send("7", a_body(), key="k")
            await notifier.close()
            return outcome, len(server.asked)

    notifier = TelegramNotifier(TOKEN, "7")
    assert [asyncio.run(once()) for _ in range(2)] == [(Delivered(message_id="42"), 1)] * 2


async def test_many_messages_at_once_share_the_connections() -> None:
    async with ScriptedHttp(Reply(body=TAKEN.body, after_s=0.05)) as server:
        notifier = a_notifier(server)
        outcomes = await asyncio.gather(
            *(notifier.send(str(chat), a_body(), key=str(chat)) for chat in range(60))
        )
        await notifier.close()
    assert set(outcomes) == {Delivered(message_id="42")}
    assert {one.fields["chat_id"] for one in server.asked} == {str(chat) for chat in range(60)}


async def test_send_message_is_true_once_every_part_arrived() -> None:
    text = "\n".join(f"**line {number}**" for number in range(600))
    async with ScriptedHttp(TAKEN) as server:
        notifier = a_notifier(server)
        assert await notifier.send_message(text, parse_mode="MarkdownV2") is True
        await notifier.close()
    parts = [asked.fields["text"] for asked in server.asked]
    assert len(parts) == 2
    assert "\n".join(parts) == text.replace("**", "")
    assert not any("parse_mode" in asked.fields for asked in server.asked)


async def test_send_message_is_false_if_the_last_part_did_not_arrive() -> None:
    async with ScriptedHttp(
        TAKEN, refused(403, "Forbidden: bot was blocked by the user")
    ) as server:
        notifier = a_notifier(server)
        assert await notifier.send_message("x" * 5000) is False
        assert await notifier.send_message(" \n") is False
        await notifier.close()


async def test_direct_messages_are_tried_again_and_follow_the_chat() -> None:
    moved = refused(400, "Bad Request: group chat was upgraded", migrate_to_chat_id=-1007)
    busy = refused(429, "Too Many Requests: retry after 0", retry_after=0.01)
    async with ScriptedHttp(busy, moved, TAKEN) as server:
        notifier = a_notifier(server)
        assert await notifier.send_message("a") is True
        assert await notifier.send_message("b") is True
        await notifier.close()
    assert [asked.fields["chat_id"] for asked in server.asked] == ["7", "7", "-1007", "-1007"]


async def test_a_summary_and_an_alert_reach_the_chat() -> None:
    signal = a_signal()
    async with ScriptedHttp(TAKEN) as server:
        notifier = a_notifier(server)
        assert await notifier.send_batch_summary(a_summary(signal), top_n=1)
        assert await notifier.send_batch_summary([signal])
        assert await notifier.send_alert(an_alert(text="disk full: *stop*"))
        assert await notifier.send_alert("gate failed: a_b_c")
        await notifier.close()
    texts = [asked.fields["text"] for asked in server.asked]
    symbol = signal.decision.plan.symbol
    assert [symbol in text for text in texts] == [True, True, False, False]
    assert "disk full: *stop*" in texts[2]
    assert "gate failed: a_b_c" in texts[3]


async def test_direct_messages_need_a_chat() -> None:
    notifier = TelegramNotifier(TOKEN)
    with pytest.raises(ConfigInvalid, match="TELEGRAM_CHAT_ID"):
        await notifier.send_message("a")


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com",
        "ftp://example.com",
        "api.telegram.org",
        "",
        "http://10.0.0.1:80",
        "https://",
    ],
)
def test_the_token_is_sent_to_no_address_that_gives_it_away(url: str) -> None:
    with pytest.raises(ConfigInvalid, match="TELEGRAM_API_URL"):
        TelegramNotifier(TOKEN, api_url=url)


def test_no_token_is_refused_with_what_to_do() -> None:
    with pytest.raises(ConfigInvalid, match="set TELEGRAM_BOT_TOKEN"):
        TelegramNotifier("")


@pytest.mark.parametrize(
    "reply",
    [
        TAKEN,
        refused(401, f"Unauthorized: /bot{TOKEN}/sendMessage"),
        refused(400, f"Bad Request: {TOKEN}"),
        Reply(status=502, body=f"<html>/bot{TOKEN}/sendMessage</html>".encode()),
        Reply(hang_up=True),
        Reply(body=b'{"ok":true}'),
    ],
)
async def test_the_token_shows_in_no_log_error_or_repr(
    reply: Reply, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with ScriptedHttp(reply) as server:
        notifier = a_notifier(server)
        outcome = await notifier.send("7", a_body(), key="k")
        shown = f"{outcome!r} {notifier!r} {notifier} {caplog.text}"
        await notifier.close()
    secret = TOKEN.partition(":")[2]
    assert secret not in shown
    assert secret not in "".join(
        str(record.args) + str(record.exc_info) for record in caplog.records
    )
