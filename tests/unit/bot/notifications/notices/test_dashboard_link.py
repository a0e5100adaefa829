"""Messages lead to the dashboard where people can reach one, and only those who may."""

import pytest

from snipersight.bot.notifications.markup.markdown_entities import to_entities
from snipersight.bot.notifications.notices.dashboard_link import signal_url, with_link
from snipersight.bot.notifications.notices.rendering import render
from snipersight.domain.channels import Chat, ChatRole
from snipersight.domain.notices import PlainText, SignalEvent, SignalUpdate
from tests.builders.stored_notices import a_told_signal

PUBLIC_URL = "https://bot.example.org"
SIGNAL = a_told_signal()
UPDATE = SignalUpdate(signal=SIGNAL, event=SignalEvent.ENTERED, at_ms=1_717_761_600_000)
ADDRESS = f"{PUBLIC_URL}/signals/{SIGNAL.decision.plan.plan_id}?account={SIGNAL.account_id}"


@pytest.mark.parametrize("notice", [SIGNAL, UPDATE], ids=["signal", "update"])
def test_a_signal_and_what_became_of_it_link_to_its_page(notice, tmp_path):
    chat = Chat(channel="telegram", address="1")
    (message,) = render(notice, chat, pictures=tmp_path, at_us=0, public_url=PUBLIC_URL)
    links = [one.url for one in to_entities(message.markdown).entities if one.url]
    assert links == [ADDRESS]


def test_a_public_chat_is_not_told_where_the_dashboard_is(tmp_path):
    chat = Chat(channel="telegram", address="-100", role=ChatRole.PUBLIC)
    for message in render(SIGNAL, chat, pictures=tmp_path, at_us=0, public_url=PUBLIC_URL):
        assert "bot.example.org" not in message.markdown


def test_without_a_public_url_a_message_stays_as_it_is():
    assert with_link("text", SIGNAL, ChatRole.PRIVATE, public_url="") == "text"


def test_what_is_about_no_signal_links_nowhere():
    text = PlainText(markdown="text", title="a text")
    assert with_link("text", text, ChatRole.PRIVATE, public_url=PUBLIC_URL) == "text"


def test_a_hostile_plan_id_stays_within_its_part_of_the_address():
    url = signal_url(PUBLIC_URL, "../a?b#c>(d)", "a&b=c)")
    assert url == f"{PUBLIC_URL}/signals/..%2Fa%3Fb%23c%3E%28d%29?account=a%26b%3Dc%29"
