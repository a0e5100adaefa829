import pytest

from snipersight.bootstrap.settings import Settings, load_settings
from snipersight.domain.errors import ConfigInvalid

SECRET = "a-secret-of-some-length"
URL = "https://hooks.example.org/a-hidden-path"


def loaded(monkeypatch: pytest.MonkeyPatch, **variables: str) -> tuple[Settings, tuple[str, ...]]:
    """Return settings and warnings with these variables set."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return load_settings()


def test_by_default_events_go_to_the_file_alone():
    settings, warnings = load_settings()
    assert settings.event_exporters == ("jsonl",)
    assert (settings.events_secrets(), warnings) == ((), ())


@pytest.mark.parametrize(
    ("value", "names"),
    [("none", ()), ("", ("jsonl",)), (" pager , jsonl pager", ("pager", "jsonl"))],
)
def test_exporters_are_named_with_commas_or_blanks(monkeypatch, value, names):
    assert loaded(monkeypatch, EVENT_EXPORTERS=value)[0].event_exporters == names


@pytest.mark.parametrize(
    ("name", "value", "part"),
    [
        ("EVENT_EXPORTERS", "jsonl,audit:main", "audit:main is no name"),
        ("EVENT_EXPORTERS", "none,jsonl", "stands alone"),
        ("EVENT_EXPORTERS", "webhook", "EVENTS_WEBHOOK_URL and EVENTS_WEBHOOK_SECRET"),
        ("EVENT_EXPORTERS", "otlp", "OTLP_ENDPOINT"),
        ("EVENTS_WEBHOOK_URL", "hidden-word", "no web address"),
        ("EVENTS_WEBHOOK_URL", "https://hidden-word:x/", "no web address"),
        ("EVENTS_WEBHOOK_SECRET", "hidden-word", "shorter than 16"),
        ("OTLP_ENDPOINT", "hidden-word:4318", "no address of a collector"),
        ("OTLP_ENDPOINT", "https://[::1", "no address of a collector"),
        ("OTLP_ENDPOINT", "https://me:hidden-word@host", "must hold no password"),
    ],
)
def test_an_impossible_value_is_refused_by_name_and_shown_to_nobody(monkeypatch, name, value, part):
    with pytest.raises(ConfigInvalid, match=name) as caught:
        loaded(monkeypatch, **{name: value})
    assert part in caught.value.what
    assert "hidden-word" not in str(caught.value)


def test_a_complete_webhook_is_taken_and_its_values_are_secrets(monkeypatch):
    settings, warnings = loaded(
        monkeypatch,
        EVENT_EXPORTERS="jsonl,webhook,otlp",
        EVENTS_WEBHOOK_URL=URL,
        EVENTS_WEBHOOK_SECRET=SECRET,
        OTLP_ENDPOINT="http://127.0.0.1:4318",
    )
    assert settings.event_exporters == ("jsonl", "webhook", "otlp")
    assert {URL, SECRET} <= set(settings.secrets())
    assert URL not in repr(settings)
    assert warnings == ()


def test_addresses_that_nothing_goes_to_are_said(monkeypatch):
    _, warnings = loaded(
        monkeypatch,
        EVENTS_WEBHOOK_URL=URL,
        EVENTS_WEBHOOK_SECRET=SECRET,
        OTLP_ENDPOINT="http://127.0.0.1:4318",
    )
    assert [warning.split(" is set")[0] for warning in warnings] == [
        "EVENTS_WEBHOOK_URL",
        "OTLP_ENDPOINT",
    ]


def test_half_a_webhook_is_said(monkeypatch):
    _, warnings = loaded(monkeypatch, EVENTS_WEBHOOK_SECRET=SECRET)
    assert warnings == (
        "EVENTS_WEBHOOK_SECRET is set but EVENTS_WEBHOOK_URL is not: neither is used",
    )


def test_contradictions_of_limits_are_said_beside_those_of_exporters(monkeypatch):
    with pytest.raises(ConfigInvalid) as caught:
        loaded(monkeypatch, EVENT_EXPORTERS="otlp", MAX_RISK_PER_TRADE="0.9")
    assert "MAX_RISK_PER_TRADE" in caught.value.what
