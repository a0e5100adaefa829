import json

import pytest

from snipersight.bot.notifications.channels.telegram_bodies import Form, bodies_of, forms_of
from snipersight.bot.notifications.markup.formatted_text import FormattedText
from snipersight.domain.channels import Button, Rendered

ROWS = ((Button(text="Approve", data="a:1:x"), Button(text="Reject", data="r:1:x")),)
CHART = "/charts/p.png"


def test_a_text_becomes_one_message_with_entities() -> None:
    message = Rendered(title="t", markdown="**a** [b](https://e.io)", is_silent=True)
    assert bodies_of(message) == (
        {
            "method": "sendMessage",
            "text": "a b",
            "entities": [
                {"type": "bold", "offset": 0, "length": 1},
                {"type": "text_link", "offset": 2, "length": 1, "url": "https://e.io"},
            ],
            "silent": True,
        },
    )


def test_a_long_text_under_a_picture_goes_on_in_messages() -> None:
    markdown = "\n\n".join(f"**{number}** " + "x" * 400 for number in range(20))
    first, *rest = bodies_of(Rendered(title="t", markdown=markdown, picture=CHART))
    assert (first["method"], first["photo"]) == ("sendPhoto", CHART)
    assert 512 < len(str(first["caption"])) <= 1024
    assert {body["method"] for body in rest} == {"sendMessage"}
    assert all(len(str(body["text"])) <= 4096 for body in rest)
    texts = [str(first["caption"]), *(str(body["text"]) for body in rest)]
    assert "\n\n".join(texts) == markdown.replace("**", "")


def test_a_message_in_which_nothing_is_seen_is_told_by_its_title() -> None:
    (body,) = bodies_of(Rendered(title="SniperSight", markdown=" \n"))
    assert body["text"] == "SniperSight"
    assert bodies_of(Rendered(title="", markdown="")) == ()


def test_forms_become_plainer_and_say_the_same() -> None:
    (body,) = bodies_of(Rendered(title="t", markdown="**a** b", picture=CHART))
    stored = json.loads(json.dumps(body))
    photo, text, plain = forms_of(stored)
    assert photo == Form(content=text.content, photo=CHART)
    assert len(text.content.entities) == 1
    assert plain == Form(content=FormattedText(text="a b"))


@pytest.mark.parametrize("picture", [None, CHART])
@pytest.mark.parametrize("length", [1, 9_000])
def test_buttons_are_under_the_last_message_in_each_of_its_forms(length, picture) -> None:
    text = "**a** " + "x" * length
    *others, last = bodies_of(Rendered(title="t", markdown=text, picture=picture, buttons=ROWS))
    assert bool(others) is (length > 4096)
    assert all("buttons" not in body for body in others)
    stored = json.loads(json.dumps(last))
    assert {form.buttons for form in forms_of(stored)} == {ROWS}
    assert {form.buttons for body in others for form in forms_of(body)} <= {()}


@pytest.mark.parametrize(
    "buttons", ["Approve", ["Approve"], [["Approve"]], [[{"text": "Approve"}]], [[{"data": "a"}]]]
)
def test_buttons_that_are_none_are_refused(buttons) -> None:
    with pytest.raises(ValueError, match=r"button|No text"):
        forms_of({"method": "sendMessage", "text": "a", "buttons": buttons})


def test_a_text_without_format_has_one_form() -> None:
    (body,) = bodies_of(Rendered(title="t", markdown="a b", is_silent=True))
    assert forms_of(body) == (Form(content=FormattedText(text="a b"), is_silent=True),)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"method": "sendDice"},
        {"method": "sendMessage"},
        {"method": "sendMessage", "text": 1},
        {"method": "sendPhoto", "caption": "a", "photo": 5},
        {"method": "sendMessage", "text": "a", "entities": "bold"},
        {"method": "sendMessage", "text": "a", "entities": ["bold"]},
        {"method": "sendMessage", "text": "a", "entities": [{"type": "huge"}]},
        {"method": "sendMessage", "text": "a", "entities": [{"type": "bold", "offset": "0"}]},
        {
            "method": "sendMessage",
            "text": "a",
            "entities": [{"type": "bold", "offset": 0, "length": 2}],
        },
    ],
)
def test_what_is_no_body_of_ours_is_refused(body: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        forms_of(body)
