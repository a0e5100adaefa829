"""The Telegram channel against the sandbox server, with everything that can go wrong there."""

import random
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Protocol

import pytest

from snipersight.bot.notifications.channels.direct import Patience
from snipersight.bot.notifications.channels.telegram_bodies import forms_of
from snipersight.bot.notifications.telegram import TelegramNotifier
from snipersight.domain.channels import (
    Delivered,
    Moved,
    Rendered,
    SendOutcome,
    Stopped,
    TryAgain,
)
from snipersight.sandbox.telegram import (
    FaultKind,
    FaultPlan,
    RateLimits,
    SandboxChat,
    Standing,
    TelegramSandbox,
)
from tests.builders.pictures import a_picture


class Covering(Protocol):
    """An entity, ours or the sandbox's."""

    @property
    def kind(self) -> StrEnum: ...
    @property
    def offset(self) -> int: ...
    @property
    def length(self) -> int: ...


FREE = RateLimits(overall_per_s=10_000, chat_per_s=10_000, group_per_min=10_000)
CHAT = SandboxChat(id=7)
HASTY = Patience(attempts=4, base_s=0.01, longest_pause_s=0.02, between_s=0.0)
TEXT = "🟢 **LONG BTC/USDT** | `42,150.50`\n• *Target 1:* [chart](https://example.com/a_b)"


def a_sandbox(*chats: SandboxChat, faults: FaultPlan | None = None) -> TelegramSandbox:
    return TelegramSandbox(chats=chats or (CHAT,), limits=FREE, faults=faults)


def a_notifier(
    server: TelegramSandbox, *, token: str = "", timeout_s: float = 10.0
) -> TelegramNotifier:
    return TelegramNotifier(
        token or server.token, "7", api_url=server.url, patience=HASTY, timeout_s=timeout_s
    )


async def outcomes_of(
    server: TelegramSandbox, message: Rendered, *, address: str = "7", **settings: object
) -> list[SendOutcome]:
    notifier = a_notifier(server, **settings)  # type: ignore[arg-type]
    bodies = notifier.prepare(message)
    outcomes = [await notifier.send(address, body, key="k") for body in bodies]
    await notifier.close()
    return outcomes


async def test_a_message_arrives_as_it_was_meant() -> None:
    async with a_sandbox() as server:
        (outcome,) = await outcomes_of(server, Rendered(title="t", markdown=TEXT, is_silent=True))
        (message,) = server.messages
    assert outcome == Delivered(message_id=str(message.message_id))
    assert message.text == "🟢 LONG BTC/USDT | 42,150.50\n• Target 1: chart"
    assert [(str(one.kind), one.offset, one.length) for one in message.entities] == [
        ("bold", 3, 13),
        ("code", 19, 9),
        ("italic", 31, 9),
        ("text_link", 41, 5),
    ]
    assert (message.is_silent, message.parse_mode) == (True, "")


async def test_a_picture_arrives_with_a_caption_and_the_rest_behind_it(tmp_path: Path) -> None:
    markdown = "\n\n".join(f"**{number}** " + "🟢" * 300 for number in range(20))
    message = Rendered(title="t", markdown=markdown, picture=str(a_picture(tmp_path)))
    async with a_sandbox() as server:
        outcomes = await outcomes_of(server, message)
        first, *rest = server.messages
    assert all(isinstance(outcome, Delivered) for outcome in outcomes)
    assert first.picture is not None
    assert (first.picture.width, first.picture.height) == (640, 400)
    assert len(rest) == 2
    texts = [one.text for one in server.messages]
    assert "\n\n".join(texts) == markdown.replace("**", "")
    assert sum(len(one.entities) for one in server.messages) == 20


@pytest.mark.parametrize("length", [4095, 4096, 4097, 8192, 8193])
async def test_texts_round_the_limit_arrive_whole(length: int) -> None:
    text = "🟢é" * (length // 2) + "x" * (length % 2)
    async with a_sandbox() as server:
        await outcomes_of(server, Rendered(title="t", markdown=text))
        parts = [message.text for message in server.messages]
    assert len(parts) == -(-length // 4096)
    assert "".join(parts) == text


async def test_more_entities_than_are_honoured_lose_no_word() -> None:
    markdown = " ".join(f"**{number}**" for number in range(150))
    async with a_sandbox() as server:
        await outcomes_of(server, Rendered(title="t", markdown=markdown))
        (message,) = server.messages
    assert message.text == markdown.replace("**", "")
    assert len(message.entities) == 100


@pytest.mark.parametrize("standing", sorted({*Standing} - {Standing.OPEN, Standing.UPGRADED}))
async def test_a_chat_that_is_not_to_be_had_is_stopped(standing: Standing) -> None:
    async with a_sandbox(SandboxChat(id=-7, standing=standing)) as server:
        (outcome,) = await outcomes_of(server, Rendered(title="t", markdown="a"), address="-7")
    assert isinstance(outcome, Stopped)
    assert not outcome.is_whole_channel


async def test_a_chat_that_takes_no_text_takes_no_picture_either(tmp_path: Path) -> None:
    message = Rendered(title="t", markdown="a", picture=str(a_picture(tmp_path)))
    async with a_sandbox(SandboxChat(id=7, standing=Standing.NO_RIGHTS)) as server:
        (outcome,) = await outcomes_of(server, message)
    assert isinstance(outcome, Stopped)


async def test_an_upgraded_group_is_followed() -> None:
    moved = SandboxChat(id=-7, standing=Standing.UPGRADED, moved_to=-1_000_000_000_007)
    new = SandboxChat(id=-1_000_000_000_007)
    async with a_sandbox(moved, new) as server:
        (outcome,) = await outcomes_of(server, Rendered(title="t", markdown="a"), address="-7")
        assert outcome == Moved(address="-1000000000007")
        notifier = TelegramNotifier(server.token, "-7", api_url=server.url, patience=HASTY)
        assert await notifier.send_message("b")
        await notifier.close()
        assert [message.chat_id for message in server.messages] == [new.id]


@pytest.mark.parametrize("token", ["1234567890:wrong", "99:x"])
async def test_a_wrong_token_stops_the_channel(token: str) -> None:
    async with a_sandbox() as server:
        (outcome,) = await outcomes_of(server, Rendered(title="t", markdown="a"), token=token)
    assert isinstance(outcome, Stopped)
    assert outcome.is_whole_channel


async def test_a_chat_at_its_limit_waits_as_long_as_asked() -> None:
    async with TelegramSandbox(chats=[CHAT]) as server:
        notifier = a_notifier(server)
        (body,) = notifier.prepare(Rendered(title="t", markdown="a"))
        first, second = [await notifier.send("7", body, key="k") for _ in range(2)]
        await notifier.close()
    assert isinstance(first, Delivered)
    assert isinstance(second, TryAgain)
    assert second.after_s is not None
    assert second.after_s >= 1
    assert not second.is_ambiguous


async def test_replies_hang_on_their_message_and_go_on_without_it() -> None:
    async with a_sandbox() as server:
        notifier = a_notifier(server)
        (body,) = notifier.prepare(Rendered(title="t", markdown="a"))
        first = await notifier.send("7", body, key="1")
        assert isinstance(first, Delivered)
        await notifier.send("7", body, key="2", reply_to=first.message_id)
        lost = await notifier.send("7", body, key="3", reply_to="999999")
        await notifier.close()
    assert isinstance(lost, Delivered)
    assert [message.reply_to for message in server.messages] == [None, int(first.message_id), None]


@pytest.mark.parametrize("kind", list(FaultKind))
async def test_whether_a_fault_is_ambiguous_says_whether_it_may_have_arrived(
    kind: FaultKind,
) -> None:
    faults = FaultPlan(rates={kind: 1.0}, delay_s=0.6)
    async with a_sandbox(faults=faults) as server:
        (outcome,) = await outcomes_of(server, Rendered(title="t", markdown="a"), timeout_s=0.3)
    assert isinstance(outcome, TryAgain)
    if server.messages:
        assert outcome.is_ambiguous
    assert outcome.is_ambiguous is (kind is not FaultKind.FLOOD)


async def test_through_many_faults_every_direct_message_arrives() -> None:
    faults = FaultPlan(
        rates=dict.fromkeys((FaultKind.RESET, FaultKind.DROP_BEFORE, FaultKind.SERVER_ERROR), 0.1),
        seed=5,
    )
    async with a_sandbox(faults=faults) as server:
        notifier = a_notifier(server)
        sent = [await notifier.send_message(f"message {number}") for number in range(40)]
        await notifier.close()
        texts = [message.text for message in server.messages]
    assert all(sent)
    assert texts == [f"message {number}" for number in range(40)]


async def test_whatever_markdown_says_arrives_with_the_formats_it_was_sent_with() -> None:
    draw = random.Random(7)
    pieces = (
        "**",
        "*",
        "~~",
        "`",
        "```\n",
        "\n",
        "\n\n",
        "> ",
        "- ",
        "# ",
        " ",
        "🟢",
        "a",
        "bc",
        "é",
    )
    links = (
        "[x](https://e.io/a_b)",
        "[y `z`](tg://resolve?domain=x)",
        "\\",
        "&lt;",
        "\u200b",
        "\u00a0",
    )
    async with a_sandbox() as server:
        notifier = a_notifier(server)
        for _ in range(150):
            markdown = "".join(draw.choices((*pieces, *links), k=30)) + "end"
            for body in notifier.prepare(Rendered(title="t", markdown=markdown)):
                assert isinstance(await notifier.send("7", body, key="k"), Delivered)
                sent, arrived = forms_of(body)[0].content, server.messages[-1]
                assert arrived.text == sent.text
                assert formats(arrived.text, arrived.entities) == formats(sent.text, sent.entities)
        await notifier.close()


def formats(text: str, entities: Iterable[Covering]) -> set[tuple[str, int]]:
    """Return the formats of each visible character: a server may cut entities where others begin."""
    units = text.encode("utf-16-le")
    return {
        (str(entity.kind), at)
        for entity in entities
        for at in range(entity.offset, entity.offset + entity.length)
        if not units[2 * at : 2 * at + 2].decode("utf-16-le", "replace").isspace()
    }
