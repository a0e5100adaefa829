import pytest

from snipersight.bootstrap.settings import Settings, load_settings
from snipersight.domain.errors import ConfigInvalid

SECRET = "a-secret-of-some-length"


def with_environment(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Settings:
    """Return the settings with these variables set."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return load_settings()[0]


def test_the_defaults_send_nowhere_but_to_telegram():
    settings, warnings = load_settings()
    assert settings.telegram_api_url == "https://api.telegram.org"
    assert settings.notify_top == 3
    assert not settings.has_webhook
    assert not settings.notify_webhook_allow_private
    assert (settings.apprise_urls, settings.notify_plugins) == ({}, ())
    assert (settings.notify_secrets(), warnings) == ((), ())


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8081",
        "http://localhost:1/",
        "http://[::1]:8081",
        "https://bots.example.org/telegram/",
    ],
)
def test_another_address_of_the_bot_s_requests(monkeypatch, url):
    settings = with_environment(monkeypatch, TELEGRAM_API_URL=url)
    assert settings.telegram_api_url == url.rstrip("/")


@pytest.mark.parametrize(
    ("name", "value", "part"),
    [
        ("TELEGRAM_API_URL", "http://example.org", "clear text"),
        ("TELEGRAM_API_URL", "http://127.0.0.1.example.org", "clear text"),
        ("TELEGRAM_API_URL", "http://localhost.example.org", "clear text"),
        ("TELEGRAM_API_URL", "api.telegram.org", "no address"),
        ("TELEGRAM_API_URL", "ftp://api.telegram.org", "no address"),
        ("TELEGRAM_API_URL", "https://", "no address"),
        ("TELEGRAM_API_URL", "https://[::1", "no address"),
        ("TELEGRAM_API_URL", "https://host:port", "no address"),
        ("TELEGRAM_API_URL", "https://me:pw@host", "an address alone"),
        ("TELEGRAM_API_URL", "https://host/?a=b", "an address alone"),
        ("NOTIFY_TOP", "21", "20"),
        ("NOTIFY_TOP", "-1", "0"),
        ("NOTIFY_TOP", "some", "integer"),
        ("NOTIFY_WEBHOOK_URL", "example.org/hook", "no web address"),
        ("NOTIFY_WEBHOOK_URL", "mailto:me@example.org", "no web address"),
        ("NOTIFY_WEBHOOK_SECRET", "too short", "shorter than 16"),
        ("NOTIFY_APPRISE_URLS", "discord", "number 1 is no address"),
        ("NOTIFY_APPRISE_URLS", "a=discord://1/2 A=discord://3/4", "the name a occurs twice"),
        ("NOTIFY_PLUGINS", "pager, My Pager", "My, Pager"),
    ],
)
def test_an_impossible_value_is_refused_by_name(monkeypatch, name, value, part):
    with pytest.raises(ConfigInvalid, match=name) as caught:
        with_environment(monkeypatch, **{name: value})
    assert part in caught.value.what


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NOTIFY_WEBHOOK_URL", "hidden-word.example.org"),
        ("NOTIFY_WEBHOOK_SECRET", "hidden-word"),
        ("NOTIFY_APPRISE_URLS", "hidden-word"),
    ],
)
def test_a_refusal_does_not_repeat_a_secret(monkeypatch, name, value):
    with pytest.raises(ConfigInvalid) as caught:
        with_environment(monkeypatch, **{name: value})
    assert "hidden" not in f"{caught.value} {caught.value.__cause__}"


def test_addresses_of_apprise_are_named_or_get_a_name_of_their_scheme(monkeypatch):
    settings = with_environment(
        monkeypatch,
        NOTIFY_APPRISE_URLS="Desk=discord://1/2\nmailto://me:pw@example.org  discord://3/4 "
        "discord://5/6 json://host/?key=value",
    )
    assert settings.apprise_urls == {
        "desk": "discord://1/2",
        "mailto": "mailto://me:pw@example.org",
        "discord": "discord://3/4",
        "discord-2": "discord://5/6",
        "json": "json://host/?key=value",
    }


def test_what_is_secret_appears_nowhere_and_is_listed_for_the_log(monkeypatch):
    mail = "mailto://me:pass%40word-of-mail@example.org"
    discord = "discord://123456789012345678/token-of-the-webhook-1"
    settings = with_environment(
        monkeypatch,
        NOTIFY_WEBHOOK_URL="https://example.org/hidden-hook",
        NOTIFY_WEBHOOK_SECRET=SECRET,
        NOTIFY_APPRISE_URLS=f"{mail} {discord}",
    )
    shown = f"{settings!r} {settings}"
    secrets = settings.secrets()
    for text in ("hidden-hook", SECRET, "word-of-mail", "token-of-the-webhook-1"):
        assert text not in shown
        assert any(text in secret for secret in secrets)
    assert {SECRET, mail, discord, "pass@word-of-mail"} <= set(secrets)
    assert {"pass%40word-of-mail", "token-of-the-webhook-1"} <= set(secrets)


def test_a_webhook_without_a_secret_is_not_used_and_warned_about(monkeypatch):
    monkeypatch.setenv("NOTIFY_WEBHOOK_URL", "https://example.org/hook")
    settings, warnings = load_settings()
    assert not settings.has_webhook
    assert warnings == (
        "NOTIFY_WEBHOOK_URL is set but NOTIFY_WEBHOOK_SECRET is not: neither is used",
    )


def test_plug_ins_are_named_with_commas_or_blanks_each_once(monkeypatch):
    settings = with_environment(monkeypatch, NOTIFY_PLUGINS="pager, siren  pager")
    assert settings.notify_plugins == ("pager", "siren")
