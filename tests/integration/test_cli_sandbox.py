"""`snipersight sandbox telegram` as a process of its own."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from aiohttp import ClientSession
from telegram import Bot

from snipersight.cli.sandbox_serving import chat_of
from snipersight.domain.errors import ConfigInvalid

COMMAND = [sys.executable, "-m", "snipersight", "sandbox", "telegram", "--port", "0"]


@contextmanager
def running(*words: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """Run the command and offer the process and the variables it printed."""
    pipe = subprocess.PIPE
    with subprocess.Popen([*COMMAND, *words], stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stdout is not None
        printed: dict[str, str] = {}
        while not any(name.startswith("#") for name in printed):
            line = process.stdout.readline()
            assert line, process.communicate()[1]
            name, _, value = line.rstrip("\n").partition("#" if line.startswith("#") else "=")
            printed[name or "#"] = value
        try:
            yield process, printed
        finally:
            if process.poll() is None:
                process.kill()


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
async def test_it_prints_what_points_a_bot_at_it_and_stops_cleanly(stop):
    with running("--chat", "-1002000000001:Signals") as (process, printed):
        token, url = printed["TELEGRAM_BOT_TOKEN"], printed["TELEGRAM_API_URL"]
        assert printed["#"] == f" page: {url}/"
        async with Bot(token, base_url=f"{url}/bot") as bot:
            message = await bot.send_message(printed["TELEGRAM_CHAT_ID"], "hello")
        assert message.chat.title == "Signals"
        async with ClientSession() as client, client.get(f"{url}/sandbox/report") as answer:
            assert [told["text"] for told in (await answer.json())["messages"]] == ["hello"]
        process.send_signal(stop)
        _, told = process.communicate(timeout=30)
    assert process.returncode == 0
    assert told == "Ctrl-C ends it.\n1 messages delivered, 0 refused for coming too fast.\n"


def test_a_host_that_others_reach_is_refused_with_advice():
    command = [*COMMAND, "--host", "0.0.0.0"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "use 127.0.0.1 or ::1" in done.stderr


def test_a_taken_port_is_told():
    with running() as (_, printed):
        port = printed["TELEGRAM_API_URL"].rpartition(":")[2]
        command = [*COMMAND, "--port", port]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 4
    assert f"port {port} of 127.0.0.1 cannot be used" in done.stderr


def test_a_chat_is_written_as_its_id_and_perhaps_a_title():
    assert (chat_of("7").name, chat_of("-7: Old:one").name) == ("private 7", "Old:one")
    for wrong in ("me", "", "0"):
        with pytest.raises(ConfigInvalid):
            chat_of(wrong)
