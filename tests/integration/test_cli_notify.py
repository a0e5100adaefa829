"""`snipersight notify` as a process, against the sandbox Telegram, from a first test to a retry."""

import asyncio
import json
import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from snipersight.bootstrap.notifying import open_outbox_database
from snipersight.bootstrap.settings import VARIABLES, load_settings
from snipersight.sandbox.telegram import SandboxChat, Standing, TelegramSandbox
from tests.builders.told_stores import ToldStore
from tests.fakes.terminal import in_this_process

CHATS = (
    SandboxChat(id=1001, title="You"),
    SandboxChat(id=-1_002_000_000_001, title="Signals"),
    SandboxChat(id=1002, title="Closed", standing=Standing.BLOCKED),
)
PUBLIC = '[[chat]]\nchannel = "telegram"\naddress = -1002000000001\nrole = "public"\n'


@dataclass(frozen=True)
class Done:
    """How the program ended, and what it said."""

    code: int | None
    out: str
    err: str


class Program:
    """The program with a home of its own, pointed at a sandbox."""

    def __init__(self, home: Path, server: TelegramSandbox) -> None:
        self.home = home
        self.server = server
        self.variables = {
            "SNIPERSIGHT_HOME": str(home),
            "TELEGRAM_API_URL": server.url,
            "TELEGRAM_BOT_TOKEN": server.token,
            "TELEGRAM_CHAT_ID": "1001",
            "COLUMNS": "100",
        }

    async def start(self, *words: str, **variables: str) -> asyncio.subprocess.Process:
        """Start it."""
        names = {name: os.environ[name] for name in os.environ if name not in VARIABLES}
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "snipersight", "notify", *words),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=names | self.variables | variables,
        )

    async def __call__(self, *words: str, **variables: str) -> Done:
        """Run it to its end."""
        if words[0] in ("send", "retry"):  # listens for signals, which only a main thread can
            process = await self.start(*words, **variables)
            out, err = await asyncio.wait_for(process.communicate(), 90)
            return Done(process.returncode, out.decode(), err.decode())
        told = self.variables | variables
        home = Path(told.pop("SNIPERSIGHT_HOME"))
        done = await asyncio.to_thread(in_this_process, home, "notify", *words, **told)
        return Done(done.returncode, done.stdout, done.stderr)

    def texts(self, chat_id: int = 1001) -> list[str]:
        """Return what has arrived in a chat."""
        return [one.text for one in self.server.messages if one.chat_id == chat_id]


@pytest.fixture
async def program(tmp_path, monkeypatch):
    """Return the program, with a sandbox that it sends to."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SNIPERSIGHT_HOME", str(tmp_path / "home"))
    async with TelegramSandbox(chats=CHATS) as server:
        yield Program(tmp_path / "home", server)


def record(count: int = 1) -> None:
    """Record verdicts that wait to be told."""
    with open_outbox_database(load_settings()[0]) as database:
        store = ToldStore(database)
        for _ in range(count):
            store.record()


@pytest.mark.parametrize("command", ["test", "send", "queue", "retry"])
async def test_every_command_has_help_with_examples(program, command):
    shown = await program(command, "--help")
    assert shown.code == 0
    assert f"snipersight notify {command}" in shown.out.split("Examples")[1]


async def test_without_a_channel_the_next_step_is_told(program):
    for command in ("test", "send"):
        refused = await program(command, TELEGRAM_BOT_TOKEN="", TELEGRAM_CHAT_ID="")
        assert refused.code == 2
        assert "set TELEGRAM_BOT_TOKEN and TELEGRAM_CHAT_ID" in refused.err


async def test_a_test_reaches_private_chats_and_public_ones_when_asked(program):
    program.home.mkdir()
    (program.home / "channels.toml").write_text(PUBLIC)
    done = await program("test")
    assert done.code == 0, done.err
    assert "telegram:1001  arrived" in done.out
    assert "telegram:-1002000000001 is public and is left out" in done.err
    assert program.texts() == ["SniperSight is set up to write here."]
    assert program.texts(-1_002_000_000_001) == []
    await asyncio.sleep(1.1)  # a second to a chat is Telegram's rule
    assert (await program("test", "--public")).code == 0
    assert len(program.texts(-1_002_000_000_001)) == 1


async def test_a_test_that_is_refused_says_what_to_do_and_hides_the_token(program):
    blocked = await program("test", TELEGRAM_CHAT_ID="1002")
    assert blocked.code == 3
    assert "telegram:1002  is refused: Forbidden: bot was blocked by the user" in blocked.out
    token = f"{program.server.token}x"
    wrong = await program("test", TELEGRAM_BOT_TOKEN=token)
    assert wrong.code == 3
    assert "TELEGRAM_BOT_TOKEN" in wrong.out
    assert token not in wrong.out + wrong.err
    away = await program("test", TELEGRAM_API_URL="http://127.0.0.1:1")
    assert away.code == 3
    assert "did not get through" in away.out


async def test_what_waits_is_sent_once_with_the_audience_s_share(program):
    record()
    program.home.joinpath("channels.toml").write_text(f"{PUBLIC}practice = true\n")
    queued = await program("queue", "--format", "json")
    assert json.loads(queued.out)["notices"] == 1
    done = await program("send")
    assert (done.code, done.out) == (0, "Sent 2 messages.\n"), done.err
    (private,), (public,) = program.texts(), program.texts(-1_002_000_000_001)
    assert "Notional" in private
    assert "Notional" not in public
    assert (await program("send")).out == "Sent 0 messages.\n"
    assert len(program.texts()) == 1


async def test_a_wrong_token_loses_nothing_and_a_retry_sends_it(program):
    record()
    refused = await program("send", TELEGRAM_BOT_TOKEN=f"{program.server.token}x")
    assert refused.code == 3
    assert "Nothing is sent to telegram any more" in refused.err
    queued = await program("queue")
    assert "telegram:*  since" in queued.out
    assert "1 message waiting:" in queued.out
    assert (await program("send")).code == 3  # it is stopped until a person has looked
    assert "go on: 1." in (await program("retry", "--channel", "telegram")).out
    assert (await program("send")).code == 0
    assert len(program.texts()) == 1


async def test_what_waits_for_a_chat_that_was_named_wrongly_goes_to_the_right_one(program):
    record()
    assert (await program("send", TELEGRAM_CHAT_ID="777")).code == 3
    wanted = ("retry", "--channel", "telegram", "--chat", "777", "--to")
    refused = await program(*wanted, "778")
    assert refused.code == 2
    assert "no private chat" in refused.err
    assert (await program(*wanted, "1001")).code == 0
    assert (await program("send")).code == 0
    assert len(program.texts()) == 1


async def test_a_chat_without_its_channel_is_refused(program):
    refused = await program("retry", "--chat", "777")
    assert refused.code == 2
    assert "--channel telegram --chat 777" in refused.err


async def test_a_network_that_is_down_keeps_what_waits(program):
    record()
    away = await program("send", "--for", "2s", TELEGRAM_API_URL="http://127.0.0.1:1")
    assert away.code == 3
    assert "Still waiting: 1 message" in away.out
    assert "Something did not get through" in away.err
    assert (await program("send", "--for", "soon")).code == 2
    assert (await program("send")).code == 0


async def test_a_watch_sends_what_comes_and_ends_by_a_signal(program):
    watching = await program.start("send", "--watch")
    assert watching.stderr is not None
    assert b"Ctrl-C ends it" in await asyncio.wait_for(watching.stderr.readline(), 60)
    await asyncio.to_thread(record)
    async with asyncio.timeout(60):
        while not program.texts():  # noqa: ASYNC110 - another process sends
            await asyncio.sleep(0.1)
    watching.send_signal(signal.SIGINT)
    out, err = await asyncio.wait_for(watching.communicate(), 60)
    assert (watching.returncode, out) == (0, b"Sent 1 message.\n"), err


async def test_an_impossible_file_of_chats_is_named_with_every_fault(program):
    program.home.mkdir()
    (program.home / "channels.toml").write_text('[[chat]]\nchannel = "telegram"\nrole = "all"\n')
    refused = await program("send")
    assert refused.code == 2
    assert "address is missing" in refused.err
    assert "role" in refused.err
