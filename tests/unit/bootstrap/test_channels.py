from datetime import time
from pathlib import Path

import pytest

from snipersight.bootstrap.channels import load_chats
from snipersight.bootstrap.settings import channels_file, load_settings
from snipersight.domain.channels import Chat, ChatRole, QuietHours
from snipersight.domain.confluence import Tier
from snipersight.domain.direction import Direction
from snipersight.domain.errors import ConfigInvalid

DOCUMENT = Path(__file__).parents[3] / "docs/notifications.md"
WHOLE = """
[[chat]]
channel = "telegram"
address = -1001234567890
role = "public"
tiers = ["A", "b"]
symbols = ["btc", "ETH/USDT:USDT"]
directions = ["long"]
cornix = true
quiet_hours = { begin = "22:00", end = "07:00", timezone = "Europe/Berlin" }

[[chat]]
channel = "telegram"
address = "@my_channel"
"""


@pytest.fixture
def bot(monkeypatch):
    """Set a bot with its private chat."""
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "123456:token")
    monkeypatch.setenv("TELEGRAM_CHAT_ID", "42")


def chats_of(text: str | None = None) -> tuple[Chat, ...]:
    """Return the chats with this file in the home folder."""
    settings, _ = load_settings()
    if text is not None:
        settings.snipersight_home.mkdir(exist_ok=True)
        channels_file(settings).write_text(text)
    return load_chats(settings)


def faults_of(text: str) -> str:
    """Return what is said about a file."""
    with pytest.raises(ConfigInvalid) as caught:
        chats_of(text)
    assert caught.value.where.endswith("channels.toml")
    assert "docs/notifications.md" in caught.value.next_step
    return caught.value.what


def test_nothing_configured_is_no_chat_at_all():
    assert chats_of() == ()


def test_the_chat_of_the_settings_is_private_and_without_filters(bot):
    assert chats_of() == (Chat(channel="telegram", address="42"),)


def test_webhook_and_apprise_are_private_chats_too(bot, monkeypatch):
    monkeypatch.setenv("NOTIFY_WEBHOOK_URL", "https://example.org/hook")
    monkeypatch.setenv("NOTIFY_WEBHOOK_SECRET", "a secret of some length")
    monkeypatch.setenv("NOTIFY_APPRISE_URLS", "mail=mailto://me:pw@example.org discord://1/2")
    lanes = [chat.lane for chat in chats_of()]
    assert lanes == ["telegram:42", "webhook:default", "apprise:mail", "apprise:discord"]


def test_a_file_names_more_chats_with_roles_filters_and_quiet_hours(bot):
    public, plain, own = chats_of(WHOLE)
    assert public == Chat(
        channel="telegram",
        address="-1001234567890",
        role=ChatRole.PUBLIC,
        tiers=frozenset({Tier.A, Tier.B}),
        symbols=frozenset({"BTC", "ETH/USDT:USDT"}),
        directions=frozenset({Direction.LONG}),
        quiet_hours=QuietHours(begin=time(22), end=time(7), timezone="Europe/Berlin"),
        cornix=True,
        practice=False,
    )
    assert plain == Chat(channel="telegram", address="@my_channel")
    assert own.address == "42"


def test_an_entry_for_the_chat_of_the_settings_takes_its_place(bot):
    text = '[[chat]]\nchannel = "telegram"\naddress = 42\ntiers = ["A"]\n'
    (chat,) = chats_of(text)
    assert chat.tiers == frozenset({Tier.A})


def test_a_bot_may_have_all_its_chats_in_the_file(monkeypatch):
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "123456:token")
    assert load_settings()[1] == (
        "TELEGRAM_BOT_TOKEN is set but TELEGRAM_CHAT_ID is not: neither is used",
    )
    assert len(chats_of(WHOLE)) == 2
    assert load_settings()[1] == ()


def test_an_audience_gets_practice_only_where_it_is_asked_for(bot):
    text = '[[chat]]\nchannel = "telegram"\naddress = -1\nrole = "public"\npractice = true\n'
    assert chats_of(text)[0].practice


def test_every_fault_of_a_file_is_named_at_once(bot):
    said = faults_of(
        """
        title = "mine"
        [[chat]]
        channel = "telegram"
        rolle = "public"
        tiers = ["A", "S"]
        symbols = ["BTC/"]
        quiet_hours = { begin = "late", end = "07:00", timezone = "Europe/Atlantis", loud = 1 }
        [[chat]]
        channel = "Telegram"
        address = ""
        role = "everybody"
        directions = "LONG"
        cornix = "yes"
        quiet_hours = { begin = "22:00" }
        """
    )
    for part in (
        "'title' means nothing here",
        "chat 1: address is missing",
        "chat 1: rolle means nothing here; did you mean role?",
        "chat 1: tiers.1",
        "'S'",
        "chat 1: symbols.0 is no symbol such as BTC or BTC/USDT",
        "chat 1: quiet_hours.begin is no time such as",
        "chat 1: quiet_hours.timezone is no time zone such as Europe/Berlin",
        "chat 1: quiet_hours.loud means nothing here",
        "chat 2: channel",
        "chat 2: address",
        "chat 2: role",
        "'everybody'",
        "chat 2: directions",
        "chat 2: cornix",
        "chat 2: quiet_hours.end is missing",
    ):
        assert part in said, part


@pytest.mark.parametrize(
    "zone", ["", "../etc/passwd", "/etc/localtime", "Mars/Phobos", "a\\u0000b"]
)
def test_a_strange_time_zone_is_refused(bot, zone):
    said = faults_of(
        f'[[chat]]\nchannel = "telegram"\naddress = 1\n'
        f'quiet_hours = {{ begin = "22:00", end = "07:00", timezone = "{zone}" }}\n'
    )
    assert "is no time zone" in said


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ('chat = "telegram"', "chat is no list of tables"),
        ("[chat]\nchannel = 'telegram'\naddress = 1", "chat is no list of tables"),
        ("[[chat]\n", "not valid TOML"),
    ],
)
def test_a_file_of_another_form_is_refused(bot, text, part):
    settings, _ = load_settings()
    settings.snipersight_home.mkdir()
    channels_file(settings).write_text(text)
    with pytest.raises(ConfigInvalid) as caught:
        load_chats(settings)
    assert part in caught.value.what


def test_a_chat_named_twice_is_refused(bot):
    entry = '[[chat]]\nchannel = "telegram"\naddress = "7"\n'
    assert "telegram:7 is named twice" in faults_of(entry * 2)


@pytest.mark.parametrize(
    ("channel", "address", "part"),
    [
        ("telegram", "my chat", "is no Telegram chat"),
        ("telegram", "0", "is no Telegram chat"),
        ("webhook", "default", "NOTIFY_WEBHOOK_URL and NOTIFY_WEBHOOK_SECRET are not both set"),
        ("apprise", "mail", "NOTIFY_APPRISE_URLS is not set"),
        ("pager", "1", "there is no channel 'pager'"),
    ],
)
def test_a_chat_that_nothing_serves_is_refused(bot, channel, address, part):
    assert part in faults_of(f'[[chat]]\nchannel = "{channel}"\naddress = "{address}"\n')


def test_a_chat_without_a_bot_is_refused():
    assert "TELEGRAM_BOT_TOKEN is not set" in faults_of(WHOLE)


def test_an_unknown_apprise_name_is_refused_with_those_there_are(bot, monkeypatch):
    monkeypatch.setenv("NOTIFY_APPRISE_URLS", "mail=mailto://me:hidden@example.org")
    said = faults_of('[[chat]]\nchannel = "apprise"\naddress = "post"\n')
    assert "apprise knows mail" in said
    assert "hidden" not in said


def test_a_plug_in_that_is_named_may_have_chats(bot, monkeypatch):
    monkeypatch.setenv("NOTIFY_PLUGINS", "pager")
    chats = chats_of('[[chat]]\nchannel = "pager"\naddress = "desk 7"\n')
    assert chats[0] == Chat(channel="pager", address="desk 7")


def test_the_example_of_the_document_is_read_as_it_stands(bot):
    text = DOCUMENT.read_text().split("```toml\n")[1].split("```")[0]
    audience, own = chats_of(text.replace("424242", "42"))
    assert audience.role is ChatRole.PUBLIC
    assert audience.cornix
    assert not audience.practice
    assert own.quiet_hours == QuietHours(begin=time(22), end=time(7), timezone="Europe/Berlin")
