"""Links of entities and buttons."""

import pytest

from snipersight.sandbox.telegram.links import (
    checked_link,
    emoji_of_link,
    time_of_link,
    user_of_link,
)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("example.org", "http://example.org/"),
        ("HTTPS://Example.ORG/Path?a=B", "https://example.org/Path?a=B"),
        ("http://me@example.org:81?x", "http://me@example.org:81/?x"),
        ("tg://resolve?domain=x", "tg://resolve?domain=x"),
        ("TG:resolve?domain=x", "tg://resolve?domain=x"),
    ],
)
def test_a_link_is_kept_with_its_scheme_and_path(written, kept):
    assert checked_link(written) == kept


@pytest.mark.parametrize(
    "written",
    ["", "word", "ftp://example.org", "javascript:alert(1)", "javascript://example.org/%0aalert(1)",
     "data:text/html,x", "http://", "http://a b.org", "http://example.org:x", "file:///etc/passwd"],
)  # fmt: skip
def test_what_is_no_link_to_a_host_gives_none(written):
    assert checked_link(written) == ""


def test_inner_links_name_a_user_an_emoji_and_a_time():
    assert user_of_link("tg://user?id=77") == "77"
    assert user_of_link("https://user?id=77") == ""
    assert emoji_of_link("TG://Emoji/?id=5") == "5"
    assert emoji_of_link("tg://emoji?id=05") == ""
    assert time_of_link("tg://time?unix=9&format=R") == ("9", "R")
    assert time_of_link("tg://times?unix=9") == ("", "")
