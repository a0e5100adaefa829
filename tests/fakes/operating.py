"""People and a desk for tests of the bot they talk to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from snipersight.bootstrap.books import Books
from snipersight.bootstrap.channels import load_chats
from snipersight.bootstrap.operating.answers import AnswerSources
from snipersight.bootstrap.operating.operator_opening import open_operator
from snipersight.bot.notifications.sending.limits import ChannelLimits
from snipersight.bot.notifications.sending.rates import RateLimiter
from snipersight.domain.commands import Command, CommandAnswer, CommandDesk, CommandState
from snipersight.domain.errors import StateUnavailable
from snipersight.sandbox.telegram import (
    RateLimits,
    SandboxChat,
    SandboxUser,
    SentMessage,
    TelegramSandbox,
)
from tests.fakes.scripted_talk import RecordingHealth, until

ADMIN, TRADER, VIEWER, STRANGER = 1001, 1002, 1003, 1099
DESK_ROOM, AUDIENCE, OTHER_ROOM = -55, -66, -77
PEOPLE = {ADMIN: "Ada", TRADER: "Tom", VIEWER: "Vic", STRANGER: "Eve"}
FREE = RateLimits(overall_per_s=10_000, chat_per_s=10_000, group_per_min=10_000)
CHANNELS = f"""
[[chat]]
channel = "telegram"
address = "{DESK_ROOM}"

[[chat]]
channel = "telegram"
address = "{AUDIENCE}"
role = "public"
"""


def a_sandbox() -> TelegramSandbox:
    people = [SandboxChat(id=user_id, title=name) for user_id, name in PEOPLE.items()]
    rooms = [SandboxChat(id=chat_id) for chat_id in (DESK_ROOM, AUDIENCE, OTHER_ROOM)]
    return TelegramSandbox(chats=(*people, *rooms), limits=FREE)


def somebody(user_id: int) -> SandboxUser:
    return SandboxUser(id=user_id, name=PEOPLE[user_id])


class RecordingDesk:
    """A desk that does nothing and remembers: the first command of a key, and of a plan, counts."""

    def __init__(self) -> None:
        self.commands: list[Command] = []
        self.submissions = 0
        self.is_away = False
        self.state = CommandState.DONE
        self.sentence = ""
        self.hangs = False

    async def submit(self, command: Command) -> CommandAnswer:
        await asyncio.sleep(0)
        if self.is_away:
            raise StateUnavailable("the database is locked", where="store", next_step="wait")
        self.submissions += 1
        earlier = next((one for one in self.commands if _is_same(one, command)), None)
        if earlier is None:
            self.commands.append(command)
        if self.hangs:
            await asyncio.Event().wait()
        first = earlier or command
        sentence = self.sentence or f"{first.kind.value} of {first.name} is noted"
        return CommandAnswer(
            command=first,
            state=self.state,
            sentence=sentence,
            is_first=earlier is None or earlier.key == command.key,
        )


def _is_same(one: Command, other: Command) -> bool:
    if one.key == other.key:
        return True
    return one.kind.decides and other.kind.decides and one.subject == other.subject


class BotScene:
    """A running operator with its server, desk and health."""

    def __init__(self, server: TelegramSandbox, desk: RecordingDesk) -> None:
        self.server = server
        self.desk = desk
        self.health = RecordingHealth()
        self.task: asyncio.Task[None]

    async def ask(self, user_id: int, text: str, *, room: int | None = None) -> SentMessage:
        """Write as somebody and return the first answer."""
        before = len(self.told(room or user_id))
        self.write(user_id, text, room=room)
        await until(lambda: len(self.told(room or user_id)) > before)
        return self.told(room or user_id)[before]

    def write(self, user_id: int, text: str, *, room: int | None = None) -> None:
        self.server.write_as_user(room or user_id, text, user=somebody(user_id))

    def told(self, chat_id: int) -> list[SentMessage]:
        """Return what the bot said in a chat."""
        found = [one for one in self.server.messages if one.chat_id == chat_id]
        return [one for one in found if not one.is_users]

    def press(
        self, message: SentMessage, data: str, *, user_id: int, is_forged: bool = False
    ) -> str:
        return self.server.press(
            message.chat_id,
            message.message_id,
            data,
            user=somebody(user_id),
            is_forged=is_forged,
        )

    async def pressed(
        self, message: SentMessage, data: str, *, user_id: int, is_forged: bool = False
    ) -> str:
        """Press as somebody and return what the press is answered."""
        query_id = self.press(message, data, user_id=user_id, is_forged=is_forged)
        await until(lambda: self.server.answer_to(query_id) is not None)
        return self.server.answer_to(query_id) or ""

    def now(self, message: SentMessage) -> SentMessage:
        """Return a message as it is now."""
        (found,) = [one for one in self.server.messages if one.number == message.number]
        return found

    async def heard(self) -> None:
        """Wait until everything that was said is confirmed."""
        await until(lambda: self.pending == 0)

    @property
    def pending(self) -> int:
        return self.server.pending_updates


@asynccontextmanager
async def listening(
    books: Books,
    server: TelegramSandbox,
    desk: CommandDesk | None = None,
    *,
    owner: str = "one",
    waits: bool = True,
    limiter: RateLimiter | None = None,
) -> AsyncIterator[BotScene]:
    """Offer a running operator before a desk that records, or another; it is stopped in the end.

    Without a limiter of the test's own nothing waits for its turn.
    """
    recording = desk if isinstance(desk, RecordingDesk) else RecordingDesk()
    scene, stop = BotScene(server, recording), asyncio.Event()
    operator = open_operator(
        AnswerSources(books=books),
        chats=load_chats(books.settings),
        desk=desk or recording,
        health=scene.health,
        owner=owner,
        limiter=limiter or RateLimiter({"telegram": ChannelLimits()}),
    )
    assert operator is not None
    polls = server.polls
    scene.task = asyncio.create_task(operator.run(stop))
    try:
        # From the second poll on everything that comes is known to be young.
        await until(lambda: server.polls >= polls + 2 or not waits)
        yield scene
    finally:
        stop.set()
        await asyncio.wait([scene.task])
        if not scene.task.cancelled():
            scene.task.result()
