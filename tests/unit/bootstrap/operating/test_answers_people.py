"""Who may talk to the bot, by the settings."""

from pathlib import Path

import pytest

from snipersight.bootstrap.operating.people import require_approvers, roster_of, silence_of
from snipersight.bootstrap.settings import VARIABLES, Settings, load_settings
from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.people import Role

TOKEN = "123456:abcdefghijklmnopqrstuvwxyz"  # no secret of anybody's


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SNIPERSIGHT_HOME", str(tmp_path))


def settings(monkeypatch: pytest.MonkeyPatch, **values: str) -> Settings:
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return load_settings()[0]


def test_three_lists_make_the_roster(monkeypatch):
    roster = roster_of(
        settings(
            monkeypatch,
            TELEGRAM_CHAT_ID="9",
            TELEGRAM_ADMINS="1, 2",
            TELEGRAM_TRADERS="3 2",
            TELEGRAM_VIEWERS="4",
        )
    )
    assert roster.roles == {"1": Role.ADMIN, "2": Role.ADMIN, "3": Role.TRADER, "4": Role.VIEWER}


def test_without_lists_whose_own_chat_it_is_may_do_everything(monkeypatch):
    assert roster_of(settings(monkeypatch, TELEGRAM_CHAT_ID=" 9 ")).roles == {"9": Role.ADMIN}


@pytest.mark.parametrize("chat", ["-9", "-100123", "@channel", "٣"])
def test_a_group_or_a_channel_makes_nobody_anything(monkeypatch, chat):
    held = settings(monkeypatch, TELEGRAM_CHAT_ID=chat, TELEGRAM_BOT_TOKEN=TOKEN)
    assert roster_of(held).roles == {}
    assert "nobody may talk" in (silence_of(held) or "")


@pytest.mark.parametrize("ids", ["@ann", "-5", "0", "1.5", "Ann"])
def test_names_and_groups_are_no_people(monkeypatch, ids):
    with pytest.raises(ConfigInvalid, match="TELEGRAM_TRADERS"):
        settings(monkeypatch, TELEGRAM_TRADERS=ids)


def test_without_a_bot_nobody_can_talk_or_approve(monkeypatch):
    held = settings(monkeypatch, TELEGRAM_ADMINS="1")
    assert "TELEGRAM_BOT_TOKEN" in (silence_of(held) or "")
    with pytest.raises(ConfigInvalid, match="there is no bot"):
        require_approvers(held)


def test_viewers_alone_cannot_approve(monkeypatch):
    held = settings(monkeypatch, TELEGRAM_VIEWERS="1", TELEGRAM_BOT_TOKEN=TOKEN)
    assert silence_of(held) is None
    with pytest.raises(ConfigInvalid, match="nobody may approve"):
        require_approvers(held)


def test_a_trader_is_enough_to_approve(monkeypatch):
    require_approvers(settings(monkeypatch, TELEGRAM_TRADERS="1", TELEGRAM_BOT_TOKEN=TOKEN))
