"""The settings file keeps what a person wrote, and reads back what was put in."""

import io
import stat

import pytest
from dotenv import dotenv_values
from hypothesis import given
from hypothesis import strategies as st

from snipersight.bootstrap.first_steps_file import (
    EnvFile,
    changed_text,
    read_env_file,
    write_env_file,
)
from snipersight.domain.errors import ConfigInvalid, StateUnavailable

OLD = """# my own words
MAX_LEVERAGE=3   # careful
export OTHER_PROGRAM="a b"

telegram_bot_token=old
MAX_LEVERAGE=4
"""


def a_file(tmp_path, text: str | None = OLD) -> EnvFile:
    path = tmp_path / ".env"
    if text is not None:
        path.write_text(text)
    return read_env_file(path)


def test_other_lines_stay_and_the_last_of_several_is_changed(tmp_path):
    changes = {"MAX_LEVERAGE": "2", "LOG_LEVEL": "DEBUG"}
    assert changed_text(a_file(tmp_path), changes) == (
        "# my own words\n"
        'export OTHER_PROGRAM="a b"\n'
        "\n"
        "telegram_bot_token=old\n"
        "MAX_LEVERAGE=2\n"
        "LOG_LEVEL=DEBUG\n"
    )


def test_a_name_in_small_letters_is_the_same_name(tmp_path):
    file = a_file(tmp_path)
    assert file.values["TELEGRAM_BOT_TOKEN"] == "old"
    text = changed_text(file, {"TELEGRAM_BOT_TOKEN": "new"})
    assert "old" not in text


def test_a_file_without_a_last_line_break_is_gone_on_with(tmp_path):
    assert changed_text(a_file(tmp_path, "A=1"), {"LOG_LEVEL": "INFO"}) == "A=1\nLOG_LEVEL=INFO\n"


values = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=30
).map(str.strip)


@given(values)
def test_every_value_is_read_back_as_it_was_or_refused(value):
    file = EnvFile(path=None, text="A=1\n")  # type: ignore[arg-type]
    try:
        text = changed_text(file, {"DATABASE_URL": value})
    except ConfigInvalid:
        assert "${" in value
        return
    assert dotenv_values(stream=io.StringIO(text)) == {"A": "1", "DATABASE_URL": value}


def test_what_would_be_read_as_something_else_is_refused(tmp_path):
    with pytest.raises(ConfigInvalid, match="DATABASE_URL"):
        changed_text(a_file(tmp_path), {"DATABASE_URL": "x${HOME}"})


def test_a_new_file_is_private_and_so_is_its_folder(tmp_path):
    file = read_env_file(tmp_path / "home/.env")
    assert not file.exists
    write_env_file(file, {"MAX_LEVERAGE": "2"})
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.path.parent.stat().st_mode) == 0o700
    assert file.path.read_text().endswith("MAX_LEVERAGE=2\n")
    assert [one.name for one in file.path.parent.iterdir()] == [".env"]


def test_a_file_that_others_could_read_no_longer_can_be(tmp_path):
    file = a_file(tmp_path)
    file.path.chmod(0o644)
    write_env_file(file, {"LOG_LEVEL": "INFO"})
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600


def test_settings_that_contradict_each_other_leave_the_file_as_it_was(tmp_path):
    file = a_file(tmp_path, "MAX_LEVERAGE=3\n")
    with pytest.raises(ConfigInvalid, match="BINANCE_TESTNET"):
        write_env_file(file, {"EXECUTION_ENVIRONMENT": "live", "BINANCE_TESTNET": "true"})
    assert file.path.read_text() == "MAX_LEVERAGE=3\n"
    assert [one.name for one in tmp_path.iterdir()] == [".env"]


def test_a_file_that_changed_meanwhile_is_left_alone(tmp_path):
    file = a_file(tmp_path, "MAX_LEVERAGE=3\n")
    file.path.write_text("MAX_LEVERAGE=4\n")
    with pytest.raises(ConfigInvalid, match="changed by somebody else"):
        write_env_file(file, {"LOG_LEVEL": "INFO"})
    assert file.path.read_text() == "MAX_LEVERAGE=4\n"


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "real.env").write_text("MAX_LEVERAGE=3\n")
    (tmp_path / ".env").symlink_to("real.env")
    write_env_file(read_env_file(tmp_path / ".env"), {"MAX_LEVERAGE": "2"})
    assert (tmp_path / ".env").is_symlink()
    assert (tmp_path / "real.env").read_text() == "MAX_LEVERAGE=2\n"


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    file = EnvFile(path=tmp_path / "file/.env", text=None)
    with pytest.raises(StateUnavailable):
        write_env_file(file, {"LOG_LEVEL": "INFO"})
