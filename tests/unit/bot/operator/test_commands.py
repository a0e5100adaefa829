"""What people write is read, or it is no command; nothing they write does harm."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.bot.operator.commands import COMMANDS, commands_of, read_command
from snipersight.domain.commands import CommandKind
from snipersight.domain.people import Role

HOSTILE = st.text(max_size=300) | st.builds("/{} {}".format, st.text(max_size=40), st.text())


@given(HOSTILE)
def test_any_text_is_a_command_or_none(text):
    spoken = read_command(text)
    if spoken is not None:
        assert text.strip().startswith("/")
        assert spoken.name.isascii()
        assert all(word and not word.isspace() for word in spoken.words)


@given(st.sampled_from(COMMANDS), st.lists(st.from_regex(r"[A-Za-z0-9.]{1,10}", fullmatch=True)))
def test_the_words_that_follow_come_back(command, words):
    spoken = read_command(f"/{command.name.upper()}  {'  '.join(words)}")
    assert spoken is not None
    assert (spoken.command, spoken.words) == (command, tuple(words[:64]))


@pytest.mark.parametrize("text", ["", "/", "//status", "status", "/sta-tus", "/@bot", "/ status"])
def test_what_is_no_command_is_none(text):
    assert read_command(text) is None


def test_a_command_may_name_the_bot_it_is_for():
    spoken = read_command("/kill@My_Bot flatten")
    assert spoken is not None
    assert (spoken.name, spoken.addressee, spoken.words) == ("kill", "my_bot", ("flatten",))


def test_a_reason_keeps_its_lines():
    spoken = read_command("/pause news\nat noon")
    assert spoken is not None
    assert spoken.rest == "news\nat noon"


def test_an_unknown_command_is_read_and_means_nothing():
    spoken = read_command("/sell everything")
    assert spoken is not None
    assert spoken.command is None


def test_each_role_may_say_what_the_ones_before_it_may():
    viewer, trader, admin = (commands_of(role) for role in Role)
    assert set(viewer) < set(trader) < set(admin) == set(COMMANDS)


@pytest.mark.parametrize("name", ["took", "pause", "resume", "kill"])
def test_a_command_takes_the_role_of_what_it_does(name):
    (command,) = [one for one in COMMANDS if one.name == name]
    assert command.least_role is CommandKind(name).least_role


def test_telegram_takes_every_name_and_description():
    for command in COMMANDS:
        assert 1 <= len(command.name) <= 32
        assert 3 <= len(command.says) <= 256
