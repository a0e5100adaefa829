"""`snipersight init` as a person meets it: questions, defaults, second thoughts."""

import asyncio
import stat

import pytest
from typer.testing import CliRunner

from snipersight.bootstrap.settings import VARIABLES
from snipersight.cli.app import app
from snipersight.cli.init_questions import fraction_text
from snipersight.sandbox.telegram import SandboxChat, Standing, TelegramSandbox

CHATS = (
    SandboxChat(id=1001, title="You"),
    SandboxChat(id=1002, title="Closed", standing=Standing.BLOCKED),
)
TOKEN = "1234567890:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsawX"


@pytest.fixture
def env_file(tmp_path, monkeypatch):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SNIPERSIGHT_HOME", str(tmp_path / "home"))
    return tmp_path / "home/.env"


def run(*words: str, answers: str = ""):
    return CliRunner().invoke(app, ["init", *words], input=answers)


def test_enter_alone_writes_the_defaults(env_file):
    done = run(answers="\n" * 20)
    assert done.exit_code == 0, done.output
    assert stat.S_IMODE(env_file.stat().st_mode) == 0o600
    lines = env_file.read_text().splitlines()
    assert [line for line in lines if not line.startswith("#")] == [
        "ACCOUNT_CURRENCY=USDT",
        "DEFAULT_ACCOUNT_BALANCE=10000",
        "MAX_RISK_PER_TRADE=0.01",
    ]
    assert "snipersight doctor" in done.stdout


def test_a_wrong_answer_is_asked_again_and_percent_is_understood(env_file):
    done = run(answers="eur\nmuch\n-5\n2500\n7%\n0.5%\n" + "\n" * 20)
    assert done.exit_code == 0, done.output
    assert "where:  MAX_RISK_PER_TRADE" in done.stderr
    text = env_file.read_text()
    for line in (
        "ACCOUNT_CURRENCY=EUR",
        "DEFAULT_ACCOUNT_BALANCE=2500",
        "MAX_RISK_PER_TRADE=0.005",
    ):
        assert line in text


def test_a_balance_that_is_hardly_meant_is_asked_about(env_file):
    done = run(answers="\n250000000\nn\n2500\n" + "\n" * 20)
    assert "Really 250000000?" in done.stderr
    assert "DEFAULT_ACCOUNT_BALANCE=2500\n" in env_file.read_text()


@pytest.mark.parametrize("told", ["1%", "0.01", " 1 % "])
def test_one_percent_can_be_written_either_way(told):
    assert fraction_text(told) == "0.01"


def test_no_at_the_end_writes_nothing(env_file):
    done = run(answers="\n" * 6 + "n\n")
    assert (done.exit_code, env_file.exists()) == (0, False)
    assert "Nothing was written." in done.stderr


def test_an_end_of_the_input_writes_nothing(env_file):
    done = run(answers="\n\n")
    assert (done.exit_code, env_file.exists()) == (130, False)


def test_what_is_there_is_the_default_and_stays(env_file):
    env_file.parent.mkdir()
    env_file.write_text("# mine\nDEFAULT_ACCOUNT_BALANCE=777\nMY_OWN=1\nMAX_RISK_PER_TRADE=0.02\n")
    done = run(answers="\n" * 20)
    assert done.exit_code == 0
    assert "[777]" in done.stderr
    assert env_file.read_text() == (
        "# mine\nDEFAULT_ACCOUNT_BALANCE=777\nMY_OWN=1\nMAX_RISK_PER_TRADE=0.02\n"
        "ACCOUNT_CURRENCY=USDT\n"
    )
    again = run(answers="\n" * 20)
    assert "Nothing has changed." in again.stderr


def test_without_questions_what_was_set_is_written_and_defaults(env_file):
    assert run("--yes", "--set", "DEFAULT_ACCOUNT_BALANCE=2500").exit_code == 0
    assert "DEFAULT_ACCOUNT_BALANCE=2500\n" in env_file.read_text()
    assert "MAX_RISK_PER_TRADE=0.01\n" in env_file.read_text()
    again = run("--yes", "--set", "max_leverage=2")
    assert again.exit_code == 0
    assert "MAX_LEVERAGE=2\n" in env_file.read_text()
    assert "DEFAULT_ACCOUNT_BALANCE=2500\n" in env_file.read_text()


def test_a_secret_comes_from_the_environment_and_is_never_printed(env_file, monkeypatch):
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", TOKEN)
    words = ("--set", "TELEGRAM_BOT_TOKEN", "--set", "TELEGRAM_CHAT_ID=1001")
    done = run("--yes", "--no-test", *words)
    assert done.exit_code == 0
    assert f"TELEGRAM_BOT_TOKEN={TOKEN}\n" in env_file.read_text()
    assert TOKEN not in done.output
    missing = run("--yes", "--set", "BYBIT_API_KEY")
    assert missing.exit_code == 2
    assert "export BYBIT_API_KEY" in missing.stderr


@pytest.mark.parametrize(
    "assignment", ["MAX_LEVERAGE=0", "MAX_LEVERAG=2", "=3", "SNIPERSIGHT_HOME=/"]
)
def test_an_impossible_assignment_writes_nothing(env_file, assignment):
    done = run("--yes", "--set", assignment)
    assert (done.exit_code, env_file.exists()) == (2, False)


def test_a_broken_settings_file_is_told_before_anything_is_asked(env_file):
    env_file.parent.mkdir()
    env_file.write_text("what is this\n")
    done = run(answers="\n" * 20)
    assert done.exit_code == 2
    assert "line 1" in done.stderr
    assert env_file.read_text() == "what is this\n"


async def test_a_bot_is_tried_its_chat_found_and_written_to(env_file, monkeypatch):
    async with TelegramSandbox(chats=CHATS) as server:
        monkeypatch.setenv("TELEGRAM_API_URL", server.url)
        server.write_as_user(1001, "hello")
        answers = ["", "", "", "y", TOKEN, "n", server.token, "", "", "", "", "", "", "", ""]
        done = await asyncio.to_thread(run, answers="\n".join(answers) + "\n" * 9)
        sent = [one.text for one in server.messages if one.chat_id == 1001]
    assert done.exit_code == 0, done.output
    assert "FAILED: telegram" in done.stderr
    assert "1001: You" in done.stderr
    assert "TELEGRAM_CHAT_ID=1001\n" in env_file.read_text()
    assert any("SniperSight is set up" in text for text in sent)
    assert server.token not in done.output
    assert "snipersight notify test" in done.stdout


async def test_a_token_that_does_not_work_is_not_written_unasked(env_file, monkeypatch):
    async with TelegramSandbox(chats=CHATS) as server:
        monkeypatch.setenv("TELEGRAM_API_URL", server.url)
        monkeypatch.setenv("TELEGRAM_BOT_TOKEN", TOKEN)
        words = ("--yes", "--set", "TELEGRAM_BOT_TOKEN", "--set", "TELEGRAM_CHAT_ID=1001")
        done = await asyncio.to_thread(run, *words)
    assert (done.exit_code, env_file.exists()) == (2, False)
    assert done.stderr.count("knows no bot with this token") == 1
    assert done.stderr.count("FAILED: telegram") == 1
    assert "--no-test" in done.stderr


async def test_enter_after_a_token_that_does_not_work_leaves_telegram_out(env_file, monkeypatch):
    async with TelegramSandbox(chats=CHATS) as server:
        monkeypatch.setenv("TELEGRAM_API_URL", server.url)
        answers = ["", "", "", "y", TOKEN, "n", "", "", "", ""]
        done = await asyncio.to_thread(run, answers="\n".join(answers) + "\n")
    assert done.exit_code == 0, done.output
    assert done.stderr.count("FAILED: telegram") == 1
    assert "TELEGRAM" not in env_file.read_text().split("\n", 2)[2]


def test_keys_that_are_not_entered_after_all_are_not_tried(env_file):
    done = run(answers="\n\n\nn\ny\nbybit\ndemo\n" + "\n" * 9)
    assert done.exit_code == 0, done.output
    assert "FAILED" not in done.stderr
    assert "API_KEY" not in env_file.read_text()


def test_a_currency_that_is_none_is_told_in_words(env_file):
    done = run(answers="eu ro\n" + "\n" * 20)
    assert "has not the shape of one, such as USDT" in done.stderr
    assert "pattern" not in done.stderr
