import html
import json
import logging
import time
from pathlib import Path

import pytest

from snipersight.bot.notifications.channels.apprise_channel import AppriseNotifier
from snipersight.domain.channels import (
    Body,
    Delivered,
    Rendered,
    SendOutcome,
    Stopped,
    TryAgain,
    Unsendable,
)
from snipersight.domain.notices import Severity
from tests.builders.pictures import a_picture
from tests.fakes.scripted_http import Asked, Reply, ScriptedHttp

TAKEN = Reply(body=b"{}")


async def sent(
    *replies: Reply,
    message: Rendered | None = None,
    scheme: str = "json",
    address: str = "desk",
    query: str = "",
    timeout_s: float = 10.0,
) -> tuple[SendOutcome, list[Asked]]:
    async with ScriptedHttp(*replies) as server:
        url = f"{scheme}://user:s3cret@127.0.0.1:{server.port}/path{query}"
        notifier = AppriseNotifier({"desk": url}, timeout_s=timeout_s)
        (body,) = notifier.prepare(message or Rendered(title="Title", markdown="**a** _b_ \\*c\\*"))
        outcome = await notifier.send(address, json.loads(json.dumps(body)), key="k")
        await notifier.close()
    return outcome, server.asked


async def test_a_message_arrives_as_plain_text_as_it_was_written() -> None:
    outcome, (asked,) = await sent(TAKEN)
    assert outcome == Delivered()
    told = json.loads(asked.body)
    assert (told["title"], told["message"], told["type"]) == ("Title", "a b *c*", "info")


async def test_a_service_that_wants_html_gets_the_same_words() -> None:
    _, (asked,) = await sent(TAKEN, query="?format=html")
    message = html.unescape(json.loads(asked.body)["message"])
    assert message.replace("\u00a0", " ") == "a b *c*"


@pytest.mark.parametrize(
    ("severity", "kind"),
    [
        (Severity.WARNING, "warning"),
        (Severity.ERROR, "failure"),
        (Severity.CRITICAL, "failure"),
    ],
)
async def test_how_much_it_matters_is_told(severity: Severity, kind: str) -> None:
    message = Rendered(title="t", markdown="a", severity=severity)
    _, (asked,) = await sent(TAKEN, message=message)
    assert json.loads(asked.body)["type"] == kind


async def test_a_picture_goes_with_it_and_a_missing_one_does_not_stop_it(tmp_path: Path) -> None:
    for picture, count in ((a_picture(tmp_path), 1), (tmp_path / "gone.png", 0)):
        message = Rendered(title="t", markdown="a", picture=str(picture))
        outcome, (asked,) = await sent(TAKEN, message=message)
        assert outcome == Delivered()
        assert len(json.loads(asked.body)["attachments"]) == count


@pytest.mark.parametrize("reply", [Reply(status=500), Reply(status=404), Reply(hang_up=True)])
async def test_a_failure_may_have_been_delivered(reply: Reply) -> None:
    outcome, _ = await sent(reply)
    assert outcome == TryAgain(error="desk refused", is_ambiguous=True)


async def test_a_service_that_takes_too_long_is_not_waited_for() -> None:
    begun = time.monotonic()
    outcome, _ = await sent(Reply(after_s=1.0), timeout_s=0.2)
    assert outcome == TryAgain(error="desk took too long", is_ambiguous=True)
    assert time.monotonic() - begun < 0.9


async def test_a_name_nobody_configured_is_stopped() -> None:
    outcome, asked = await sent(TAKEN, address="phone")
    assert isinstance(outcome, Stopped)
    assert "'phone' is not configured" in outcome.error
    assert not outcome.is_whole_channel
    assert asked == []


async def test_a_url_nobody_understands_is_stopped() -> None:
    outcome, _ = await sent(TAKEN, scheme="nonsense")
    assert isinstance(outcome, Stopped)
    assert "NOTIFY_APPRISE_URLS" in outcome.error


async def test_a_body_of_somebody_else_is_unsendable() -> None:
    body: Body = {"method": "sendMessage"}
    outcome = await AppriseNotifier({"desk": "json://localhost"}).send("desk", body, key="k")
    assert isinstance(outcome, Unsendable)


def test_a_message_in_which_nothing_is_seen_is_told_by_its_title() -> None:
    notifier = AppriseNotifier({})
    (body,) = notifier.prepare(Rendered(title="t", markdown=" "))
    assert body["text"] == "t"
    assert notifier.prepare(Rendered(title="", markdown="")) == ()


async def test_what_is_too_long_for_a_service_goes_out_in_parts() -> None:
    text = "\n".join(f"line {number}" for number in range(4000))
    message = Rendered(title="", markdown=text)
    outcome, asked = await sent(TAKEN, message=message)
    assert outcome == Delivered()
    assert len(asked) > 1
    assert all(json.loads(one.body)["message"] for one in asked)
    told = "\n".join(json.loads(one.body)["message"] for one in asked)
    assert [line for line in told.splitlines() if line] == text.splitlines()


async def test_only_the_name_of_a_url_is_shown(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    shown = repr(AppriseNotifier({"desk": "json://user:s3cret@127.0.0.1"}))
    for reply, scheme in ((Reply(status=500), "json"), (TAKEN, "nonsense"), (TAKEN, "json")):
        shown += repr((await sent(reply, scheme=scheme))[0])
    assert "desk" in shown
    assert "s3cret" not in shown + caplog.text
